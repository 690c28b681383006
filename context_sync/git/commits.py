"""Commits: when they were made, what they changed, and their common ancestors."""

from __future__ import annotations

import os

from context_sync.git import refs, runner

_ANCESTORS: dict[tuple[str, str], str] = {}  # by two commits, for which it never changes


def last_commits(worktree: str, commit: str, paths: list[str], since: float) -> dict[str, int]:
    """Return when each of `paths` (relative to `worktree`) was last committed in the history of `commit`.

    In seconds since the epoch, by committer date; files not committed after `since` are left out.
    """
    options = ("--format=tformat:%x01%ct", "--name-only", "-z", "-c", "--no-ext-diff", "--no-textconv", "--no-renames")
    output = runner.run(worktree, "--literal-pathspecs", "log", _since(since), *options, commit, "--", *paths)
    found: dict[str, int] = {}
    at = 0
    for field in output.split(b"\0"):
        if field.startswith(b"\x01"):
            at = int(field[1:])
        elif at > since and (name := os.fsdecode(field.removeprefix(b"\n"))):
            found.setdefault(name, at)
    return found


def commits_made(worktree: str, since: str, at: float) -> list[str]:
    """Return the commits made on HEAD after the commit `since` and the time `at`, oldest first.

    `at` is in seconds since the epoch. Merges and commits that are also on another branch are left out, as their
    changes were made elsewhere.
    """
    current = runner.run(worktree, "symbolic-ref", "--quiet", "--short", "HEAD").decode().strip()
    others = ("--not", since, *((f"--exclude={current}",) if current else ()), "--branches", "--remotes")
    options = ("--reverse", "--first-parent", "--no-merges", _since(at), "HEAD")
    return runner.run(worktree, "rev-list", *options, *others).decode().split()


def _since(at: float) -> str:
    """Return the option in a form that is unambiguous to git, which reads a small bare number as a time today."""
    return f"--since=@{int(at)} +0000"


def paths_of(worktree: str, commit: str) -> list[str]:
    """Return the files that a commit changed, including deleted ones."""
    names = runner.run(
        worktree, "diff-tree", "--root", "--no-commit-id", "--name-only", "--no-renames", "-r", "-z", commit
    )
    return [os.fsdecode(name) for name in names.split(b"\0") if name]


def merge_base(worktree: str, one: str, other: str) -> str:
    """Return the best common ancestor of two commits, or "" when they have none."""
    return runner.run(worktree, "merge-base", one, other).decode().strip()


def common_ancestor(worktree: str, other: str) -> str:
    """Return the common ancestor of two worktrees' commits, HEAD when they are the same worktree; "" for none."""
    head = refs.head_of(worktree)
    if worktree == other or not head:
        return head
    theirs = refs.head_of(other)
    base = _ANCESTORS.get((head, theirs)) or (merge_base(worktree, head, theirs) if theirs else "")
    if base:
        _ANCESTORS[head, theirs] = base
    return base
