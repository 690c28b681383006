import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from context_sync.domain.messages import ID_LENGTH, LETTERS, Message
from context_sync.domain.records import Session, Symbol, Touch
from context_sync.state import (
    baselines,
    files,
    gate,
    mailbox,
    name_index,
    positions,
    processes,
    repositories,
    retention,
    seats,
    sessions,
    summaries,
    touches,
)
from context_sync.state.mailbox import Mark
from context_sync.state.name_index import Entry
from tests.rehearse import Client, state
from tests.settling import settle

MakeClient = Callable[..., Client]
DAY = 86_400.0
REPOSITORY = "/somewhere/project/.git"


def presence(session_id: str, ended: float = 0.0, pid: int = 0) -> Session:
    """A session that ended so many days ago, or lives on."""
    at = time.time() - ended * DAY
    return Session(
        id=session_id,
        name=session_id,
        named_by="place",
        pid=pid,
        pid_start=processes.start_of(pid) if pid == os.getpid() else "gone" if pid else "",
        cwd="/somewhere/project",
        repository=REPOSITORY,
        worktree="/somewhere/project",
        branch="main",
        transcript="",
        entrypoint="cli",
        started=at - 1,
        last_seen=at,
        ended=at if ended else 0.0,
    )


def known(session_id: str, ended: float = 0.0, pid: int = 0) -> Session:
    """A session of which there is everything that there can be."""
    session = presence(session_id, ended, pid)
    sessions.save(session)
    touches.append([touch(session_id, "calc.py", time.time() - ended * DAY)])
    repositories.hold(session_id, REPOSITORY, "calc.py")
    context_of(session_id, "other", "calc.py", 1.0)
    positions.write(session_id, {"/t": 1})
    summaries.save(session_id, {"text": "x"})
    index(session_id)
    if ended:
        sessions.end(session, session.ended)
        age(ended)
    return session


def index(session_id: str) -> None:
    update = name_index.missing(session_id)
    assert update
    name_index.write(session_id, update, {place: Entry(b"", b"") for place in update.places})


def touch(session_id: str, path: str, at: float) -> Touch:
    symbols = (Symbol("add", "function", 1, 2),)
    worktree = "/somewhere/project"
    return Touch(at, session_id, "Edit", REPOSITORY, worktree, path, symbols, "0" * 64, "", f"toolu_{at}")


def context_of(session_id: str, theirs: str, path: str, at: float, *dependency: str) -> None:
    context = {"theirs": theirs, "place": [REPOSITORY, path, *dependency], "level": "symbol", "symbols": ["add"]}
    files.append_lines(files.path("alerts", f"{session_id}.jsonl"), [{"at": at, "theirs_at": at, **context}])


def age(days: float) -> None:
    """Make every file that was written just now as old as that."""
    for file in state().rglob("*"):
        if file.is_file() and time.time() - file.stat().st_mtime < DAY / 2:
            os.utime(file, (time.time() - days * DAY,) * 2)


def letter(to: str, number: int = 0, sender: str = "sender") -> None:
    mailbox.store(Message(LETTERS[number] * ID_LENGTH, time.time(), sender, "", "", to, "", f"text {number}"))


def of(session_id: str) -> set[str]:
    """What there is of a session."""
    return {str(path.relative_to(state())) for path in state().rglob("*") if session_id in path.name}


@pytest.mark.parametrize(
    ("ended", "kept"),
    [
        pytest.param(0.0, True, id="alive"),
        pytest.param(1.0, True, id="ended yesterday"),
        pytest.param(13.9, True, id="ended almost two weeks ago"),
        pytest.param(14.1, False, id="ended over two weeks ago"),
    ],
)
def test_what_is_of_a_session_lives_as_long_as_it_and_two_weeks(ended: float, kept: bool):
    known("mine", ended, os.getpid())
    before = of("mine")
    retention.sweep(14)
    assert of("mine") == (before if kept else set())


