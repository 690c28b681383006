"""Registration: how a session becomes known, and known again after it ended, was compacted or lost its markers."""

from __future__ import annotations

import os
import time

from context_sync.claude.hooks.payloads import Event
from context_sync.claude.transcripts import reader
from context_sync.domain import wording
from context_sync.domain.records import Session
from context_sync.git import refs
from context_sync.presence import attributes, handover
from context_sync.state import processes, repositories, sessions, touches

# These sources begin a session; any other event of an unknown one means that it began before the hooks were installed.
FRESH = ("startup", "clear", "fork")


def begin(event: Event) -> Session:
    """Register a session that is not known yet, and return it."""
    place = attributes.checkout_of(event.cwd)
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
    session = attributes.named(session, event.title, "title")
    # Before it is known: if this process is killed here, the next event does it again.
    handover.complete(session, event.source)
    sessions.save(session)
    return session


def resume(event: Event, known: Session) -> Session:
    """Register a session again: resumed in another process, compacted, or after its markers were lost."""
    pid = processes.client()
    session = attributes.moved(known, event)._replace(
        pid=pid,
        pid_start=processes.start_of(pid),
        pid_space=processes.space(),
        transcript=event.transcript,
        last_seen=time.time(),
        ended=0.0,
    )
    session = attributes.named(session, event.title, "title")
    # Before it is known: if this process is killed here, the next event does it again.
    handover.take_back(known)
    handover.complete(session, event.source)
    sessions.save(session)
    for repository, path in {(touch.repository, touch.path) for touch in touches.read(session.id).touches}:
        repositories.join(session.id, repository)
        repositories.hold(session.id, repository, path)
    return session
