"""The presence of a session through its events: known, moved, renamed, ended; `registration` is how it begins."""

from __future__ import annotations

import time

from context_sync.claude.hooks.payloads import Event
from context_sync.domain.records import Session
from context_sync.hotpath.namedtuples import TYPE_CHECKING
from context_sync.state import gate, sessions

if TYPE_CHECKING:
    from collections.abc import Callable

# These bring a session that ended back to life; any other hook may be one that outlived it.
REVIVING = ("SessionStart", "UserPromptSubmit")


def current(event: Event) -> Session:
    """Return the presence of the event's session, registered or brought up to date where that is needed."""
    known = sessions.load(event.session)
    if known and known.ended and event.name not in REVIVING:
        return known
    if known is None or known.ended or event.name == "SessionStart" or not gate.is_registered(event.session):
        from context_sync.presence import registration  # 1 ms, once per session

        return registration.resume(event, known) if known else registration.begin(event)
    is_named = event.title in ("", known.name) and (known.named_by == "title" or not event.title)
    if is_named and event.cwd in ("", known.cwd) and event.transcript in ("", known.transcript):
        return known
    return _changed(known, lambda now: _with(event, now))


def rename(session: Session, name: str, named_by: str) -> Session:
    """Return the session under a name from its transcript, saved; a title that you gave is never replaced."""
    from context_sync.presence.attributes import named

    return _changed(session, lambda now: named(now, name, named_by))


def leave(session: Session) -> Session:
    """Note that the session ended, and return it so."""
    sessions.end(session, time.time())
    return sessions.load(session.id) or session._replace(ended=time.time())


def _changed(session: Session, make: Callable[[Session], Session]) -> Session:
    """Return what `make` makes of the session, saved if that is a change; an ended session stays ended."""
    if make(session) == session:
        return session
    from context_sync.state import repositories

    now = sessions.change(session.id, make) or make(session)
    if now.repository != session.repository and not now.ended:
        repositories.join(now.id, now.repository)
    return now


def _with(event: Event, session: Session) -> Session:
    from context_sync.presence.attributes import moved, named

    session = named(moved(session, event), event.title, "title")
    return session._replace(transcript=event.transcript or session.transcript)  # it moves into a worktree with it
