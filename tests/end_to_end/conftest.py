from pathlib import Path

import pytest

from tests.client.conftest import api, client
from tests.client.conftest import home as clean_home
from tests.client.environment import Home
from tests.end_to_end.stage import CALC, context_sync, git

__all__ = ["api", "clean_home", "client"]


@pytest.fixture
def has_server() -> bool:
    """Whether the client has our MCP server, too; a module that is about it says so. A client waits for it (1 s)."""
    return False


@pytest.fixture
def home(clean_home: Home, has_server: bool) -> Home:
    context_sync(clean_home, "init")
    if not has_server:
        (clean_home.folder / ".claude.json").unlink()
    return clean_home


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    (folder / "calc.py").write_text(CALC)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=calc")
    return folder


@pytest.fixture
def worktree(project: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "payments"
    git(project, "worktree", "add", "--quiet", "-b", "payments", str(folder))
    return folder