def test_a_client_that_died_long_ago_ended_with_its_last_event():
    known("ghost", pid=2**22 + 1)
    age(20)
    files.write_json(
        files.path("sessions", "ghost.json"), presence("ghost", 0.0, 2**22 + 1)._asdict() | {"last_seen": 1.0}
    )
    retention.sweep(14)
    assert of("ghost") == set()


def test_unread_mail_is_kept_with_all_that_it_takes_to_tell_it():
    known("away", 400)
    letter("away")
    age(400)
    retention.sweep(14)
    assert [each.message.text for each in mailbox.unread("away")] == ["text 0"]
    assert sessions.load("away")


def test_mail_that_was_read_is_kept_as_long_as_anything_else():
    known("mine", 0.0, os.getpid())
    for number in range(3):
        letter("mine", number)
    first, second, _ = mailbox.unread("mine")
    for each, days in ((first, 20), (second, 10)):
        mailbox.archive(mailbox.note(each, Mark("read", time.time())))
        file = state("mail", "mine", "cur", Path(each.file).name)
        os.utime(file, (time.time() - days * DAY,) * 2)
    retention.sweep(14)
    assert [each.message.text for each in mailbox.everything("mine")] == ["text 1", "text 2"]


def test_what_was_sent_long_ago_is_forgotten_by_the_line():
    for at in (time.time() - 20 * DAY, time.time() - DAY):
        files.append_lines(files.path("mail", "user", "sent.jsonl"), [{"id": "x", "to": "mine", "at": at}])
    retention.sweep(14)
    assert len(mailbox.sent_entries("user")) == 1


def test_a_seat_is_forgotten_when_nobody_was_cleared_there_lately():
    for name, pid in (("first", 1), ("second", 2)):
        seats.clear(presence(name, 1.0, pid))
        if name == "first":
            age(20)
    retention.sweep(14)
    [kept] = state("seats").iterdir()
    assert "second" in kept.read_text()


def test_a_mailbox_of_nobody_goes_with_its_last_message():
    letter("nobody")
    (delivery,) = mailbox.unread("nobody")
    mailbox.archive(delivery)
    age(20)
    retention.sweep(14)
    assert mailbox.boxes() == []


@pytest.mark.parametrize("box", ["mine", "user"])
def test_a_folder_that_a_sender_is_about_to_write_to_stays(box: str):
    sessions.save(presence("mine", 0.0, os.getpid()))
    state("mail", box, "new").mkdir(parents=True)
    retention.sweep(14)
    assert state("mail", box, "new").is_dir()


def test_of_a_session_that_lives_on_only_what_is_settled_is_forgotten():
    sessions.save(presence("mine", 0.0, os.getpid()))
    now = time.time()
    old = [touch("mine", path, now - 30 * DAY) for path in ("settled.py", "open.py")]
    touches.append([*old, touch("mine", "settled.py", now - DAY), touch("mine", "new.py", now)])
    settle("mine", "settled.py")
    retention.sweep(14)
    history = touches.read("mine")
    assert [(each.path, history.is_settled(each)) for each in history.touches] == [
        ("open.py", False),
        ("settled.py", True),
        ("new.py", False),
    ]


@pytest.mark.parametrize(("days", "kept"), [(30, False), (1, True)], ids=["compacted", "as it was"])
def test_an_index_is_forgotten_with_the_touch_file_that_it_is_of(days: int, kept: bool):
    sessions.save(presence("mine", 0.0, os.getpid()))
    touches.append([touch("mine", "settled.py", time.time() - days * DAY)])
    settle("mine", "settled.py")
    index("mine")
    retention.sweep(14)
    assert ("names/mine" in of("mine")) == kept


def test_what_is_written_while_a_file_is_compacted_stays(monkeypatch: pytest.MonkeyPatch):
    file = files.path("touches", "mine.jsonl")
    files.append_lines(file, [{"number": 1}, {"number": 2}])
    slow = os.open(file, os.O_WRONLY | os.O_APPEND)
    monkeypatch.setattr(time, "sleep", lambda _: os.write(slow, b'{"number": 3}\n'))
    files.rewrite_lines(file, lambda line: line["number"] != 1)
    os.close(slow)
    assert [line["number"] for line in files.read_lines(file)] == [2, 3]


