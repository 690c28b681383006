"""Owns what a session is told when it begins: who else is live in its repository, and on what."""

from context_sync.domain import wording
from context_sync.domain.records import Session
from context_sync.state import sessions

MOST = 4  # sessions, those that were last active


def note(session: Session) -> str:
    """Return what the session is told of the others, "" when it is alone; takes half a millisecond for each."""
    others = sorted(sessions.others(session.id, session.repository), key=lambda each: -each.last_seen)
    if not others:
        return ""
    from context_sync.summaries import work  # compiles the patterns of secrets: 6 ms

    named = [(other, work.of(other).task) for other in others[:MOST]]
    return wording.company(named, session.worktree, len(others) - len(named))
