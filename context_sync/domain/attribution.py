"""Attribution: how far a touch is evidence that its session, and no other, wrote it.

A touch is `sole` when no other session ran a tool in that worktree at that moment, `shared` when one did, `unknown`
when that was not looked at in time. Only a sole touch says who changed a definition: it alone denies an edit, and it
alone makes a conflict of a higher level than file. Any other says that its session may have changed the file. Where the
other side has the same write, it says nothing: both sessions have the same change, which one of them made.
"""

from __future__ import annotations

from context_sync.domain.records import Touch
from context_sync.hotpath.namedtuples import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

SAME_MOMENT = 2.0  # seconds between the change of a file and the time by which an editing tool's hook knows of it


def is_sole(touch: Touch) -> bool:
    """Return whether the session alone can have written it."""
    return touch.attribution == "sole"


def sole(made: Iterable[Touch]) -> list[Touch]:
    """Return the touches that their session alone can have written."""
    return [touch for touch in made if is_sole(touch)]


def is_same_write(one: Touch, other: Touch) -> bool:
    """Return whether the touches of two sessions may be one write: at least one of them is not sure to be its own."""
    return (
        one.session != other.session
        and (one.worktree, one.path, one.after) == (other.worktree, other.path, other.after)
        and abs(one.at - other.at) <= SAME_MOMENT
        and not (is_sole(one) and is_sole(other))
    )


def weigh(mine: Iterable[Touch], theirs: Iterable[Touch]) -> tuple[list[Touch], list[Touch]]:
    """Return what of the touches of two sessions counts between them.

    A touch that is not sole is left out where the other side has the same write, and counts for the file alone
    elsewhere.
    """
    ours, others = list(mine), list(theirs)
    return _counting(ours, others), _counting(others, ours)


def _counting(made: list[Touch], beside: list[Touch]) -> list[Touch]:
    if all(map(is_sole, made)):
        return made
    return [
        touch if is_sole(touch) else touch._replace(symbols=())
        for touch in made
        if is_sole(touch) or not any(is_same_write(touch, each) for each in beside)
    ]
