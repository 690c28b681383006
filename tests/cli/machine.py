"""The machine of the doctor's tests: what is on PATH, and the plugin as Claude Code keeps it."""

import json
import shutil
import sys
import sysconfig
from pathlib import Path

from context_sync.claude.install import client_version
from tests import plugin

VERSION = client_version.text_of(client_version.TESTED)
KEY = "context-sync@market"


def tools(folder: Path) -> Path:
    """Make a folder for PATH that holds git and a client, and nothing else."""
    folder.mkdir()
    git = shutil.which("git")
    assert git
    (folder / "git").symlink_to(git)
    program(folder / "claude", f"echo '{VERSION} (Claude Code)'")
    return folder


def program(file: Path, text: str) -> Path:
    """Make a shell script."""
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)
    return file


def change_settings(home: Path, **changes: object) -> None:
    """Set what is given in the user's settings; None takes a key out."""
    file = home / ".claude" / "settings.json"
    file.parent.mkdir(exist_ok=True)
    value = json.loads(file.read_text()) if file.exists() else {}
    value |= changes
    file.write_text(json.dumps({key: each for key, each in value.items() if each is not None}))


def install_plugin(home: Path, is_on: bool = True, is_ready: bool = True) -> Path:
    """Install the plugin as Claude Code does, and return the folder for its data."""
    root = plugin.copy(home / ".claude" / "plugins" / "cache" / "market" / "context-sync" / "0.1.0")
    listed = {"version": 2, "plugins": {KEY: [{"scope": "user", "installPath": str(root), "version": "0.1.0"}]}}
    (home / ".claude" / "plugins" / "installed_plugins.json").write_text(json.dumps(listed))
    change_settings(home, enabledPlugins={KEY: is_on})
    data = home / ".claude" / "plugins" / "data" / "context-sync-market"
    (data / "venv" / "bin").mkdir(parents=True)
    if is_ready:
        (data / "venv" / "bin" / "python3").symlink_to(sys.executable)
        (data / "venv" / "lib").symlink_to(Path(sysconfig.get_path("purelib")).parents[1])
        (data / "venv" / "made-for").write_bytes((root / "pyproject.toml").read_bytes())
    return data
