"""Owns which files differ: in a worktree from a commit, and between two commits."""

from __future__ import annotations

import os

from context_sync.git import runner
from context_sync.git.runner import HERE


def uncommitted(worktree: str, paths: list[str]) -> set[str] | None:
    """Return which of `paths` (relative to `worktree`) are not as HEAD has them; None when git cannot tell.

    A file that is untracked or ignored counts as uncommitted, one that is gone and was never committed does not.
    """
    options = ("--porcelain", "-z", "--no-renames", HERE, "--untracked-files=all", "--ignored=matching")
    status = runner.attempt(worktree, "--literal-pathspecs", "status", *options, "--", *paths)
    if status is None:
        return None
    return {os.fsdecode(entry[3:]) for entry in status.split(b"\0") if entry}


def dirty(worktree: str) -> set[str] | None:
    """Return the files that are not as HEAD has them, deleted and untracked ones included; None without git.

    What belongs to a repository inside this one is left out.
    """
    # New folders are listed apart: only so git uses the untracked cache, where a repository has it.
    status = runner.attempt(worktree, "status", "--porcelain", "-z", "--no-renames", HERE, "--untracked-files=normal")
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
    """Return which of `paths` (relative to `worktree`) differ there from `commit`, files new since included.

    Ignored files are left out: no merge will ever have them. None when git cannot tell, as without git, without such a
    commit, or when the worktree is gone.
    """
    command = (
        "--literal-pathspecs",
        "diff",
        "--no-ext-diff",
        "--no-textconv",
        "--no-renames",
        HERE,
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
    """Return which of `paths` (relative to `worktree`) are ignored and not tracked; empty when git cannot tell."""
    options = ("ls-files", "--others", "--ignored", "--exclude-standard", "-z")
    found = runner.run(worktree, "--literal-pathspecs", *options, "--", *paths)
    return {os.fsdecode(name) for name in found.split(b"\0") if name}


def changed_since(worktree: str, commit: str) -> list[str]:
    """Return the files that differ in the worktree from a commit, new ones included, ignored ones not."""
    options = ("--no-ext-diff", "--no-textconv", "--no-renames", HERE, "--name-only", "-z")
    changed = runner.run(worktree, "diff", *options, commit)
    new = runner.run(worktree, "ls-files", "--others", "--exclude-standard", "-z")
    return sorted(_files({os.fsdecode(name) for name in (changed + new).split(b"\0") if name}))


def changed_between(worktree: str, one: str, other: str) -> list[str]:
    """Return the files that differ between two commits."""
    names = runner.run(worktree, "diff-tree", "--no-renames", "--name-only", "-r", "-z", one, other)
    return [os.fsdecode(name) for name in names.split(b"\0") if name]


def line_counts(worktree: str, paths: list[str]) -> dict[str, tuple[int, int]]:
    """Return how many lines of `paths` were added and removed since HEAD; not of binary, new and unchanged files."""
    options = ("--no-ext-diff", "--no-textconv", "--no-renames", HERE, "--numstat", "-z", "HEAD", "--", *paths)
    found = {}
    for entry in runner.run(worktree, "--literal-pathspecs", "diff", *options).split(b"\0"):
        added, _, rest = entry.partition(b"\t")
        removed, _, path = rest.partition(b"\t")
        if added.isdigit():
            found[os.fsdecode(path)] = (int(added), int(removed))
    return found


def _files(paths: set[str]) -> set[str]:
    """Leave out the repositories inside this one, of which git tells the folder."""
    return {path for path in paths if not path.endswith("/")}
