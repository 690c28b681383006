"""Owns which collisions of two sessions are still true: git says what is settled, the touches who did it."""

from collections.abc import Collection

from context_sync import conflicts
from context_sync.awareness import settling
from context_sync.conflicts import Conflict
from context_sync.records import Session, Touch
from context_sync.state import touches
from context_sync.state.touches import History


def between(mine: Session, theirs: Session, paths: Collection[str] | None = None) -> list[Conflict]:
    """Return the unsettled collisions of two sessions, as `mine` sees them, one per file, in the order of paths.

    None stands for all paths.
    """
    ours, others = touches.read(mine.id, paths), touches.read(theirs.id, paths)
    found: dict[tuple[str, str], Conflict] = {}
    for left in sorted({touch.worktree for touch in ours.touches}):
        for right in sorted({touch.worktree for touch in others.touches}):
            for conflict in _apart(left, right, ours, others) if left != right else _together(left, ours, others):
                place = conflict.repository, conflict.path
                if place not in found or conflicts.rank(conflict.level) > conflicts.rank(found[place].level):
                    found[place] = conflict
    return [found[place] for place in sorted(found)]


def _together(worktree: str, mine: History, theirs: History) -> list[Conflict]:
    """Return the collisions in one worktree: of what is neither committed nor reverted there."""
    common = {touch.path for touch in _open(mine, worktree)} & {touch.path for touch in _open(theirs, worktree)}
    mine, theirs = settling.settle(worktree, common, [mine, theirs])
    return [
        conflict._replace(since=max(each.settled_at(worktree, conflict.path) for each in (mine, theirs)))
        for conflict in conflicts.between(_open(mine, worktree), _open(theirs, worktree))
    ]


def _apart(worktree: str, other: str, mine: History, theirs: History) -> list[Conflict]:
    """Return the collisions between two worktrees: of what is not merged."""
    found = conflicts.between(
        [touch for touch in mine.touches if touch.worktree == worktree and not mine.is_resolved(touch)],
        [touch for touch in theirs.touches if touch.worktree == other and not theirs.is_resolved(touch)],
    )
    merged = settling.merged(worktree, other, [conflict.path for conflict in found])
    return [conflict for conflict in found if conflict.path not in merged]


def _open(history: History, worktree: str) -> list[Touch]:
    return [touch for touch in history.touches if touch.worktree == worktree and not history.is_settled(touch)]
