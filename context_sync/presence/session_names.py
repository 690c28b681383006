"""Owns how a name given with /rename is learned before the session's next event: the client runs no hook for it."""

import os

from context_sync.claude.transcripts import discovery, glance
from context_sync.domain.records import Session
from context_sync.presence import lifecycle
from context_sync.state import sessions


def learned(session: Session) -> Session:
    """Return the session under the last title near the end of its transcript, saved; without one as it is."""
    transcript = session.transcript
    if not os.path.isfile(transcript):  # it went along into a worktree, or there is none
        transcript = discovery.find(session.id)
    told = glance.last_title(transcript) if transcript else None
    known = sessions.load(session.id) if told and told[0] != session.name else None
    return lifecycle.rename(known, *told) if known and told else session
