"""Weeks of work in no time: sessions start, write all there is to write and end, and the folder is swept daily."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from context_sync import paths
from context_sync.domain.edit_history import Event
from context_sync.domain.messages import Message, identifier
from context_sync.domain.records import Session, Symbol, Touch
from context_sync.state import (
    baselines,
    files,
    gate,
    mailbox,
    positions,
    processes,
    repositories,
    retention,
    sessions,
    summaries,
    touches,
)
from context_sync.state.mailbox import Mark

DAY = 86_400.0  # seconds
REPOSITORY, WORKTREE = "/somewhere/project/.git", "/somewhere/project"
EDITS = 20  # of a session in a day
LASTING = "lasting"  # the session that lives through it all


def pass_by(days: int, sessions_a_day: int, kept: int) -> Iterator[int]:
    """Live through so many days, and yield the size of the state folder in bytes after the sweep of each.

    What the lasting session keeps of itself is left out.
    """
    begin = time.time() - days * DAY
    for day in range(days):
        with _at(begin + day * DAY):
            _work(LASTING, day)
            for number in range(sessions_a_day):
                _work(f"day-{day}-{number}", day)
                _end(f"day-{day}-{number}")
            _date(time.time())
        with _at(begin + (day + 0.5) * DAY):
            retention.sweep(kept)
        yield _size()


@contextmanager
def _at(moment: float) -> Iterator[None]:
    """Have the clock go on from a moment; nobody else writes meanwhile."""
    real = time.time
    shift = moment - real()
    with patch.object(time, "time", lambda: real() + shift), patch.object(files, "GRACE", 0.0):
        yield


def _work(session_id: str, day: int) -> None:
    now = time.time()
    is_lasting = session_id == LASTING
    pid = os.getpid() if is_lasting else 0
    started = processes.start_of(pid) if pid else ""
    sessions.save(
        Session(
            id=session_id,
            name=session_id,
            named_by="place",
            pid=pid,
            pid_start=started,
            cwd=WORKTREE,
            repository=REPOSITORY,
            worktree=WORKTREE,
            branch="main",
            transcript="",
            entrypoint="cli",
            started=now,
            last_seen=now,
            ended=0.0,
        )
    )
    for number in range(EDITS):
        path = f"src/file{number}.py"
        symbols = (Symbol(f"function{number}", "function", 1, 9),)
        used = f"toolu_{session_id}_{day}_{number}"
        made = touches.append([Touch(now, session_id, "Edit", REPOSITORY, WORKTREE, path, symbols, "0" * 64, "", used)])
        repositories.hold(session_id, REPOSITORY, path)
        touches.note(session_id, [Event("committed", now + 1, (made[0].id,))])
        baselines.write(f"{WORKTREE}-{day}", path, baselines.Known("0" * 64, {}))
    files.append_lines(files.path("alerts", f"{session_id}.jsonl"), [{"at": now, "theirs": LASTING}])
    positions.write(session_id, {"/t": 1})
    summaries.save(session_id, {"text": "x" * 500})
    _write_letter(session_id, now)


def _write_letter(session_id: str, now: float) -> None:
    letter = Message(identifier(os.urandom(10)), now, session_id, "", "", LASTING, "", "The tests pass. " * 10)
    mailbox.store(letter)
    for each in mailbox.unread(LASTING):
        mailbox.archive(mailbox.note(each, Mark("read", now)))


def _end(session_id: str) -> None:
    found = sessions.load(session_id)
    assert found
    sessions.end(found, time.time())


def _date(now: float) -> None:
    """Give what was written just now the time that it is meant to be."""
    for path in Path(paths.state_folder()).rglob("*"):
        if path.is_file() and path.stat().st_mtime > now + DAY / 2:
            os.utime(path, (now, now))
    os.utime(files.path("gate", LASTING, "seen"), (now, now))
    assert gate.last_seen(LASTING) == now


def _size() -> int:
    found = [path for path in Path(paths.state_folder()).rglob("*") if path.is_file() and path.stem != LASTING]
    return sum(path.stat().st_size + 64 for path in found)
