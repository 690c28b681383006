"""The files that differ between a worktree and a commit, or between two commits."""

from __future__ import annotations

import os

from context_sync.git import runner
from context_sync.git.runner import IGNORE_SUBMODULES


def uncommitted(worktree: str, paths: list[str]) -> set[str] | None:
    """Return which of `paths` (relative to `worktree`) differ from HEAD; None when git fails.

    An untracked or ignored file counts as uncommitted; one that no longer exists and was never committed does not.
    """
    options = ("--porcelain", "-z", "--no-renames", IGNORE_SUBMODULES, "--untracked-files=all", "--ignored=matching")
    status = runner.attempt(worktree, "--literal-pathspecs", "status", *options, "--", *paths)
    if status is None:
        return None
    return {os.fsdecode(entry[3:]) for entry in status.split(b"\0") if entry}


def dirty(worktree: str) -> set[str] | None:
    """Return the files that differ from HEAD, including deleted and untracked ones; None when git fails.

    The files of a repository nested in this one are left out.
    """
    # The files in new folders are listed separately, because only then does git use the untracked cache, if enabled.
    options = ("--porcelain", "-z", "--no-renames", IGNORE_SUBMODULES, "--untracked-files=normal")
    status = runner.attempt(worktree, "status", *options)
    if status is None:
        return None
    found = {os.fsdecode(entry[3:]) for entry in status.split(b"\0") if entry}
    folders = [path for path in found if path.endswith("/")]
    if folders:
        new = runner.run(
            worktree, "--literal-pathspecs", "ls-files", "--others", "--exclude-standard", "-z", "--", *folders
        )
        found |= {os.fsdecode(name) for name in new.split(b"\0") if name}
    return _files(found)


def differing(worktree: str, commit: str, paths: list[str]) -> set[str] | None:
    """Return which of `paths` (relative to `worktree`) differ there from `commit`, including files added since.

    Ignored files are left out, as they are never merged. None when git fails, for example without git, without such
    a commit, or when the worktree no longer exists.
    """
    command = (
        "--literal-pathspecs",
        "diff",
        "--no-ext-diff",
        "--no-textconv",
        "--no-renames",
        IGNORE_SUBMODULES,
        "--name-only",
        "-z",
    )
    changed = runner.attempt(worktree, *command, commit, "--", *paths)
    others = ("ls-files", "--others", "--exclude-standard", "-z")
    new = runner.attempt(worktree, "--literal-pathspecs", *others, "--", *paths)
    if changed is None or new is None:
        return None
    return {os.fsdecode(name) for name in (changed + new).split(b"\0") if name}


def ignored(worktree: str, paths: list[str]) -> set[str]:
    """Return which of `paths` (relative to `worktree`) are ignored and not tracked; empty when git fails."""
    options = ("ls-files", "--others", "--ignored", "--exclude-standard", "-z")
    found = runner.run(worktree, "--literal-pathspecs", *options, "--", *paths)
    return {os.fsdecode(name) for name in found.split(b"\0") if name}


def changed_since(worktree: str, commit: str) -> list[str]:
    """Return the files in the worktree that differ from a commit, including new but not ignored ones."""
    options = ("--no-ext-diff", "--no-textconv", "--no-renames", IGNORE_SUBMODULES, "--name-only", "-z")
    changed = runner.run(worktree, "diff", *options, commit)
    new = runner.run(worktree, "ls-files", "--others", "--exclude-standard", "-z")
    return sorted(_files({os.fsdecode(name) for name in (changed + new).split(b"\0") if name}))


def changed_between(worktree: str, one: str, other: str) -> list[str]:
    """Return the files that differ between two commits."""
    names = runner.run(worktree, "diff-tree", "--no-renames", "--name-only", "-r", "-z", one, other)
    return [os.fsdecode(name) for name in names.split(b"\0") if name]


def line_counts(worktree: str, paths: list[str]) -> dict[str, tuple[int, int]]:
    """Return how many lines of `paths` were added and removed since HEAD, without binary, new and unchanged files."""
    options = (
        "--no-ext-diff",
        "--no-textconv",
        "--no-renames",
        IGNORE_SUBMODULES,
        "--numstat",
        "-z",
        "HEAD",
        "--",
        *paths,
    )
    found = {}
    for entry in runner.run(worktree, "--literal-pathspecs", "diff", *options).split(b"\0"):
        added, _, rest = entry.partition(b"\t")
        removed, _, path = rest.partition(b"\t")
        if added.isdigit():
            found[os.fsdecode(path)] = (int(added), int(removed))
    return found


def _files(paths: set[str]) -> set[str]:
    """Leave out nested repositories, which git lists as folders."""
    return {path for path in paths if not path.endswith("/")}
