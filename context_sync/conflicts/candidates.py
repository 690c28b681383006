"""Owns whom a fresh edit concerns: the sessions that touched the same files, or what depends on it or it on them."""

from __future__ import annotations

from context_sync.conflicts import detection
from context_sync.conflicts.name_prefilter import Mentions
from context_sync.domain.edit_history import History
from context_sync.domain.records import Session, Touch
from context_sync.git import commits, objects
from context_sync.hotpath.namedtuples import TYPE_CHECKING
from context_sync.state import touches

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator


def sharing(others: Iterable[Session], fresh: Collection[str]) -> Iterator[tuple[Session, tuple[str, ...]]]:
    """Yield the sessions that touched some of the files `fresh`, too, with these."""
    for other in others:
        paths = {touch.path for touch in touches.read(other.id, fresh).touches}
        if paths:
            yield other, tuple(sorted(paths))


def depending(
    mine: Session, others: Iterable[Session], fresh: Collection[str]
) -> Iterator[tuple[Session, tuple[str, ...]]]:
    """Yield the sessions whose edits depend on those that `mine` just made of the files `fresh`, or these on theirs.

    Each with the files of both sides.
    """
    just = touches.read(mine.id, fresh)
    mentions = Mentions(just.touches)
    found = []
    for other in others:
        history = touches.read(other.id)
        mentioned = mentions.among(_possible(just, history))
        found.append((other, history.of(mentioned)))
    _look_up(just, [history for _, history in found])
    for other, history in found:
        paths = set()
        for conflict in detection.dependencies(just, history):
            if conflict.dependency:
                paths |= {conflict.path, conflict.dependency.definition_path}
        if paths:
            yield other, tuple(sorted(paths))


def _possible(mine: History, theirs: History) -> Iterator[Touch]:
    """Yield the touches of the files that are not over, as far as that is known without a look at them."""
    homes = {(touch.repository, touch.worktree) for touch in mine.touches}
    repositories = {repository for repository, _ in homes}

    def may_collide(touch: Touch) -> bool:
        if homes == {(touch.repository, touch.worktree)}:
            return not theirs.is_settled(touch)
        return touch.repository in repositories and not theirs.is_resolved(touch)

    left = {(touch.worktree, touch.path) for touch in theirs.touches if may_collide(touch)}
    return (touch for touch in theirs.touches if (touch.worktree, touch.path) in left)


def _look_up(mine: History, theirs: list[History]) -> None:
    """Ask git once for what it would be asked for session by session."""
    wanted: dict[tuple[str, str], set[str]] = {}
    for left in detection.worktrees(mine.touches):
        own = {touch.path for touch in mine.touches if touch.worktree == left}
        for right in detection.worktrees(touch for history in theirs for touch in history.touches):
            paths = {touch.path for history in theirs for touch in history.touches if touch.worktree == right}
            wanted.setdefault((left, commits.common_ancestor(left, right)), own).update(paths)
    for (worktree, commit), paths in wanted.items():
        if commit:
            objects.texts_at(worktree, commit, sorted(paths))
