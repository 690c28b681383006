"""Owns which collisions of two sessions are true now: git says what is there, the touches who did it."""

from __future__ import annotations

import os

from context_sync import conflicts, regular_files
from context_sync.awareness import settling
from context_sync.conflicts import Conflict
from context_sync.records import Session, Touch
from context_sync.state import alerts, markers, repositories, touches
from context_sync.state.touches import History
from context_sync.tuples import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from context_sync.collisions.changes import Change
    from context_sync.collisions.verdicts import Verdict

SEARCHED = 4 << 20  # bytes of a file in which names are looked for


def between(mine: Session, theirs: Session, paths: Collection[str] | None = None) -> list[Conflict]:
    """Return the unsettled collisions of two sessions, as `mine` sees them, in the order of paths and levels.

    Only those in `paths` and between them; None stands for all paths.
    """
    ours, others = touches.read(mine.id, paths), touches.read(theirs.id, paths)
    found: dict[tuple[str, ...], Conflict] = {}
    for conflict in _all(ours, others):
        place = conflicts.place(conflict)
        if place not in found or conflicts.rank(conflict.level) > conflicts.rank(found[place].level):
            found[place] = conflict
    return [found[place] for place in sorted(found)]


def pairs(live: Collection[str]) -> list[tuple[str, str]]:
    """Return the pairs of live sessions that may collide: they hold files alike, or one was called about the other.

    The recorder calls both sides of a dependency, so that not every session has to be compared with every other.
    """
    found = {pair for pair in repositories.meetings() if set(pair) <= set(live)}
    for each in live:
        about = {call.about for call in markers.calls(each, at_prompt=True)} | alerts.partners(each)
        found |= {(min(each, other), max(each, other)) for other in about & set(live) - {each}}
    return sorted(found)


def meeting(mine: Session, theirs: Session, fresh: Collection[str]) -> tuple[str, ...]:
    """Return the files that collide now that `mine` just touched the files `fresh`, both sides of a dependency."""
    just, others = touches.read(mine.id, fresh), touches.read(theirs.id)
    found = {touch.path for touch in others.touches} & set(fresh)
    mentioned = _mentioned(just.touches, others.touches)
    for conflict in _all(just, touches.read(theirs.id, mentioned)) if mentioned else ():
        if conflict.dependency:
            found |= {conflict.path, conflict.dependency.definition_path}
    return tuple(sorted(found))


def _mentioned(mine: list[Touch], theirs: list[Touch]) -> set[str]:
    """Return the files of `theirs` that can depend on one of `mine` or the other way round: a name stands in the other.

    That is cheap, and keeps the judge, which is not, from most of the files that sessions have touched.
    """
    files = {(touch.worktree, touch.path) for touch in theirs}
    texts = {place: _bytes(*place) for place in files}
    own = b"".join(_bytes(*place) for place in {(touch.worktree, touch.path) for touch in mine})
    names = _words(mine)
    found = {path for (_, path), text in texts.items() if any(name in text for name in names)}
    return found | {touch.path for touch in theirs if any(name in own for name in _words([touch]))}


def _words(made: list[Touch]) -> set[bytes]:
    """Return the names of the touched definitions and of those around them, each by itself."""
    import re  # 2 ms, loaded already for the edit that was made

    parts = {part for touch in made for symbol in touch.symbols for part in re.split(r"\W+", symbol.name)}
    return {part.encode() for part in parts if len(part) > 1 and not part.startswith("__")}


def _bytes(worktree: str, path: str) -> bytes:
    try:
        return regular_files.as_git_has_it(os.path.join(worktree, path), SEARCHED)
    except OSError:
        return b""


def _all(mine: History, theirs: History) -> Iterator[Conflict]:
    """Yield the collisions in each pair of worktrees that are still there."""
    for left in _worktrees(mine):
        for right in _worktrees(theirs):
            yield from _together(left, mine, theirs) if left == right else _apart(left, right, mine, theirs)


def _worktrees(history: History) -> list[str]:
    return sorted(filter(os.path.isdir, {touch.worktree for touch in history.touches}))


def _together(worktree: str, mine: History, theirs: History) -> Iterator[Conflict]:
    """Yield the collisions in one worktree: of what is neither committed nor reverted there."""
    paths = {touch.path for history in (mine, theirs) for touch in _open(history, worktree)}
    mine, theirs = settling.settle(worktree, paths, [mine, theirs])
    ours, others = _open(mine, worktree), _open(theirs, worktree)
    for conflict in conflicts.between(ours, others):
        yield conflict._replace(since=max(each.settled_at(worktree, conflict.path) for each in (mine, theirs)))
    yield from _dependencies(worktree, ours, others)


def _dependencies(worktree: str, mine: list[Touch], theirs: list[Touch]) -> Iterator[Conflict]:
    """Yield the dependencies between the files that only one of the two changed: what both changed is of both."""
    shared = {touch.path for touch in mine} & {touch.path for touch in theirs}
    left, right = ({touch.path for touch in side} - shared for side in (mine, theirs))
    commit = settling.common_ancestor(worktree, worktree) if left and right else ""
    if not commit:
        return
    from context_sync.awareness import sides

    found = [sides.changes(worktree, commit, each) for each in (left, right)]
    for verdict in _judge(*found, apart=False):
        if verdict.dependency:
            yield from _conflict(verdict, mine, theirs)


def _apart(worktree: str, other: str, mine: History, theirs: History) -> Iterator[Conflict]:
    """Yield the collisions between two worktrees: of what is not merged, uncommitted work included."""
    ours = [touch for touch in mine.touches if touch.worktree == worktree and not mine.is_resolved(touch)]
    others = [touch for touch in theirs.touches if touch.worktree == other and not theirs.is_resolved(touch)]
    if not ours or not others or ours[0].repository != others[0].repository:
        return
    from context_sync.awareness import sides

    base = settling.common_ancestor(worktree, other)
    left = sides.changes(worktree, base, {touch.path for touch in ours}) if base else None
    right = sides.changes(other, base, {touch.path for touch in others}) if base else None
    if left is None or right is None:
        yield from conflicts.between(ours, others)  # no common commit: all that is known is who touched what
        return
    for verdict in _judge(left, right, apart=True):
        yield from _conflict(verdict, ours, others)


def _judge(mine: list[Change] | None, theirs: list[Change] | None, *, apart: bool) -> tuple[Verdict, ...]:
    if not mine or not theirs:
        return ()
    from context_sync.collisions import judge  # tree-sitter: 8 ms

    return judge.judge(mine, theirs, apart=apart)


def _conflict(verdict: Verdict, mine: list[Touch], theirs: list[Touch]) -> Iterator[Conflict]:
    """Yield the conflict that a verdict is, with those of its symbols that both touched: a branch holds more."""
    paths = {verdict.path, verdict.dependency.definition_path if verdict.dependency else verdict.path}
    ours = [touch for touch in mine if touch.path in paths] or mine
    others = [touch for touch in theirs if touch.path in paths] or theirs
    symbols = set(verdict.symbols)
    level = verdict.level
    if level == "symbol":
        symbols &= conflicts.names(ours) & conflicts.names(others)
        level = "symbol" if symbols else "file"
    last, theirs_last = conflicts.last(ours, symbols), conflicts.last(others, symbols)
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
        places=verdict.places,
        dependency=verdict.dependency,
    )


def _open(history: History, worktree: str) -> list[Touch]:
    return [touch for touch in history.touches if touch.worktree == worktree and not history.is_settled(touch)]
