"""The repository of a simulation: one file, a checkout, and a second worktree on a branch."""

import os

from context_sync.errors import ContextSyncError
from context_sync.git import runner

SETTINGS = (
    *("-c", "user.name=context-sync"),
    *("-c", "user.email=context-sync@localhost"),
    *("-c", "commit.gpgsign=false"),
    *("-c", "core.autocrlf=false"),
)


def make_repository(checkout: str, worktree: str, branch: str, file: str, text: str) -> None:
    """Create a repository in `checkout` and another worktree of it; raises ContextSyncError if git cannot."""
    write(checkout, file, text)
    for arguments in (
        ("init", "--initial-branch=main", "--template="),
        ("add", "."),
        ("commit", "--message=begin"),
        ("worktree", "add", "-b", branch, worktree),
    ):
        runner.run(checkout, *SETTINGS, *arguments)
    if not os.path.isfile(os.path.join(worktree, file)):
        raise ContextSyncError("git could not create the repository: is git 2.28 or newer on PATH?")


def write(folder: str, file: str, text: str) -> None:
    """Write a file below a folder, creating the folders that it needs."""
    path = os.path.join(folder, file)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as stream:
        stream.write(text)
