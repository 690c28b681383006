"""Conflict detection: git says which changes exist now, and the touches say which session made them."""

from __future__ import annotations

import os

from context_sync.domain import conflicts
from context_sync.domain.conflicts import Conflict
from context_sync.domain.edit_history import History
from context_sync.domain.records import Session, Touch
from context_sync.hotpath import deadlines
from context_sync.hotpath.namedtuples import TYPE_CHECKING
from context_sync.state import alert_memory, gate, touches
from context_sync.touches import settlement

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from context_sync.analysis.changes import Change
    from context_sync.conflicts.merge_preview import Sides
    from context_sync.domain.verdicts import Verdict

    Settle = Callable[[str, set[str], list[History]], list[History]]

SHARE = 0.5  # of the time that is left to a hook, for one comparison


def between(
    mine: Session, theirs: Session, paths: Collection[str] | None = None, settle: Settle = settlement.seen
) -> list[Conflict]:
    """Return the unsettled conflicts of two sessions, as `mine` sees them, in the order of paths and levels.

    Only those in `paths` and between them; None stands for all paths. With `settlement.settle` it is noted what git
    shows as settled, by default nothing is written.
    """
    ours, others = touches.read(mine.id, paths), touches.read(theirs.id, paths)
    if paths is not None and _are_gone(ours, others):  # what was done to a file that moved is where it went
        ours, others = touches.read(mine.id), touches.read(theirs.id)
    ours, others = _settled(ours, others, settle)
    found: dict[tuple[str, ...], Conflict] = {}
    for conflict in _all(ours, others):
        if paths is not None and conflict.path not in paths:
            continue
        place = alert_memory.key(conflict)
        if place not in found or conflicts.rank(conflict.level) > conflicts.rank(found[place].level):
            found[place] = conflict
    return [found[place] for place in sorted(found)]


def pairs(live: Collection[str]) -> list[tuple[str, str]]:
    """Return the pairs of live sessions that may conflict: they hold the same files, or one was notified of the other.

    The recorder notifies both sides of a dependency, so that not every session has to be compared with every other.
    """
    from context_sync.state import repositories

    found = {pair for pair in repositories.meetings() if set(pair) <= set(live)}
    for each in live:
        about = {notice.about for notice in gate.notices(each, at_prompt=True)} | alert_memory.partners(each)
        found |= {(min(each, other), max(each, other)) for other in about & set(live) - {each}}
    return sorted(found)


def dependencies(mine: History, theirs: History) -> Iterator[Conflict]:
    """Yield the unsettled conflicts of level dependency between the touches of two sessions; notes what is settled."""
    mine, theirs = _settled(mine, theirs, settlement.settle)
    for left in worktrees(mine.touches):
        for right in worktrees(theirs.touches):
            if left == right:
                yield from _dependencies(left, mine.unsettled(left), theirs.unsettled(left))
            else:
                ours, others = _unmerged(left, right, mine, theirs)
                changed = _sides(left, right, ours, others) or (None, None)
                for verdict in _dependent(*changed):
                    yield from _conflict(verdict, ours, others)


def worktrees(made: Iterable[Touch]) -> list[str]:
    """Return the worktrees of the touches that are still there."""
    return sorted(filter(os.path.isdir, {touch.worktree for touch in made}))


def _are_gone(mine: History, theirs: History) -> bool:
    """Return whether a file that both sessions touched, in two worktrees, is gone from one of them."""
    shared = {touch.path for touch in mine.touches} & {touch.path for touch in theirs.touches}
    places = {(touch.worktree, touch.path) for touch in (*mine.touches, *theirs.touches) if touch.path in shared}
    return len({worktree for worktree, _ in places}) > 1 and not all(
        os.path.lexists(os.path.join(*place)) for place in places
    )


def _all(mine: History, theirs: History) -> Iterator[Conflict]:
    """Yield the conflicts in each pair of worktrees that are still there."""
    for left in worktrees(mine.touches):
        for right in worktrees(theirs.touches):
            yield from _together(left, mine, theirs) if left == right else _apart(left, right, mine, theirs)


def _together(worktree: str, mine: History, theirs: History) -> Iterator[Conflict]:
    """Yield the conflicts in one worktree, between edits that are neither committed nor reverted there."""
    ours, others = mine.unsettled(worktree), theirs.unsettled(worktree)
    yield from conflicts.between(ours, others)
    yield from _dependencies(worktree, ours, others)


def _settled(mine: History, theirs: History, settle: Settle) -> tuple[History, History]:
    """Return the histories with what git shows as settled in the worktrees in which both made edits."""
    for worktree in set(worktrees(mine.touches)).intersection(worktrees(theirs.touches)):
        paths = {touch.path for history in (mine, theirs) for touch in history.unsettled(worktree)}
        mine, theirs = settle(worktree, paths, [mine, theirs])
    return mine, theirs