def test_what_repositories_tell_of_the_dead_is_removed():
    known("mine", 0.0, os.getpid())
    for name in ("members", "holders", "held/gone.py"):
        folder = next(state("repositories").iterdir()) / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "dead").touch()
    retention.sweep(14)
    assert of("dead") == set()
    assert repositories.members(REPOSITORY) == ["mine"]
    assert repositories.holders(REPOSITORY, "calc.py") == ["mine"]
    assert list(state("repositories").glob("*/held/*")) == list(state("repositories").glob("*/held/calc.py"))


def test_what_killed_processes_left_behind_is_removed_and_backups_never():
    baselines.write("/somewhere/old", "calc.py", baselines.Known("0", {}))
    for name in (
        "sessions/a.json.17.tmp",
        "mail/b/tmp/c.jsonl",
        "positions/d.json.broken",
        "backups/settings.json.before",
    ):
        state(name).parent.mkdir(parents=True, exist_ok=True)
        state(name).touch()
    age(20)
    baselines.write("/somewhere/new", "calc.py", baselines.Known("0", {}))
    retention.sweep(14)
    left = {str(path.relative_to(state())).split("/")[0] for path in state().rglob("*") if path.is_file()}
    assert left == {"backups", "fingerprints", "swept"}
    assert baselines.read("/somewhere/new", "calc.py")
    assert baselines.read("/somewhere/old", "calc.py") is None


@pytest.mark.parametrize(("ago", "due"), [(0.0, False), (0.9, False), (1.1, True), (-0.5, True)])
def test_it_is_done_once_a_day(ago: float, due: bool):
    assert gate.is_sweep_due()
    retention.sweep(14)
    os.utime(state("swept"), (time.time() - ago * DAY,) * 2)
    assert gate.is_sweep_due() == due


def test_a_recorder_does_it_when_it_is_due(client: MakeClient):
    known("past", 20)
    someone = client()
    someone.start()
    someone.bash("true")
    assert of("past") == set()
    known("past", 20)
    gate.swept()
    someone.bash("true")
    assert of("past")


def test_of_what_the_living_were_shown_that_stays_which_they_may_be_reported_again():
    for name in ("mine", "other"):
        sessions.save(presence(name, 0.0, os.getpid()))
    now = time.time()
    touches.append([touch("mine", path, now - 30 * DAY) for path in ("open.py", "used.py")])
    for theirs, path, at, *dependency in (
        ("other", "open.py", 20),
        ("other", "uses.py", 20, "theirs", "used.py", "add"),
        ("other", "gone.py", 20),
        ("other", "gone.py", 10),
        ("nobody", "open.py", 20),
    ):
        context_of("mine", theirs, path, now - at * DAY, *dependency)
    files.append_lines(files.path("alerts", "mine.jsonl"), [{"at": now}])
    retention.sweep(14)
    left = [(line["theirs"], line["place"][1]) for line in files.read_lines(files.path("alerts", "mine.jsonl"))]
    assert left == [("other", "open.py"), ("other", "uses.py"), ("other", "gone.py")]


def test_what_settled_is_forgotten_with_what_it_settled():
    sessions.save(presence("mine", 0.0, os.getpid()))
    now = time.time()
    for day in range(30, 0, -1):
        for path in (f"{day}.py", "hot.py"):
            at = now - (day - 0.5) * DAY
            touches.append([touch("mine", path, at)])
            settle("mine", path)
    retention.sweep(14)
    lines = list(files.read_lines(files.path("touches", "mine.jsonl")))
    assert [line["event"] for line in lines] == ["edited", "committed"] * 28
    history = touches.read("mine")
    assert len(history.touches) == 28
    assert all(map(history.is_settled, history.touches))
