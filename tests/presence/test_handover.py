import contextlib
import json
import os
import time
from collections.abc import Callable, Iterator

import pytest

from context_sync.domain.messages import ID_LENGTH, LETTERS, Message
from context_sync.domain.records import Session
from context_sync.presence import handover, identity
from context_sync.state import files, mailbox, processes, seats, sessions
from tests.rehearse import Client, state

MakeClient = Callable[..., Client]
HERE, ELSEWHERE = ("here", "elsewhere")


def session(name: str, seat: str = HERE, ended: float = 1.0) -> Session:
    """A session in a process of that start; it ended, if nothing else is said."""
    made = Session(
        id=name,
        name=name,
        named_by="place",
        pid=7,
        pid_start=seat,
        cwd="/somewhere",
        repository="/somewhere",
        worktree="/somewhere",
        branch="",
        transcript="",
        entrypoint="cli",
        started=1.0,
        last_seen=1.0,
        ended=ended,
        pid_space=processes.space(),
    )
    sessions.save(made)
    if ended:
        sessions.end(made, ended)
    return made


def letter(number: int, to: str) -> Message:
    return Message(LETTERS[number] * ID_LENGTH, time.time(), "sender", "sender", "", to, to, f"letter {number}")


def unread(box: str) -> list[str]:
    return [each.message.text for each in mailbox.unread(box)]


def clear(before: Session, name: str) -> Session:
    """End a session by `/clear`, and begin another one in its seat, as both hooks do."""
    seats.clear(before)
    after = session(name, before.pid_start)
    handover.complete(after, "clear")
    return after


def resume(name: str, seat: str) -> Session:
    """Bring a session back in the process with that start, as the hook does."""
    known = sessions.load(name)
    assert known
    handover.take_back(known)
    back = known._replace(pid_start=seat)
    handover.complete(back, "resume")
    sessions.save(back)
    return back


@pytest.fixture
def first() -> Session:
    return session("first")


def test_unread_mail_goes_to_who_sits_in_the_seat_and_read_mail_stays(first: Session):
    for number in range(2):
        mailbox.store(letter(number, "first"))
    mailbox.archive(next(mailbox.unread("first")))
    second = clear(first, "second")

    assert [each.message.text for each in mailbox.everything("first")] == ["letter 0"]
    assert unread("second") == ["letter 1"]
    assert handover.recipient(first.id) == second.id
    assert mailbox.store(letter(2, "first")) == "second"
    assert unread("second") == ["letter 1", "letter 2"]


def test_after_many_clears_there_is_one_step_to_who_sits_there(first: Session):
    mailbox.store(letter(0, "first"))
    last = clear(clear(clear(first, "second"), "third"), "fourth")

    assert seats.follower(first.id) == "fourth"
    assert handover.recipient(first.id) == last.id
    assert unread("fourth") == ["letter 0"]
    assert mailbox.store(letter(1, "first")) == "fourth"
    assert mailbox.store(letter(2, "second")) == "fourth"


def test_who_follows_in_another_process_gets_nothing(first: Session):
    mailbox.store(letter(0, "first"))
    seats.clear(first)
    handover.complete(session("stranger", ELSEWHERE), "clear")

    assert unread("first") == ["letter 0"]
    assert handover.recipient(first.id) == first.id


def test_who_was_cleared_and_has_no_process_keeps_its_mail():
    unseen = session("unseen", "")
    mailbox.store(letter(0, "unseen"))
    clear(unseen, "second")
    assert unread("unseen") == ["letter 0"]
    assert not state("seats").exists()


@pytest.mark.parametrize(
    "seat", [pytest.param(ELSEWHERE, id="in another process"), pytest.param(HERE, id="in its own")]
)
def test_who_is_back_gets_its_own_mail_back_and_no_more(first: Session, seat: str):
    mailbox.store(letter(0, "first"))
    mailbox.store(letter(1, "first"))
    clear(first, "second")
    mailbox.note(next(mailbox.unread("second")), mailbox.Mark("injected", 1.0))  # the other one was given it
    mailbox.store(letter(2, "second"))
    clear(session("second"), "third")
    back = resume("first", seat)

    assert unread("first") == ["letter 1"]
    assert unread("third") == ["letter 0", "letter 2"]
    assert handover.recipient(back.id) == back.id
    assert mailbox.store(letter(3, "first")) == "first"


def test_the_mail_of_who_is_back_elsewhere_does_not_go_to_the_next_in_its_old_seat(first: Session):
    second = clear(first, "second")
    resume("first", ELSEWHERE)
    mailbox.store(letter(0, "first"))
    clear(second, "third")

    assert unread("first") == ["letter 0"]


def test_who_is_back_in_the_seat_by_resume_gets_what_is_sent_to_who_was_cleared_there(first: Session):
    clear(first, "second")
    session("other", ELSEWHERE)
    resume("other", HERE)

    assert mailbox.store(letter(0, "first")) == "other"


def test_who_was_cleared_and_resumed_and_left_without_a_clear_keeps_its_mail(first: Session):
    clear(first, "second")
    resume("first", HERE)
    resume("second", HERE)

    assert mailbox.store(letter(0, "first")) == "first"


def test_one_that_follows_elsewhere_is_followed(first: Session):
    clear(first, "second")
    third = clear(resume("second", ELSEWHERE), "third")

    assert handover.recipient(first.id) == third.id


def test_sessions_that_follow_each_other_in_a_circle_end_the_search(first: Session):
    other = session("other", ELSEWHERE)
    for before, after in ((first, other), (other, first)):
        seats.clear(before)
        seats.sit(before._replace(id=after.id))

    assert handover.recipient(first.id) == other.id
    assert mailbox.store(letter(0, "first")) == "other"


