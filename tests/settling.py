"""What the tests of several modules need to settle edits by hand."""

from context_sync.domain.edit_history import Event
from context_sync.state import touches


def settle(session: str, path: str, until: float = 1e10, kind: str = "committed") -> None:
    """Note that the edits of a file that a session made until a time were settled."""
    made = [each.id for each in touches.read(session).touches if each.path == path and each.at <= until]
    touches.note(session, [Event(kind, until, tuple(made))] if made else [])
