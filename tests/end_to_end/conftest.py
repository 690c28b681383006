from pathlib import Path

import pytest

from tests import plugin
from tests.client.conftest import api, client
from tests.client.conftest import home as clean_home
from tests.client.environment import Home
from tests.end_to_end.stage import context_sync, git, patient
from tests.rehearse import project

__all__ = ["api", "clean_home", "client", "project"]


@pytest.fixture
def has_server() -> bool:
    """Whether Claude Code has our MCP server, too; a module that is about it says so. A client waits for it (1 s)."""
    return False


@pytest.fixture
def home(clean_home: Home, has_server: bool) -> Home:
    context_sync(clean_home, "init")
    patient(clean_home)
    if not has_server:
        (clean_home.folder / ".claude.json").unlink()
    return clean_home


@pytest.fixture
def worktree(project: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "payments"
    git(project, "worktree", "add", "--quiet", "-b", "payments", str(folder))
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return plugin.copy(tmp_path / "plugin")


@pytest.fixture
def path(tmp_path: Path) -> dict[str, str]:
    """The environment of a client in which the plugin's own environment needs no network."""
    return {"PATH": plugin.uv(tmp_path / "tools")}
