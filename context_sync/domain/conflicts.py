"""The rule for when the edits of two sessions conflict, which of them count, and how severe a conflict is.

The attribution of a touch says how far it is evidence that its session, and no other, wrote it: `sole` when no other
session ran a tool in that worktree at that moment, `shared` when one did, `unknown` when that was not looked at in
time. Only a sole touch says who changed a definition: it alone denies an edit, and it alone makes a conflict of a
higher level than file. Any other says that its session may have changed the file. Where the other side has the same
write, it says nothing: both sessions have the same change, which one of them made.
"""

from __future__ import annotations

from context_sync.domain.records import Touch
from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from context_sync.domain.verdicts import ConflictRange, Dependency

# Weakest first.
LEVELS = ("file", "symbol", "merge", "dependency")
SAME_MOMENT = 2.0  # seconds between the change of a file and the time by which an editing tool's hook knows of it


class Conflict(NamedTuple):
    """A conflict of the sessions `mine` and `theirs` in one file, as the session `mine` sees it.

    `path` is relative to the worktree's root, `symbols` the definitions that both changed. `mine_at` and `theirs_at`
    are the times of each side's last touch that takes part, and `theirs_touches` the ids of all of theirs that do;
    `mine_all` and `theirs_all` are those of all touches of the file that are neither settled nor merged. `places` says
    where a merge conflicts, and `dependency` what one side uses that the other altered; `path` is then the file with
    the use and `symbols` what was altered. A side is `certain` when a touch takes part of which it is known that its
    session made it, see above.
    """

    mine: str
    theirs: str
    repository: str
    path: str
    level: str
    symbols: tuple[str, ...]
    mine_worktree: str
    theirs_worktree: str
    mine_at: float
    theirs_at: float
    theirs_touches: tuple[str, ...] = ()
    mine_all: tuple[str, ...] = ()
    theirs_all: tuple[str, ...] = ()
    places: tuple[ConflictRange, ...] = ()
    dependency: Dependency | None = None
    mine_certain: bool = True
    theirs_certain: bool = True


def between(mine: Iterable[Touch], theirs: Iterable[Touch]) -> list[Conflict]:
    """Return the conflicts between the unsettled touches of two sessions, one per file, in the order of paths.

    Both changed the same definition: level symbol, and only those touches count for the times. Else level file.
    """
    ours, others = map(_by_place, weigh(mine, theirs))
    found = []
    for place, other in sorted(others.items()):
        if place in ours:
            found.append(_conflict_of(ours[place], other))
    return found


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


def rank(level: str) -> int:
    """Return how severe a level is: higher is worse."""
    return LEVELS.index(level)


def importance(conflict: Conflict) -> tuple[int, float]:
    """Return the key by which the worst conflict comes first, and of those as bad the latest."""
    return -rank(conflict.level), -max(conflict.mine_at, conflict.theirs_at)


def names(touches: Iterable[Touch]) -> set[str]:
    """Return the qualified names of the definitions that were touched."""
    return {symbol.name for touch in touches for symbol in touch.symbols}


def concerned(touches: list[Touch], symbols: set[str]) -> list[Touch]:
    """Return the touches of one of the symbols, or all when none touched them."""
    return [touch for touch in touches if any(symbol.name in symbols for symbol in touch.symbols)] or touches


def last(touches: list[Touch]) -> Touch:
    """Return the last of the touches, at least one."""
    return max(touches, key=lambda touch: touch.at)


def ids(touches: Iterable[Touch]) -> tuple[str, ...]:
    """Return the ids of the touches, each once."""
    return tuple(dict.fromkeys(touch.id for touch in touches))


def _counting(made: list[Touch], beside: list[Touch]) -> list[Touch]:
    if all(map(is_sole, made)):
        return made
    return [
        touch if is_sole(touch) else touch._replace(symbols=())
        for touch in made
        if is_sole(touch) or not any(is_same_write(touch, each) for each in beside)
    ]


def _by_place(touches: Iterable[Touch]) -> dict[tuple[str, str], list[Touch]]:
    places: dict[tuple[str, str], list[Touch]] = {}
    for touch in touches:
        places.setdefault((touch.repository, touch.path), []).append(touch)
    return places


def _conflict_of(mine: list[Touch], theirs: list[Touch]) -> Conflict:
    common = names(mine) & names(theirs)
    mine_all, theirs_all = ids(mine), ids(theirs)
    mine, theirs = concerned(mine, common), concerned(theirs, common)
    last_mine, last_theirs = last(mine), last(theirs)
    return Conflict(
        mine=last_mine.session,
        theirs=last_theirs.session,
        repository=last_mine.repository,
        path=last_mine.path,
        level="symbol" if common else "file",
        symbols=tuple(sorted(common)),
        mine_worktree=last_mine.worktree,
        theirs_worktree=last_theirs.worktree,
        mine_at=last_mine.at,
        theirs_at=last_theirs.at,
        theirs_touches=ids(theirs),
        mine_all=mine_all,
        theirs_all=theirs_all,
        mine_certain=bool(sole(mine)),
        theirs_certain=bool(sole(theirs)),
    )
