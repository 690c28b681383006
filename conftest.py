import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import hypothesis
import pytest

from context_sync.claude.hooks import simulation
from context_sync.claude.install import client_version
from context_sync.git import runner
from tests.covering import interpreter
from tests.rehearse import CHECKOUT, Client, CommandLine, client, git, project

__all__ = ["client", "project"]

KEPT = "CONTEXT_SYNC_TEST_CLIENT"  # where Claude Code is, see tests/client/install.py

hypothesis.settings.register_profile("patient", deadline=None)  # the machine may be busy with other workers
hypothesis.settings.load_profile("patient")


def pytest_configure(config: pytest.Config) -> None:
    """With --cov, what the tests start is measured, too."""
    if config.getoption("cov_source", None) and not config.getoption("numprocesses", None):
        made = tempfile.TemporaryDirectory(prefix="covering-")
        config.add_cleanup(made.cleanup)
        sys.executable = str(interpreter.make(Path(made.name)))


def pytest_runtest_setup() -> None:
    """With --cov, measure on where a test lost the tracing: Python takes it away at an error too deep for it."""
    coverage = sys.modules.get("coverage")
    measured = coverage.Coverage.current() if coverage else None
    if measured and sys.gettrace() is None:
        measured.stop()
        measured.start()


@pytest.fixture(autouse=True)
def isolated_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder of the test's own: the real one is off limits."""
    for name in list(os.environ):
        if name.startswith(("CLAUDE", "CONTEXT_SYNC", "GIT_", "PYTHON", "XDG_")) and name != KEPT:
            monkeypatch.delenv(name)
    home = tmp_path / "isolated-home"
    home.mkdir()
    git_config = tmp_path / "isolated-gitconfig"
    git_config.write_text("[user]\nname = Tess\nemail = tess@example.invalid\n[init]\ndefaultBranch = main\n")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(home / ".claude"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(home / ".local" / "state"))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / ".local" / "share"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "isolated-cache"))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(git_config))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    return home


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what this process starts take its time: a machine that stood still for some seconds is no failure."""
    for module, name in ((runner, "TIME_LIMIT"), (simulation, "TIME_LIMIT"), (client_version, "TIMEOUT")):
        monkeypatch.setattr(module, name, 600.0)


@pytest.fixture
def command_line(tmp_path: Path) -> CommandLine:
    """Run `context-sync` of this checkout in a process of its own."""

    def run(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "context_sync.cli.main", *arguments]
        environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
        defaults = {"cwd": tmp_path, "env": environment, "capture_output": True, "text": True, "timeout": 180}
        return subprocess.run(command, check=False, **(defaults | options))

    return run


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
