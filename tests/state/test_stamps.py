from collections.abc import Callable
from pathlib import Path

import pytest

from context_sync.domain.messages import Message
from context_sync.state import gate, mailbox, sessions, stamps
from context_sync.state.mailbox import Mark
from tests.rehearse import Client

MakeClient = Callable[..., Client]

ONE, TWO = "one", "two"


@pytest.fixture
def clients(client: MakeClient) -> dict[str, Client]:
    made = {name: client(session=name) for name in (ONE, TWO)}
    for each in made.values():
        each.start()
    return made


HAPPENINGS = [
    pytest.param(lambda made, _: made[ONE].prompt(), "session", id="a prompt"),
    pytest.param(lambda made, _: made[ONE].stop(), "session", id="the end of a turn"),
    pytest.param(
        lambda made, _: made[ONE].event("SessionStart", source="resume", session_title="x"), "session", id="a name"
    ),
    pytest.param(lambda made, folder: made[ONE].edit(folder / "calc.py", "a + b", "b + a"), "edits", id="an edit"),
    pytest.param(lambda *_: gate.notify(ONE, TWO), "edits", id="a call"),
]


@pytest.mark.parametrize(("happen", "seen"), HAPPENINGS)
def test_what_happens_to_a_session_changes_its_stamp_and_no_others(
    clients: dict[str, Client], project: Path, happen: Callable[..., object], seen: str
):
    look = {"session": stamps.of_session, "edits": stamps.of_edits}[seen]
    before = look(ONE), look(TWO), stamps.of_mail()
    happen(clients, project)
    assert look(ONE) != before[0]
    assert (look(TWO), stamps.of_mail()) == before[1:]


@pytest.mark.usefixtures("clients")
def test_nothing_changes_while_nothing_happens():
    looks = [[stamps.of_session(ONE), stamps.of_edits(ONE), stamps.of_mail()] for _ in range(2)]
    assert looks[0] == looks[1]
    assert sessions.load(ONE)
    assert [stamps.of_session(ONE), stamps.of_edits(ONE), stamps.of_mail()] == looks[0]


def test_a_session_that_is_not_there_has_a_stamp():
    assert set(stamps.of_session("nobody") + stamps.of_edits("nobody")) == {0}


def test_every_step_of_a_message_changes_the_stamp_of_the_mail():
    found = [stamps.of_mail()]
    mailbox.store(message("a", 1.0))
    found.append(stamps.of_mail())
    (delivery,) = mailbox.unread("box")
    mailbox.note(delivery, Mark("injected", 2.0))
    found.append(stamps.of_mail())
    mailbox.archive(delivery)
    found.append(stamps.of_mail())
    assert len(set(found)) == 4


def test_the_latest_messages_are_those_of_all_mailboxes_read_or_not():
    for number, box in enumerate(["box", "other", "box", "other"]):
        mailbox.store(message("abcd"[number], float(number), box))
    mailbox.archive(next(mailbox.unread("other")))
    assert [each.message.id[0] for each in mailbox.latest(3)] == ["b", "c", "d"]
    assert [each.is_unread for each in mailbox.latest(3)] == [False, True, True]
    assert mailbox.latest(9)[0].message.id == message("a", 0.0).id


def message(letter: str, at: float, to: str = "box") -> Message:
    return Message(letter * 10, at, "someone", "someone", "", to, to, "hello")
