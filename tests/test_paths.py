import os
import pwd
from pathlib import Path

import pytest

from context_sync import paths
from context_sync.errors import ContextSyncError


def test_the_clients_folder_is_where_the_client_looks(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", "/elsewhere")
    assert paths.claude_folder() == "/elsewhere"
    assert paths.state_folder() == "/elsewhere/context-sync"
    for empty in (True, False):
        monkeypatch.setenv("CLAUDE_CONFIG_DIR", "") if empty else monkeypatch.delenv("CLAUDE_CONFIG_DIR")
        monkeypatch.setenv("HOME", "/home/dev")
        assert paths.claude_folder() == "/home/dev/.claude"


def test_without_home_it_is_the_users_of_the_system(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("CLAUDE_CONFIG_DIR")
    monkeypatch.delenv("HOME")
    assert paths.claude_folder() == os.path.join(pwd.getpwuid(os.getuid()).pw_dir, ".claude")


def test_a_user_whom_the_system_does_not_know_is_told(monkeypatch: pytest.MonkeyPatch):
    def unknown(_: int) -> None:
        raise KeyError

    monkeypatch.delenv("CLAUDE_CONFIG_DIR")
    monkeypatch.delenv("HOME")
    monkeypatch.setattr(pwd, "getpwuid", unknown)
    for folder in (paths.claude_folder, paths.state_folder):
        with pytest.raises(ContextSyncError, match="HOME"):
            folder()


def test_configuration_and_log_lie_where_xdg_says(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", "/xdg/config")
    monkeypatch.setenv("XDG_STATE_HOME", "/xdg/state")
    assert paths.config_file() == "/xdg/config/context-sync/config.toml"
    assert paths.log_folder() == "/xdg/state/context-sync"
    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setenv("HOME", "/home/dev")
    assert paths.config_file() == "/home/dev/.config/context-sync/config.toml"
    assert paths.log_folder() == "/home/dev/.local/state/context-sync"


def test_the_hooks_lie_in_the_package_or_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    package = tmp_path / "context_sync"
    package.mkdir()
    monkeypatch.setattr(paths, "__file__", str(package / "paths.py"))
    assert paths.hooks_folder() == str(tmp_path / "hooks")
    (package / "hooks").mkdir()
    assert paths.hooks_folder() == str(package / "hooks")
