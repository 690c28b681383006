"""The introduction for a session that starts: which others are live in its repository, and what they work on."""

from context_sync.domain import wording
from context_sync.domain.records import Session
from context_sync.state import sessions

MAX_SESSIONS = 4  # those most recently active


def note(session: Session) -> str:
    """Return the note about the other sessions, "" when there are none; takes half a millisecond for each."""
    others = sorted(sessions.others(session.id, session.repository), key=lambda each: -each.last_seen)
    if not others:
        return ""
    from context_sync.summaries import work  # compiles the patterns of secrets: 6 ms

    named = [(other, work.of(other).task) for other in others[:MAX_SESSIONS]]
    return wording.company(named, session.worktree, len(others) - len(named))
