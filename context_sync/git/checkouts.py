"""Checkouts: the repository and worktree that a folder belongs to, read from git's own files."""

from __future__ import annotations

import os

from context_sync.hotpath import regular_files
from context_sync.hotpath.namedtuples import NamedTuple


class Checkout(NamedTuple):
    """The repository and worktree that a folder or file belongs to.

    `repository` identifies the repository across its worktrees: the real path of the git common directory, or of
    the project folder without git. `worktree` is the real path of the worktree's root, `git` the real path of its
    own git directory, "" without git.
    """

    repository: str
    worktree: str
    git: str


def checkout_of(folder: str) -> Checkout | None:
    """Return the checkout of the innermost worktree around `folder`, or None outside any.

    Reads the files described in gitrepository-layout(5) instead of starting git (5 ms); those of a worktree's root once
    in a process, as long as its `.git` is the same.
    """
    known = _roots.get(folder)
    if known and known[0] == _identity(os.path.join(folder, ".git")) and os.path.isdir(known[1].git):
        return known[1]
    where = os.path.realpath(folder)
    while True:
        marker = os.path.join(where, ".git")
        directory = _git_directory(marker)
        if directory:
            found = Checkout(_common_directory(directory), where, directory)
            if where == folder:
                _roots[folder] = _identity(marker), found
            return found
        parent = os.path.dirname(where)
        if parent == where:
            return None
        where = parent


_roots: dict[str, tuple[tuple[int, ...], Checkout]] = {}


def _identity(path: str) -> tuple[int, ...]:
    """Return a value that changes when another file or folder is there, or something is put into it; empty without."""
    try:
        found = os.stat(path)
    except OSError:
        return ()
    return found.st_dev, found.st_ino, found.st_mtime_ns, found.st_ctime_ns


def stamp(checkout: Checkout) -> tuple[int, ...]:
    """Return a value that changes whenever something is committed, staged or checked out in the worktree."""
    found = []
    for name in ("HEAD", "index", os.path.join("logs", "HEAD")) if checkout.git else ():
        try:
            found.append(os.stat(os.path.join(checkout.git, name)).st_mtime_ns)
        except OSError:
            found.append(0)
    return tuple(found)


def head(checkout: Checkout) -> str:
    """Return what git's files say is checked out, as far as they go: a commit, a `ref: `, or "" for none."""
    found = first_line(os.path.join(checkout.git, "HEAD"))
    for _ in range(5):  # as many as git follows
        if not found.startswith("ref: "):
            break
        found = _reference(checkout, found[5:])
    return found


def may_filter(worktree: str) -> bool:
    """Return whether the configuration of the repository or the worktree may name filters or another file."""
    checkout = checkout_of(worktree)
    return checkout is not None and any(map(_may_filter, {checkout.repository, checkout.git}))


def first_line(path: str) -> str:
    """Return the first line of a file, "" when it cannot be read."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # not even a pipe in its place is waited for
        try:
            return os.fsdecode(os.read(descriptor, 4096).partition(b"\n")[0].rstrip(b"\r"))
        finally:
            os.close(descriptor)
    except (OSError, ValueError):
        return ""


def _reference(checkout: Checkout, name: str) -> str:
    for directory in (checkout.git, checkout.repository):
        found = first_line(os.path.join(directory, name))
        if found:
            return found
    try:
        packed = regular_files.read(os.path.join(checkout.repository, "packed-refs"), 1 << 28)
    except OSError:
        return ""
    wanted = b" " + os.fsencode(name)
    return next(
        (line[: -len(wanted)].decode("ascii", "replace") for line in packed.split(b"\n") if line.endswith(wanted)), ""
    )


def _may_filter(directory: str) -> bool:
    for name in ("config", "config.worktree"):
        try:
            text = regular_files.read(os.path.join(directory, name)).lower()
        except OSError:
            continue
        if b"filter" in text or b"include" in text:
            return True
    return False


def _git_directory(marker: str) -> str:
    if os.path.isdir(marker):
        return os.path.realpath(marker) if os.path.isfile(os.path.join(marker, "HEAD")) else ""
    line = first_line(marker)
    if not line.startswith("gitdir: "):
        return ""
    directory = os.path.realpath(os.path.join(os.path.dirname(marker), line[8:]))
    return directory if os.path.isdir(directory) else ""


def _common_directory(directory: str) -> str:
    file = os.path.join(directory, "commondir")
    common = first_line(file) if os.path.lexists(file) else ""  # only a linked worktree has one
    return os.path.realpath(os.path.join(directory, common)) if common else directory