def _dependencies(worktree: str, mine: list[Touch], theirs: list[Touch]) -> Iterator[Conflict]:
    """Yield the dependencies between the files that only one of the two changed: what both changed is of both."""
    shared = {touch.path for touch in mine} & {touch.path for touch in theirs}
    mine, theirs = conflicts.sole(mine), conflicts.sole(theirs)
    left, right = ({touch.path for touch in side} - shared for side in (mine, theirs))
    if not left or not right:
        return
    from context_sync.conflicts import worktree_changes
    from context_sync.git import refs

    commit = refs.head_of(worktree)
    if not commit:
        return
    found = [worktree_changes.changes(worktree, commit, each) for each in (left, right)]
    for verdict in _dependent(*found):
        yield from _conflict(verdict, mine, theirs)


def _dependent(mine: list[Change] | None, theirs: list[Change] | None) -> tuple[Verdict, ...]:
    if not mine or not theirs:
        return ()
    from context_sync.analysis import judge  # tree-sitter: 8 ms

    return deadlines.attempt(lambda: judge.dependent(mine, theirs), SHARE) or ()


def _apart(worktree: str, other: str, mine: History, theirs: History) -> Iterator[Conflict]:
    """Yield the conflicts between two worktrees, of unmerged work, uncommitted work included."""
    ours, others = conflicts.weigh(*_unmerged(worktree, other, mine, theirs))
    sides = _sides(worktree, other, ours, others)
    yield from _large(ours, others)
    if sides is None:
        yield from conflicts.between(ours, others)  # no common commit: only who touched what is known
    elif all(sides):
        from context_sync.conflicts import merge_preview

        left, right = sides
        ours, others = merge_preview.left(ours, left), merge_preview.left(others, right)
        verdicts = deadlines.attempt(lambda: merge_preview.verdicts(_of(left, ours), _of(right, others)), SHARE)
        if verdicts is None:
            yield from conflicts.between(ours, others)  # more than can be compared in time, as two reformatted files
        for verdict in verdicts or ():
            yield from _conflict(verdict, ours, others)


def _large(mine: list[Touch], theirs: list[Touch]) -> Iterator[Conflict]:
    """Yield the conflicts in files that are too large to be compared: that both touched them is all that is known."""
    from context_sync.conflicts import worktree_changes

    ours, others = (
        [each for each in made if worktree_changes.is_large(each.worktree, each.path)] for made in (mine, theirs)
    )
    if ours and others:
        yield from conflicts.between(ours, others)


def _of(changes: list[Change], made: list[Touch]) -> list[Change]:
    """Return the changes of the touched files, a moved one being two."""
    from context_sync.analysis.changes import edits_of

    edits = edits_of(changes)
    paths = {path for touch in made for path in (touch.path, edits[touch.path].new_path)}
    return [change for change in changes if change.path in paths]


def _unmerged(worktree: str, other: str, mine: History, theirs: History) -> tuple[list[Touch], list[Touch]]:
    """Return what of two sessions' work in two worktrees the other worktree may lack."""
    from context_sync.conflicts import merge_preview

    return merge_preview.unmerged(mine, worktree, other), merge_preview.unmerged(theirs, other, worktree)


def _sides(worktree: str, other: str, mine: list[Touch], theirs: list[Touch]) -> Sides | None:
    """Return what differs from the common ancestor of two worktrees in each, None where there is none."""
    if not mine or not theirs or mine[0].repository != theirs[0].repository:
        return None
    from context_sync.conflicts import merge_preview

    return merge_preview.sides(worktree, other, {touch.path for touch in mine}, {touch.path for touch in theirs})


def _conflict(verdict: Verdict, mine: list[Touch], theirs: list[Touch]) -> Iterator[Conflict]:
    """Yield the conflict that a verdict is, with those of its symbols that both touched: a branch holds more."""
    paths = {verdict.path, verdict.dependency.definition_path if verdict.dependency else verdict.path}
    ours = [touch for touch in mine if touch.path in paths] or mine
    others = [touch for touch in theirs if touch.path in paths] or theirs
    symbols = set(verdict.symbols)
    certain = bool(conflicts.sole(ours)), bool(conflicts.sole(others))
    level = verdict.level if all(certain) else "file"
    if verdict.dependency and level == "file":
        return
    if level == "symbol":
        symbols &= conflicts.names(ours) & conflicts.names(others)
        level = "symbol" if symbols else "file"
    if not all(certain):
        symbols = set()
    mine_all, theirs_all = conflicts.ids(ours), conflicts.ids(others)
    ours, others = conflicts.concerned(ours, symbols), conflicts.concerned(others, symbols)
    last, theirs_last = conflicts.last(ours), conflicts.last(others)
    yield Conflict(
        mine=last.session,
        theirs=theirs_last.session,
        repository=last.repository,
        path=verdict.path,
        level=level,
        symbols=tuple(name for name in verdict.symbols if name in symbols),
        mine_worktree=last.worktree,
        theirs_worktree=theirs_last.worktree,
        mine_at=last.at,
        theirs_at=theirs_last.at,
        theirs_touches=conflicts.ids(others),
        mine_all=mine_all,
        theirs_all=theirs_all,
        places=verdict.places if all(certain) else (),
        dependency=verdict.dependency,
        mine_certain=certain[0],
        theirs_certain=certain[1],
    )
