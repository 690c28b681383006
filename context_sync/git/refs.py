"""Refs: what is checked out and what a name refers to, read from git's own files where possible."""

from __future__ import annotations

import os

from context_sync.git import checkouts, objects, runner
from context_sync.git.checkouts import Checkout


def branch_of(checkout: Checkout) -> str:
    """Return the branch checked out in the worktree, `detached at <commit>`, or "" without git."""
    if not checkout.git:
        return ""
    head = checkouts.first_line(os.path.join(checkout.git, "HEAD"))
    if head == "ref: refs/heads/.invalid":  # the reftable format keeps HEAD elsewhere
        name = runner.run(checkout.worktree, "symbolic-ref", "--quiet", "HEAD")
        head = "ref: " + name.decode("utf-8", "replace").strip()
    if head.startswith("ref: "):
        return head[5:].removeprefix("refs/heads/")
    return f"detached at {head[:8]}" if head else ""


def branch_in(folder: str) -> str:
    """Return the branch checked out in the worktree around a folder, as `branch_of` does, "" outside any."""
    checkout = checkouts.checkout_of(folder)
    return branch_of(checkout) if checkout else ""


def head_of(worktree: str) -> str:
    """Return the commit that is checked out in the worktree, or "" when there is none.

    Reads the files described in gitrepository-layout(5) where possible, instead of starting git.
    """
    checkout = checkouts.checkout_of(worktree)
    if checkout is None or not checkout.git:
        return ""
    found = checkouts.head(checkout)
    if objects.is_hash(found):
        return found
    return runner.run(worktree, "rev-parse", "--verify", "--quiet", "HEAD^{commit}").decode().strip()


def head_before(worktree: str, at: float) -> str:
    """Return the commit that was checked out in the worktree before a time, in seconds since the epoch, "" if unknown.

    Where the log of HEAD does not go back that far, it is the first commit in it. The log has whole seconds.
    """
    when = f"HEAD@{{@{int(at) - 1} +0000}}"
    return runner.run(worktree, "rev-parse", "--verify", when).decode().strip()


def commit_of(worktree: str, name: str) -> str:
    """Return the commit that a branch, a tag or another name refers to, or "" when there is none."""
    options = ("--verify", "--quiet", "--end-of-options")
    return runner.run(worktree, "rev-parse", *options, f"{name}^{{commit}}").decode().strip()


def worktrees(worktree: str) -> list[str]:
    """Return the real paths of all worktrees of the repository, including this one."""
    command = ("worktree", "list", "--porcelain")
    listed = runner.run(worktree, *command, "-z").split(b"\0")
    if listed == [b""]:  # git before 2.36
        listed = runner.run(worktree, *command).split(b"\n")
    return [os.path.realpath(os.fsdecode(line[9:])) for line in listed if line.startswith(b"worktree ")]
