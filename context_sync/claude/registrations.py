"""Owns which of our hooks the client runs in a folder: read from every settings file that counts there."""

import os
import shlex
import sys
from typing import Any, NamedTuple

from context_sync import paths
from context_sync.claude import json_text, settings, settings_file
from context_sync.errors import ContextSyncError

MANAGED = {
    "darwin": "/Library/Application Support/ClaudeCode/managed-settings.json",
    "linux": "/etc/claude-code/managed-settings.json",
}


class Source(NamedTuple):
    """A settings file that exists: its commands of ours by event.

    `error` says why the client cannot read it, "" when it can. `switch` is the setting in it that turns our
    hooks off, "" when none does.
    """

    file: str
    commands: dict[str, list[str]]
    switch: str
    error: str


class Installation(NamedTuple):
    """What a registered command runs: the folder of the hook executables and the Python interpreter."""

    hooks: str
    python: str


def here() -> Installation:
    """Return the running installation."""
    # Not resolved: a virtual environment's interpreter is a link that has its packages only as that link.
    return Installation(paths.hooks_folder(), os.path.abspath(sys.executable))


def commands_of(installation: Installation) -> dict[str, str]:
    """Return the command of each event that `context-sync init` registers for an installation."""
    groups = settings.groups_for(*installation)
    return {event: group["hooks"][0]["command"] for event, group in groups.items()}


def sources(folder: str) -> list[Source]:
    """Return the settings files that the client reads in `folder`, as far as they exist, the strongest last."""
    local = settings_file.path_for("project", folder)
    shared = os.path.join(os.path.dirname(local), "settings.json")
    files = [settings_file.path_for("user", folder), shared, local]
    found = [_source(file, ("disableAllHooks",)) for file in dict.fromkeys(files) if os.path.lexists(file)]
    managed = MANAGED.get(sys.platform, "")
    if os.path.lexists(managed):
        found.append(_source(managed, ("disableAllHooks", "allowManagedHooksOnly")))
    return found


def installation_of(command: str) -> Installation | None:
    """Return what a command made by `settings.command_for` runs, or None when it was made in another form."""
    try:
        words = shlex.split(command)
    except ValueError:
        return None
    named = dict(word.removesuffix(";").split("=", 1) for word in words if word.startswith(("h=", "python=")))
    return Installation(named["h"], named["python"]) if named.keys() == {"h", "python"} else None


def _source(file: str, switches: tuple[str, ...]) -> Source:
    try:
        text = settings_file.read(file).text
        commands = settings.registered(text)
    except ContextSyncError as error:
        reason = str(error).removeprefix(file).removesuffix(", so nothing was changed.").strip()
        return Source(file, {}, "", reason)
    value: Any = json_text.parse(text) if text.strip() else {}
    return Source(file, commands, next((name for name in switches if value.get(name) is True), ""), "")
