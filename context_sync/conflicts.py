"""Owns the rule when the edits of two sessions collide, and how much a collision matters."""

from collections.abc import Iterable
from typing import NamedTuple

from context_sync.records import Touch

# Weakest first.
LEVELS = ("file", "symbol", "merge", "dependency")


class Conflict(NamedTuple):
    """A collision of the sessions `mine` and `theirs` in one file, as the session `mine` sees it.

    `path` is relative to the worktree's root, `symbols` the definitions that both changed. `mine_at` and
    `theirs_at` are the times of each side's last touch of the place, `since` is when the file was last seen
    committed or reverted, 0 when it was not: what was told before that is over.
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
    since: float = 0.0


def between(mine: Iterable[Touch], theirs: Iterable[Touch]) -> list[Conflict]:
    """Return the collisions between the unsettled touches of two sessions, one per file, in the order of paths.

    Both changed the same definition: level symbol, and only those touches count for the times. Else level file.
    """
    ours = _by_place(mine)
    found = []
    for place, other in sorted(_by_place(theirs).items()):
        if place in ours:
            found.append(_collide(ours[place], other))
    return found


def rank(level: str) -> int:
    """Return how much a level matters: higher is worse."""
    return LEVELS.index(level)


def _by_place(touches: Iterable[Touch]) -> dict[tuple[str, str], list[Touch]]:
    places: dict[tuple[str, str], list[Touch]] = {}
    for touch in touches:
        places.setdefault((touch.repository, touch.path), []).append(touch)
    return places


def _collide(mine: list[Touch], theirs: list[Touch]) -> Conflict:
    common = _names(mine) & _names(theirs)
    last_mine = _last(mine, common)
    last_theirs = _last(theirs, common)
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
    )


def _names(touches: list[Touch]) -> set[str]:
    return {symbol.name for touch in touches for symbol in touch.symbols}


def _last(touches: list[Touch], names: set[str]) -> Touch:
    relevant = [t for t in touches if not names or any(symbol.name in names for symbol in t.symbols)]
    return max(relevant, key=lambda touch: touch.at)
