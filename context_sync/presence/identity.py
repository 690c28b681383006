"""Identity: for whom a process speaks, and the name of a session or of the user."""

from __future__ import annotations

import os

from context_sync.domain import messages
from context_sync.domain.messages import USER
from context_sync.domain.records import Session
from context_sync.errors import ContextSyncError
from context_sync.git import refs
from context_sync.presence import handover
from context_sync.state import gate, sessions


def myself() -> str:
    """Return for whom this process speaks: the session that it runs in, or the user at a terminal.

    Raises ContextSyncError when Claude Code does not say which session it is.
    """
    session_id = os.environ.get("CLAUDE_CODE_SESSION_ID", "")
    if messages.is_party(session_id):
        return session_id
    if os.environ.get("CLAUDECODE"):
        raise ContextSyncError("this Claude Code does not say which session it is: update it to 2.1 or newer.")
    return USER


def served() -> str:
    """Return the id of the session that this server process serves, "" when that is not known.

    After `/clear` Claude Code keeps its servers, so its process counts before the environment that they were given.
    """
    parent = os.getppid()
    found = [each for each in sessions.live(gate.registered()) if each.pid == parent]
    if found:
        return max(found, key=lambda session: session.last_seen).id
    named = os.environ.get("CLAUDE_CODE_SESSION_ID", "")
    return handover.recipient(named) if named and sessions.load(named) else ""


def name_of(party: str) -> str:
    """Return the name of a session, or of the user."""
    if party == USER:
        return "the user's terminal"
    known = sessions.load(party)
    return known.name if known else party[:8]


def branch_of(session: Session) -> str:
    """Return the branch that the session's folder is on now."""
    return refs.branch_in(session.cwd or session.worktree) or session.branch


def renamed(session: Session) -> Session:
    """Return the session under the last title near the end of its transcript; without one, as it is. Notes nothing.

    `/rename` runs no hook: this is how the new name is known before the session's next event.
    """
    from context_sync.presence import attributes

    title = _title(session)
    return attributes.named(session, *title) if title else session


def learn_name(session: Session) -> None:
    """Note the name that `renamed` finds, for the hooks of others, which do not look into transcripts."""
    from context_sync.presence import lifecycle

    title = _title(session)
    if title and title[0] != session.name:
        lifecycle.rename(session, *title)


def _title(session: Session) -> tuple[str, str] | None:
    from context_sync.claude.transcripts import discovery, glance  # most commands need no transcript

    transcript = session.transcript
    if not os.path.isfile(transcript):  # it moved with the session into a worktree, or there is none
        transcript = discovery.find(session.id)
    return glance.last_title(transcript) if transcript else None
