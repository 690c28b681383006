"""Presence: `sessions/<id>.json`, which sessions are alive, where, and under which name."""

from __future__ import annotations

import time

from context_sync.domain.records import Session
from context_sync.hotpath.namedtuples import TYPE_CHECKING
from context_sync.state import files, gate, processes, repositories

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

TRUSTED_WITHOUT_PID = 1800.0  # seconds
LATEST = 1e11  # seconds since the epoch; a later time has no date


def save(session: Session) -> None:
    """Write the presence of `session`, enter it under its repository, and let its gate know it."""
    gate.unmark_client(session.id)  # first: if this process is killed here, the session does not seem gone
    fields = session._asdict()
    if not files.change_json(_file(session.id), lambda _: fields):  # after other changes, not in between
        files.write_json(_file(session.id), fields)
    gate.register(session.id)
    if session.pid > 0 and session.pid_start:
        gate.mark_client(session.id, session.pid, session.pid_space)
    repositories.join(session.id, session.repository)


def load(session_id: str) -> Session | None:
    """Return a session's presence, or None when it is not known."""
    file = _file(session_id)
    last_seen = gate.last_seen(session_id)
    found = files.read_json(file)
    return _session(found, last_seen) if found is not None else None


def change(session_id: str, make: Callable[[Session], Session]) -> Session | None:
    """Write what `make` makes of a session's presence as it is now, and return that, None when it is not known.

    The gate is left as it is: a session that ended while a process still worked for it stays ended.
    """
    made: list[Session] = []

    def changed(found: dict[str, Any]) -> dict[str, Any] | None:
        now = _session(found, gate.last_seen(session_id))
        if now is None:
            return None
        made.append(make(now))
        return made[0]._asdict() if made[0] != now else None

    files.change_json(_file(session_id), changed)
    return made[0] if made else None


def everyone() -> list[Session]:
    """Return every known session, oldest first."""
    ids = [name.removesuffix(".json") for name in files.names(files.path("sessions")) if name.endswith(".json")]
    return sorted(filter(None, map(load, ids)), key=lambda session: (session.started, session.id))


def others(session_id: str, repository: str) -> list[Session]:
    """Return the live sessions, except the one named, that work in `repository`, oldest first."""
    return live(each for each in repositories.members(repository) if each != session_id)


def live(ids: Iterable[str]) -> list[Session]:
    """Return those of the sessions that are alive, oldest first; nothing is noted of the others."""
    found = filter(is_alive, filter(None, map(load, ids)))
    return sorted(found, key=lambda session: (session.started, session.id))


def end_vanished(ids: Iterable[str]) -> list[str]:
    """Note the end of each of the sessions that is not alive or not known, and return their ids."""
    gone = []
    for session_id in ids:
        session = load(session_id)
        if session is None:
            repositories.leave(session_id, "")
            gate.clear(session_id)
        elif not is_alive(session):
            end(session, session.ended or session.last_seen)
        else:
            continue
        gone.append(session_id)
    return gone


def is_alive(session: Session) -> bool:
    """Return whether Claude Code still runs the session: dead only when its pid and its start both say so.

    One whose process was never seen, or cannot be seen from here, as in a container, is trusted for
    `TRUSTED_WITHOUT_PID` after its last event.
    """
    if session.ended:
        return False
    if not session.pid_start or session.pid_space not in ("", processes.space()):
        return time.time() - session.last_seen < TRUSTED_WITHOUT_PID
    return processes.is_there(session.pid, session.pid_start)


def end(session: Session, at: float) -> None:
    """Note that the session ended, and that it works and holds nothing any more.

    One that is known to run in another process by now goes on; one that ended before did so then.
    """
    client = _client(session)
    now = change(session.id, lambda now: now._replace(ended=now.ended or at) if _client(now) == client else now)
    if now and not now.ended:
        return
    repositories.leave(session.id, session.repository)
    gate.clear(session.id)


def forget(session_id: str) -> None:
    """Delete the presence of a session; nothing is known of it any more."""
    files.remove(_file(session_id))


def _session(found: dict[str, Any], last_seen: float) -> Session | None:
    found = Session._field_defaults | found
    values: list[Any] = [found.get(name) for name in Session._fields]
    if not all(map(isinstance, values, _TYPES)):
        return None
    if not all(0 <= found[name] < LATEST for name in ("started", "last_seen", "ended")):
        return None
    values[Session._fields.index("last_seen")] = max(found["last_seen"], last_seen)
    return Session._make(values)


def _client(session: Session) -> tuple[int, str]:
    return session.pid, session.pid_start


def _file(session_id: str) -> str:
    return files.path("sessions", session_id + ".json")


_KINDS: dict[str, Any] = {"str": str, "int": int, "bool": bool, "float": (float, int)}
_TYPES = tuple(_KINDS[kind] for kind in Session.__annotations__.values())
