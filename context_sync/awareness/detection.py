"""Owns which collisions of two sessions are still true: git says what is settled, the touches who did it."""

import time

from context_sync import conflicts, git
from context_sync.conflicts import Conflict
from context_sync.records import Session, Touch
from context_sync.state import touches
from context_sync.state.touches import History


def between(mine: Session, theirs: Session) -> list[Conflict]:
    """Return the unsettled collisions of two sessions, as `mine` sees them."""
    ours, others = touches.read(mine.id), touches.read(theirs.id)
    common = {(t.repository, t.path) for t in ours.touches} & {(t.repository, t.path) for t in others.touches}
    if not common:
        return []
    pairs = _pairs(_in_places(ours.touches, common), _in_places(others.touches, common))
    found: dict[tuple[str, str], Conflict] = {}
    for (worktree, other_worktree), (left, right) in pairs.items():
        for conflict in _unsettled(worktree, other_worktree, (ours, left), (others, right)):
            place = conflict.repository, conflict.path
            if place not in found or conflicts.rank(conflict.level) > conflicts.rank(found[place].level):
                found[place] = conflict
    return sorted(found.values(), key=lambda conflict: (conflict.repository, conflict.path))


def _in_places(found: list[Touch], places: set[tuple[str, str]]) -> list[Touch]:
    return [touch for touch in found if (touch.repository, touch.path) in places]


def _pairs(mine: list[Touch], theirs: list[Touch]) -> dict[tuple[str, str], tuple[list[Touch], list[Touch]]]:
    """Return the touches of both sides by the two worktrees in which they were made."""
    return {
        (left, right): (
            [touch for touch in mine if touch.worktree == left],
            [touch for touch in theirs if touch.worktree == right],
        )
        for left in sorted({touch.worktree for touch in mine})
        for right in sorted({touch.worktree for touch in theirs})
    }


def _unsettled(
    worktree: str, other_worktree: str, mine: tuple[History, list[Touch]], theirs: tuple[History, list[Touch]]
) -> list[Conflict]:
    """Return the collisions of the touches made in two worktrees, or in the same one twice."""
    if worktree != other_worktree:
        found = conflicts.between(mine[1], theirs[1])
        settled = _merged(worktree, other_worktree, [conflict.path for conflict in found])
        return [conflict for conflict in found if conflict.path not in settled]
    sides = [[touch for touch in side if not history.is_settled(touch)] for history, side in (mine, theirs)]
    found = conflicts.between(*sides)
    clean = _settle(worktree, found)
    return [
        conflict._replace(since=max(each.settled_at(worktree, conflict.path) for each, _ in (mine, theirs)))
        for conflict in found
        if conflict.path not in clean
    ]


def _settle(worktree: str, found: list[Conflict]) -> set[str]:
    """Return which of the colliding files are as HEAD has them, committed or reverted, and note it for good."""
    now = time.time()
    paths = sorted(conflict.path for conflict in found)
    dirty = git.uncommitted(worktree, paths) if paths else None
    clean = set() if dirty is None else set(paths) - dirty
    for conflict in found:
        if conflict.path in clean:
            for session_id in (conflict.mine, conflict.theirs):
                touches.settle(session_id, worktree, conflict.path, now)
    return clean


def _merged(worktree: str, other: str, paths: list[str]) -> set[str]:
    """Return which of the files carry no change of one of the two worktrees since their common ancestor."""
    heads = (git.head_of(worktree), git.head_of(other)) if paths else ("", "")
    base = git.merge_base(worktree, *heads) if all(heads) else ""
    if not base:
        return set()
    sides = [git.differing(each, base, paths) for each in (worktree, other)]
    changed = [set(paths) if side is None else side for side in sides]
    return set(paths) - (changed[0] & changed[1])
