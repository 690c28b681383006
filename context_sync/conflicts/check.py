"""The check of this worktree against others, whoever changed them: what would conflict if they were merged now."""

from __future__ import annotations

import os

from context_sync.analysis.changes import Change
from context_sync.conflicts import merge_preview, worktree_changes
from context_sync.domain.verdicts import Verdict
from context_sync.errors import ContextSyncError
from context_sync.git import commits, differences, objects, refs
from context_sync.git.checkouts import Checkout
from context_sync.hotpath.namedtuples import NamedTuple


class Checked(NamedTuple):
    """What conflicts with another worktree (its path) or branch (its name)."""

    against: str
    verdicts: tuple[Verdict, ...]


def others(place: Checkout) -> list[str]:
    """Return the other worktrees of the repository, by their paths."""
    return [each for each in refs.worktrees(place.worktree) if each != place.worktree and os.path.isdir(each)]


def check(place: Checkout, against: str) -> Checked:
    """Return what conflicts between this worktree and `against`, a worktree's path or a branch.

    Of a worktree its uncommitted work counts, too. Raises ContextSyncError when `against` is neither, or when the two
    have no commit in common.
    """
    folder = os.path.realpath(against)
    is_worktree = folder in refs.worktrees(place.worktree)
    theirs = refs.head_of(folder) if is_worktree else refs.commit_of(place.worktree, against)
    if not theirs:
        raise ContextSyncError(
            f"{against} is no worktree and no branch of this repository: see `git worktree list` and `git branch`."
        )
    base = commits.merge_base(place.worktree, "HEAD", theirs)
    if not base:
        raise ContextSyncError(f"{against} has no commit in common with this worktree: name another branch.")
    other = _of_worktree(folder, base) if is_worktree else _of_commit(place.worktree, base, theirs)
    return Checked(against, merge_preview.verdicts(_of_worktree(place.worktree, base), other))


def _of_worktree(worktree: str, base: str) -> list[Change]:
    return worktree_changes.changes(worktree, base, differences.changed_since(worktree, base)) or []


def _of_commit(worktree: str, base: str, commit: str) -> list[Change]:
    paths = differences.changed_between(worktree, base, commit)
    before, after = objects.texts_at(worktree, base, paths), objects.texts_at(worktree, commit, paths)
    return [Change(path, before[path], after[path]) for path in paths] if before and after else []