def test_who_has_only_begun_and_is_not_known_yet_is_sent_nothing_and_handed_everything(first: Session):
    seats.clear(first)
    seats.sit(first._replace(id="unborn"))

    assert handover.recipient(first.id) == first.id
    assert mailbox.store(letter(0, "first")) == "unborn"


def test_a_successor_of_the_first_version_is_followed_until_who_it_was_noted_for_is_back(first: Session):
    second = session("second")
    files.write_json(files.path("mail", "first", "successor"), {"session": "second", "heirs": ["second"]})
    assert handover.recipient(first.id) == second.id
    assert mailbox.store(letter(0, "first")) == "second"

    back = resume("first", ELSEWHERE)
    assert handover.recipient(back.id) == back.id
    assert unread("first") == ["letter 0"]
    assert not state("mail", "first", "successor").exists()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"{", id="cut"),
        pytest.param(b"[]", id="no object"),
        pytest.param(b'{"session": "../x"}', id="a path"),
        pytest.param(b'{"heirs": ["second"]}', id="nobody any more"),
    ],
)
def test_a_successor_of_the_first_version_that_makes_no_sense_is_nobody(first: Session, content: bytes):
    files.write_bytes(files.path("mail", "first", "successor"), content)
    assert handover.recipient(first.id) == first.id


def test_lines_of_a_seat_that_make_no_sense_are_left_out(first: Session):
    clear(first, "second")
    [file] = state("seats").iterdir()
    with file.open("a") as stream:
        stream.write('{"session": "../../x"}\n[]\n{"cleared": 1}\n{"session": "thi')
    assert seats.follower(first.id) == "second"
    clear(session("second"), "third")
    assert seats.follower(first.id) == "third"
    assert [json.loads(line) for line in file.read_text().splitlines()[-2:]] == [
        {"cleared": "second"},
        {"session": "third"},
    ]


STEPS = (
    (os, "rename"),
    (files, "append_lines"),
    (files, "names"),
    (files, "read_json"),
    (files, "read_lines"),
    (files, "remove"),
)


def between(monkeypatch: pytest.MonkeyPatch, step: int, happens: Callable[[], object]) -> None:
    """Have something happen right before the given access to the files that is made from now on."""
    left = [step]

    def watched(real: Callable[..., object]) -> Callable[..., object]:
        def access(*arguments: object) -> object:
            left[0] -= 1
            if left[0] == -1:
                happens()
            return real(*arguments)

        return access

    for module, name in STEPS:
        monkeypatch.setattr(module, name, watched(getattr(module, name)))


@pytest.mark.parametrize("step", range(12))
@pytest.mark.parametrize("begins", ["the sender", "the next session"])
def test_a_message_sent_while_its_receiver_is_cleared_is_there_once(
    monkeypatch: pytest.MonkeyPatch, first: Session, begins: str, step: int
):
    mailbox.store(letter(0, "first"))
    seats.clear(first)
    second = session("second")
    happened = []

    def send() -> None:
        happened.append("sent")
        mailbox.store(letter(1, "first"))

    def follow() -> None:
        happened.append("followed")
        handover.complete(second, "clear")

    one, other = (send, follow) if begins == "the sender" else (follow, send)
    with monkeypatch.context() as patched:
        between(patched, step, other)
        one()
    if len(happened) == 1:
        other()
    assert sorted(unread("second")) == ["letter 0", "letter 1"]
    assert mailbox.unread_names("first") == []


@pytest.fixture
def dying(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], contextlib.AbstractContextManager[None]]:
    """Have the process die right before an access to the files."""

    def die() -> None:
        raise InterruptedError

    @contextlib.contextmanager
    def at(step: int) -> Iterator[None]:
        with monkeypatch.context() as patched, contextlib.suppress(InterruptedError):
            between(patched, step, die)
            yield

    return at


@pytest.mark.parametrize("step", range(12))
def test_who_follows_and_is_killed_on_the_way_gets_the_rest_at_its_next_event(first: Session, dying, step: int):
    for number in range(2):
        mailbox.store(letter(number, "first"))
    seats.clear(first)
    second = session("second")
    with dying(step):
        handover.complete(second, "clear")
    handover.complete(second, "")
    assert unread("second") == ["letter 0", "letter 1"]
    assert handover.recipient(first.id) == second.id


@pytest.mark.parametrize("step", range(16))
def test_who_is_back_and_is_killed_on_the_way_gets_the_rest_at_its_next_event(first: Session, dying, step: int):
    for number in range(2):
        mailbox.store(letter(number, "first"))
    clear(first, "second")
    with dying(step):
        resume("first", ELSEWHERE)
    resume("first", ELSEWHERE)
    assert unread("first") == ["letter 0", "letter 1"]
    assert unread("second") == []


def test_the_server_of_a_session_that_was_cleared_serves_the_one_that_followed(
    client: MakeClient, monkeypatch: pytest.MonkeyPatch
):
    one = client()
    one.start()
    monkeypatch.setenv("CLAUDE_CODE_SESSION_ID", one.session)
    assert identity.served() == one.session

    one.end("clear")
    after = client(process=one.process)
    after.start("clear")
    assert identity.served() == after.session


def test_a_process_that_serves_nobody_says_so(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("CLAUDE_CODE_SESSION_ID", raising=False)
    assert identity.served() == ""
    monkeypatch.setenv("CLAUDE_CODE_SESSION_ID", "never-seen")
    assert identity.served() == ""
