"""Owns presence: `sessions/<id>.json`, who is alive, where, and under which name."""

from __future__ import annotations

import time

from context_sync.records import Session
from context_sync.state import files, markers, processes, repositories
from context_sync.tuples import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

TRUSTED_WITHOUT_PID = 1800.0  # seconds
LATEST = 1e11  # seconds since the epoch; a time behind it has no date


def save(session: Session) -> None:
    """Write the presence of `session`, enter it under its repository, and let its gate know it."""
    files.write_json(_file(session.id), session._asdict())
    markers.register(session.id)
    repositories.join(session.id, session.repository)


def load(session_id: str) -> Session | None:
    """Return a session's presence, or None when it is not known."""
    found = files.read_json(_file(session_id))
    if found is None:
        return None
    values: list[Any] = [found.get(name) for name in Session._fields]
    if not all(map(isinstance, values, _TYPES)):
        return None
    session = Session(*values)
    if not all(0 <= at < LATEST for at in (session.started, session.last_seen, session.ended)):
        return None
    return session._replace(last_seen=max(session.last_seen, markers.last_seen(session_id)))


def everyone() -> list[Session]:
    """Return every known session, oldest first."""
    ids = [name.removesuffix(".json") for name in files.names(files.path("sessions")) if name.endswith(".json")]
    return sorted(filter(None, map(load, ids)), key=lambda session: (session.started, session.id))


def others(session_id: str, repository: str) -> list[Session]:
    """Return the live sessions, except the one named, that work in `repository`, oldest first."""
    return live(each for each in repositories.members(repository) if each != session_id)


def live(ids: Iterable[str]) -> list[Session]:
    """Return those of the sessions that are alive, oldest first; the end of a vanished one is noted."""
    found = []
    for session in filter(None, map(load, ids)):
        if is_alive(session):
            found.append(session)
        else:
            end(session, session.ended or session.last_seen)
    return sorted(found, key=lambda session: (session.started, session.id))


def is_alive(session: Session) -> bool:
    """Say whether the session's client still runs: dead only when its pid and its start both say so.

    A client of which no process was to be seen is trusted for `TRUSTED_WITHOUT_PID` after its last event.
    """
    if session.ended:
        return False
    if not session.pid_start:
        return time.time() - session.last_seen < TRUSTED_WITHOUT_PID
    return processes.start_of(session.pid) == session.pid_start


def end(session: Session, at: float) -> None:
    """Note that the session ended, and that it works and holds nothing any more."""
    files.write_json(_file(session.id), session._replace(ended=at)._asdict())
    repositories.leave(session.id, session.repository)
    markers.clear(session.id)


def forget(session_id: str) -> None:
    """Delete the presence of a session; nothing is known of it any more."""
    files.remove(_file(session_id))


def _file(session_id: str) -> str:
    return files.path("sessions", session_id + ".json")


_KINDS: dict[str, Any] = {"str": str, "int": int, "bool": bool, "float": (float, int)}
_TYPES = tuple(_KINDS[kind] for kind in Session.__annotations__.values())
