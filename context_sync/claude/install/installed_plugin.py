"""Our plugin as Claude Code has it: where it is installed, and whether it is enabled in a folder."""

import os
from typing import Any, NamedTuple

from context_sync import paths
from context_sync.claude.install import hooks_entry, json_text, registrations, settings_file
from context_sync.errors import ContextSyncError

NAME = "context-sync"
ENVIRONMENT = "venv"  # in the plugin's data folder, see `hooks/make-environment`


class Plugin(NamedTuple):
    """The plugin as Claude Code has it (seen in 2.1.328).

    `key` is its name with that of its marketplace, `root` its folder, which changes with each update, and `data` the
    folder that updates keep. `is_managed` is whether managed settings enable it.
    """

    key: str
    root: str
    data: str
    is_on: bool
    is_managed: bool

    @property
    def hooks(self) -> str:
        """The folder of the hook executables."""
        return os.path.join(self.root, "hooks")

    @property
    def python(self) -> str:
        """The interpreter of the plugin's environment, which may not have been made yet."""
        return os.path.join(self.data, ENVIRONMENT, "bin", "python3")


def find(folder: str) -> Plugin | None:
    """Return the plugin for a Claude Code in `folder`: an enabled one if there are several."""
    switches = _switches(folder)
    managed = _switches(folder, managed_only=True)
    found = [
        Plugin(key, root, data_folder(key), switches.get(key, False), managed.get(key, False))
        for key, root in sorted(_installed(folder).items())
    ]
    return max(found, key=lambda each: each.is_on, default=None)


def are_hooks_registered(folder: str) -> bool:
    """Return whether a Claude Code in `folder` has our hooks, from its settings or the plugin."""
    plugin = find(folder)
    return bool(plugin and plugin.is_on) or any(source.commands for source in registrations.sources(folder))


def commands(plugin: Plugin) -> dict[str, list[str]]:
    """Return the plugin's hook commands by event, with Claude Code's variables in them; none if it is incomplete."""
    try:
        return hooks_entry.registered(settings_file.read(os.path.join(plugin.hooks, "hooks.json")).text)
    except ContextSyncError:
        return {}


def failure(plugin: Plugin) -> str:
    """Return why the plugin's environment could not be made, "" if unknown."""
    try:
        with open(os.path.join(plugin.data, "failure"), encoding="utf-8", errors="replace") as stream:
            return stream.readline().strip()
    except OSError:
        return ""


def data_folder(key: str) -> str:
    """Return the folder that Claude Code keeps for a plugin across its updates."""
    plain = "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in key)
    return os.path.join(paths.claude_folder(), "plugins", "data", plain)


def _installed(folder: str) -> dict[str, str]:
    """Return the folders of the plugin by key, usually one from one marketplace."""
    listed = _object(os.path.join(paths.claude_folder(), "plugins", "installed_plugins.json")).get("plugins")
    project = settings_file.project_of(folder)
    found = {}
    for key, entries in (listed if isinstance(listed, dict) else {}).items():
        if key.partition("@")[0] != NAME or not isinstance(entries, list):
            continue
        for entry in entries:
            counts = isinstance(entry, dict) and entry.get("projectPath", project) == project
            if counts and isinstance(entry.get("installPath"), str):
                found[key] = entry["installPath"]
    return found


def _switches(folder: str, managed_only: bool = False) -> dict[str, bool]:
    """Return which plugins the settings for a folder enable or disable; those with the highest precedence win."""
    found: dict[str, bool] = {}
    for source in registrations.sources(folder):
        if source.is_managed or not managed_only:
            switches = _object(source.file).get("enabledPlugins")
            for key, is_on in (switches if isinstance(switches, dict) else {}).items():
                found[key] = is_on is not False
    return found


def _object(file: str) -> dict[str, Any]:
    try:
        with open(file, "rb") as stream:
            value = json_text.parse(stream.read().decode())
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
