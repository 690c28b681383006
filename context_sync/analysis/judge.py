"""Comparison of two sides' edits against their common base: what conflicts, and at which level."""

from __future__ import annotations

from context_sync.analysis.changes import Change, Edit, edits_of
from context_sync.analysis.dependencies import dependencies
from context_sync.analysis.merge import is_contained, merge
from context_sync.analysis.touched import shared_definitions
from context_sync.domain.verdicts import Verdict
from context_sync.hotpath.namedtuples import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


def judge(mine: Iterable[Change], theirs: Iterable[Change], *, apart: bool = True) -> tuple[Verdict, ...]:
    """Return what conflicts between two sides.

    First, by path, each file that both sides changed has one verdict of level file, symbol or merge; then each
    dependency is a verdict of its own. Both sides are against the same base. `apart` is whether they are in
    different worktrees; within one worktree there is nothing to merge, and no verdict of that level. A file that
    both sides changed in the same way has no verdict, nor has one where one side's changes include the other's.
    """
    ours, others = edits_of(mine), edits_of(theirs)
    shared = tuple(_shared(ours, others, apart))
    return shared + dependencies(ours, others)


def dependent(mine: Iterable[Change], theirs: Iterable[Change]) -> tuple[Verdict, ...]:
    """Return only the dependencies that `judge` returns."""
    return dependencies(edits_of(mine), edits_of(theirs))


def _shared(mine: Mapping[str, Edit], theirs: Mapping[str, Edit], apart: bool) -> Iterator[Verdict]:
    for path in sorted(mine.keys() & theirs.keys()):
        if mine[path] != theirs[path]:
            verdict = _verdict(mine[path], theirs[path], apart)
            if verdict:
                yield verdict


def _verdict(mine: Edit, theirs: Edit, apart: bool) -> Verdict | None:
    both = shared_definitions(mine, theirs)
    conflict = merge(mine, theirs) if apart else None
    if conflict:
        names = dict.fromkeys(name for place in conflict.places for name in place.symbols)
        return Verdict(mine.path, "merge", tuple(names) or both, conflict.places, None)
    if apart and is_contained(mine, theirs):
        return None
    return Verdict(mine.path, "symbol" if both else "file", both, (), None)
