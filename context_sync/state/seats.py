"""Seats: which session sits in a process of Claude Code, and which ones `/clear` ended there.

`/clear` ends a session and begins another one in the same process: the seat stays, and so does whoever writes to it.
`seats/<pid>.<start>.<space>.jsonl` has a line for each session that `/clear` ended in that process and one for each
that sat down after it. Lines are only appended: a killed process leaves nothing half done. A seat
has a file from its first `/clear` on. Version 0.1 noted the next session in `mail/<id>/successor` instead.
"""

from __future__ import annotations

import os

from context_sync.domain.records import is_session_id
from context_sync.hotpath.namedtuples import TYPE_CHECKING
from context_sync.state import files, sessions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from context_sync.domain.records import Session


def clear(session: Session) -> None:
    """Note that `/clear` ended the session in its seat."""
    if session.pid_start:
        files.append_lines(_file(session), [{"cleared": session.id}])


def sit(session: Session, cleared: Iterable[str] = ()) -> list[str]:
    """Note that the session sits in its seat, after `cleared` were ended there; return all that were.

    Done again it changes nothing. A session that sits down again is not one of the cleared any more.
    """
    files.remove(_of_first_version(session.id))
    where = _file(session)
    lines = [{"cleared": each} for each in cleared]
    if not session.pid_start or not (lines or os.path.exists(where)):
        return []
    if lines or _read(where)[0] != session.id:
        files.append_lines(where, [*lines, {"session": session.id}])
    return _read(where)[1]


def follower(session_id: str) -> str:
    """Return who sits where `/clear` ended the session, "" when it did not, the session is back, or nobody followed."""
    session = sessions.load(session_id)
    if session is None:
        return ""
    sitting, cleared = _read(_file(session))
    if session_id in cleared:
        return sitting if sitting != session_id else ""
    first = files.read_json(_of_first_version(session_id)) or {}
    return _id(first.get("session"))


def _read(where: str) -> tuple[str, list[str]]:
    """Return who sat down last, and whom `/clear` ended and who did not sit down since, in that order."""
    sitting, cleared = "", dict[str, None]()
    for line in files.read_lines(where):
        if who := _id(line.get("cleared")):
            cleared[who] = None
        if who := _id(line.get("session")):
            sitting = who
            cleared.pop(who, None)
    return sitting, list(cleared)


def _id(found: object) -> str:
    return str(found) if is_session_id(found) else ""


def _file(session: Session) -> str:
    parts = (str(session.pid), session.pid_start, session.pid_space)
    return files.path("seats", ".".join("".join(filter(str.isalnum, each)) for each in parts) + ".jsonl")


def _of_first_version(session_id: str) -> str:
    return files.path("mail", session_id, "successor")
