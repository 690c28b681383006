"""The merge preview: what merging two worktrees would do now, or once a file of one of them has another text."""

from __future__ import annotations

from context_sync.conflicts import worktree_changes
from context_sync.git import commits, differences
from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from context_sync.analysis.changes import Change
    from context_sync.domain.verdicts import Verdict


class Sides(NamedTuple):
    """What two worktrees made of the commit that both began from, as far as a merge would have it."""

    mine: list[Change]
    theirs: list[Change]


def sides(
    worktree: str,
    other: str,
    paths: Collection[str],
    others: Collection[str],
    overlay: Mapping[str, bytes] | None = None,
) -> Sides | None:
    """Return what differs in `paths` of a worktree and in `others` of another one from their common ancestor.

    `overlay` has the texts that files of `worktree` are about to have. What git ignores is left out. None when git
    cannot tell.
    """
    base = commits.common_ancestor(worktree, other)
    mine = worktree_changes.changes(worktree, base, paths, overlay) if base else None
    theirs = worktree_changes.changes(other, base, others) if mine is not None else None
    return None if mine is None or theirs is None else Sides(_tracked(worktree, mine), _tracked(other, theirs))


def verdicts(mine: list[Change], theirs: list[Change]) -> tuple[Verdict, ...]:
    """Return what conflicts between the two sides, see `analysis.judge`."""
    from context_sync.analysis import judge  # tree-sitter: 8 ms

    return judge.judge(mine, theirs, apart=True)


def _tracked(worktree: str, changes: list[Change]) -> list[Change]:
    new = [change.path for change in changes if change.before is None]
    ignored = differences.ignored(worktree, new) if new else set()
    return [change for change in changes if change.path not in ignored]
