from collections.abc import Callable
from pathlib import Path

import pytest

from tests.rehearse import Client, client, git, project

__all__ = ["client", "project"]


@pytest.fixture
def two(client: Callable[..., Client]) -> tuple[Client, Client]:
    first, second = client(), client()
    first.start(session_title="first")
    second.start(session_title="second")
    return first, second


@pytest.fixture
def apart(client: Callable[..., Client], project: Path, tmp_path: Path) -> tuple[Client, Client]:
    """Two sessions, the second in a worktree of its own with the branch "feature"."""
    worktree = tmp_path / "feature"
    git(project, "worktree", "add", "--quiet", "-b", "feature", str(worktree))
    here, there = client(), client(worktree)
    here.start(session_title="here")
    there.start(session_title="there")
    return here, there


@pytest.fixture
def third(client: Callable[..., Client]) -> Client:
    """One more session, in the project."""
    made = client()
    made.start(session_title="third")
    return made
