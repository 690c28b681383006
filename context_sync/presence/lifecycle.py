"""Owns how an event keeps the presence of its session true: arriving, moving, being renamed, leaving."""

from __future__ import annotations

import os
import time

from context_sync.claude.hooks.payloads import Event
from context_sync.domain import wording
from context_sync.domain.records import Session
from context_sync.git import checkouts, refs
from context_sync.git.checkouts import Checkout
from context_sync.hotpath.namedtuples import TYPE_CHECKING
from context_sync.state import gate, processes, repositories, sessions, touches

if TYPE_CHECKING:
    from collections.abc import Callable

# These sources begin a session; any other event of an unknown one finds it begun before the hooks were installed.
FRESH = ("startup", "clear", "fork")
# These bring a session that ended back to life; any other hook may be one that outlived it.
REVIVING = ("SessionStart", "UserPromptSubmit")


def attend(event: Event) -> Session:
    """Return the presence of the event's session, registered or brought up to date if that is needed."""
    known = sessions.load(event.session)
    if known is None:
        return _arrive(event)
    if known.ended and event.name not in REVIVING:
        return known
    if known.ended or event.name == "SessionStart" or not gate.is_registered(event.session):
        return _return(event, known)
    return _changed(known, lambda now: _with(event, now))


def rename(session: Session, name: str, named_by: str) -> Session:
    """Return the session under a name that its transcript tells, as `named` does, saved."""
    return _changed(session, lambda now: named(now, name, named_by))


def leave(session: Session) -> Session:
    """Note that the session ended, and return it so."""
    sessions.end(session, time.time())
    return sessions.load(session.id) or session._replace(ended=time.time())


def checkout_of(cwd: str) -> Checkout:
    """Return the place of a session's folder; without git it is the project folder."""
    found = checkouts.checkout_of(cwd) if cwd else None
    if found:
        return found
    folder = os.path.realpath(os.environ.get("CLAUDE_PROJECT_DIR") or cwd or os.getcwd())
    return Checkout(folder, folder, "")


def _arrive(event: Event) -> Session:
    from context_sync.claude.transcripts import reader
    from context_sync.presence import handover  # 1 ms, once in a session

    place = checkout_of(event.cwd)
    now = time.time()
    branch = refs.branch_of(place)
    pid = processes.client()
    session = Session(
        id=event.session,
        name=wording.name_from_place(branch, place.worktree, event.session),
        named_by="place",
        pid=pid,
        pid_start=processes.start_of(pid),
        pid_space=processes.space(),
        cwd=event.cwd,
        repository=place.repository,
        worktree=place.worktree,
        branch=branch,
        transcript=event.transcript,
        entrypoint=os.environ.get("CLAUDE_CODE_ENTRYPOINT", ""),
        started=now if event.source in FRESH else reader.began(event.transcript) or now,
        last_seen=now,
        ended=0.0,
    )
    session = named(session, event.title, "title")
    # Before it is known: if this process is killed here, the next event does it again.
    handover.complete(session, event.source)
    sessions.save(session)
    return session


def _return(event: Event, known: Session) -> Session:
    """Register a session again: resumed in another process, compacted, or after its markers were lost."""
    from context_sync.presence import handover

    pid = processes.client()
    session = _moved(known, event)._replace(
        pid=pid,
        pid_start=processes.start_of(pid),
        pid_space=processes.space(),
        transcript=event.transcript,
        last_seen=time.time(),
        ended=0.0,
    )
    session = named(session, event.title, "title")
    # Before it is known: if this process is killed here, the next event does it again.
    handover.take_back(known)
    handover.complete(session, event.source)
    sessions.save(session)
    for repository, path in {(touch.repository, touch.path) for touch in touches.read(session.id).touches}:
        repositories.join(session.id, repository)
        repositories.hold(session.id, repository, path)
    return session


def _changed(session: Session, make: Callable[[Session], Session]) -> Session:
    """Return what `make` makes of the session, saved if that is another one than it is now; an end stays an end."""
    if make(session) == session:
        return session
    now = sessions.change(session.id, make) or make(session)
    if now.repository != session.repository and not now.ended:
        repositories.join(now.id, now.repository)
    return now


def _with(event: Event, session: Session) -> Session:
    session = named(_moved(session, event), event.title, "title")
    return session._replace(transcript=event.transcript or session.transcript)  # it moves into a worktree with it


def _moved(session: Session, event: Event) -> Session:
    if not event.cwd or event.cwd == session.cwd:
        return session
    place = checkout_of(event.cwd)
    return session._replace(
        cwd=event.cwd, repository=place.repository, worktree=place.worktree, branch=refs.branch_of(place)
    )


def named(session: Session, name: str, named_by: str) -> Session:
    """Return the session under a name that its transcript tells; a title that the user gave is never replaced."""
    plain = wording.plain(name, wording.LONGEST_NAME)
    if not plain or (named_by == "summary" and session.named_by == "title"):
        return session
    if plain != session.name:
        from context_sync.domain.masking import shown  # 5 ms, for the name is told to others

        plain = shown(name, wording.LONGEST_NAME)
    return session._replace(name=plain, named_by=named_by)
