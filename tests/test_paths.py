import os
import pwd
from pathlib import Path

import pytest
import xdg_base_dirs

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


def unknown(_: int) -> None:
    raise KeyError


def test_a_user_whom_the_system_does_not_know_is_reported(monkeypatch: pytest.MonkeyPatch):
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


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(None, id="unset"),
        pytest.param("", id="empty"),
        pytest.param("/xdg", id="absolute"),
        pytest.param("/xdg/", id="with a slash at the end"),
        pytest.param("//xdg/./a//b/..", id="not normal"),
        pytest.param("/with a space/ä", id="other letters"),
        pytest.param("relative", id="relative"),
        pytest.param("./relative/", id="relative to the current folder"),
        pytest.param("~/xdg", id="a tilde, which no shell replaced"),
        pytest.param("a:/b", id="several"),
    ],
)
@pytest.mark.parametrize(
    "home",
    [
        pytest.param(None, id="without HOME"),
        pytest.param("", id="empty HOME"),
        pytest.param("/home/dev", id="HOME"),
        pytest.param("/home/dev/", id="HOME with a slash at the end"),
    ],
)
def test_the_folders_of_a_hook_are_those_of_the_library(
    value: str | None, home: str | None, monkeypatch: pytest.MonkeyPatch
):
    for name, setting in (("XDG_CONFIG_HOME", value), ("XDG_STATE_HOME", value), ("HOME", home)):
        monkeypatch.delenv(name, raising=False) if setting is None else monkeypatch.setenv(name, setting)

    assert Path(paths.config_file()) == xdg_base_dirs.xdg_config_home() / "context-sync" / "config.toml"
    assert Path(paths.log_folder()) == xdg_base_dirs.xdg_state_home() / "context-sync"


def test_without_any_home_an_absolute_folder_counts(monkeypatch: pytest.MonkeyPatch):
    """The library asks for the home folder first, and raises RuntimeError: a hook must write its log all the same."""
    monkeypatch.setattr(pwd, "getpwuid", unknown)
    monkeypatch.delenv("HOME")
    monkeypatch.setenv("XDG_STATE_HOME", "/xdg")
    with pytest.raises(RuntimeError):
        xdg_base_dirs.xdg_state_home()
    assert paths.log_folder() == "/xdg/context-sync"

    monkeypatch.delenv("XDG_STATE_HOME")
    with pytest.raises(ContextSyncError, match="HOME"):
        paths.log_folder()


def test_the_hooks_lie_in_the_package_or_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    package = tmp_path / "context_sync"
    package.mkdir()
    monkeypatch.setattr(paths, "__file__", str(package / "paths.py"))
    assert paths.hooks_folder() == str(tmp_path / "hooks")
    (package / "hooks").mkdir()
    assert paths.hooks_folder() == str(package / "hooks")
