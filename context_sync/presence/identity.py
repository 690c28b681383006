"""Identity: for whom a process speaks, and what a session or the user is called."""

from __future__ import annotations

import os

from context_sync.domain import messages
from context_sync.domain.messages import PERSON
from context_sync.domain.records import Session
from context_sync.errors import ContextSyncError
from context_sync.git import checkouts, refs
from context_sync.state import mailbox, sessions


def myself() -> str:
    """Return for whom this process speaks: the session that it runs in, or the person at a terminal.

    Raises ContextSyncError in a session whose client does not tell which it is.
    """
    session_id = os.environ.get("CLAUDE_CODE_SESSION_ID", "")
    if messages.is_party(session_id):
        return session_id
    if os.environ.get("CLAUDECODE"):
        raise ContextSyncError("this Claude Code does not say which session it is: update it to 2.1 or newer.")
    return PERSON


def name_of(party: str) -> str:
    """Return how a session, or the person, is called."""
    if party == PERSON:
        return "the user's terminal"
    known = sessions.load(party)
    return known.name if known else party[:8]


def branch_of(session: Session) -> str:
    """Return the branch that the session's folder is on now."""
    place = checkouts.checkout_of(session.cwd or session.worktree)
    return refs.branch_of(place) if place else session.branch


def successor_of(session: Session) -> Session:
    """Return the session that gets the mail of one that ended by `/clear`: the last in the chain, else itself."""
    seen = {session.id}
    while not sessions.is_alive(session):
        heir = mailbox.successor(session.id)
        after = sessions.load(heir) if heir and heir not in seen else None
        if after is None:
            break
        seen.add(heir)
        session = after
    return session
