"""The answer of a handler: the text for Claude Code, and what to note once it is printed."""

from __future__ import annotations

from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable


def _nothing() -> None:
    return None


class Answer(NamedTuple):
    """What is printed for Claude Code, and what to do once it was printed.

    With a `status` other than 0 it goes to standard error. Only the waiter uses one: 2, which wakes the session.
    """

    output: bytes
    printed: Callable[[], None] = _nothing
    status: int = 0
