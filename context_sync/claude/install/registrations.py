"""Registrations: our hooks that Claude Code runs in a folder, from all settings files that apply there."""

import os
import shlex
import sys
from typing import Any, NamedTuple

from context_sync import paths
from context_sync.claude.install import hooks_entry, json_text, settings_file
from context_sync.errors import ContextSyncError

# `managed-settings.d/` next to it contains more of them (seen in 2.1.328).
MANAGED = {
    "darwin": "/Library/Application Support/ClaudeCode/managed-settings.json",
    "linux": "/etc/claude-code/managed-settings.json",
}
REMOTE = "remote-settings.json"  # in Claude Code's folder: settings managed by a server
SWITCHES = ("disableAllHooks",)
MANAGED_SWITCHES = ("disableAllHooks", "allowManagedHooksOnly")


class Source(NamedTuple):
    """An existing settings file, with our commands in it by event.

    `error` is why Claude Code cannot read it, "" when it can. `switch` is the setting in it that turns our hooks off,
    "" when there is none or a file with higher precedence overrides it, as one with `leaves_on` does. `is_managed` is
    whether it is an administrator's.
    """

    file: str
    commands: dict[str, list[str]]
    switch: str
    error: str
    is_managed: bool = False
    leaves_on: bool = False


class Installation(NamedTuple):
    """What a registered command runs: a folder of hook executables and a Python interpreter."""

    hooks: str
    python: str


def here() -> Installation:
    """Return the running installation."""
    # Not resolved: a virtual environment's interpreter is a link, and only finds its packages through that link.
    return Installation(paths.hooks_folder(), os.path.abspath(sys.executable))


def is_here(installation: Installation) -> bool:
    """Return whether an installation is the running one; its interpreter may have another name in the same folder."""
    own = here()
    folders = (os.path.dirname(installation.python), os.path.dirname(own.python))
    same = folders[0] == folders[1] and os.path.realpath(installation.python) == os.path.realpath(own.python)
    return installation.hooks == own.hooks and same


def commands_of(installation: Installation) -> dict[str, str]:
    """Return the commands, by event, that `context-sync init` registers for an installation."""
    groups = hooks_entry.groups_for(*installation)
    return {event: group["hooks"][0]["command"] for event, group in groups.items()}


def sources(folder: str) -> list[Source]:
    """Return the existing settings files that Claude Code reads in `folder`, in order of precedence, highest last."""
    files = [settings_file.path_for("user", folder), shared_file(folder), settings_file.path_for("project", folder)]
    found = _overruled([_source(file, SWITCHES) for file in dict.fromkeys(files) if os.path.lexists(file)])
    managed = [_source(file, MANAGED_SWITCHES) for file in _managed() if os.path.lexists(file)]
    return found + [source._replace(is_managed=True) for source in managed]


def shared_file(folder: str) -> str:
    """Return the settings file that is shared with the project that `folder` is in."""
    return os.path.join(os.path.dirname(settings_file.path_for("project", folder)), "settings.json")


def installation_of(command: str) -> Installation | None:
    """Return what a command made by `hooks_entry.command_for` runs, or None for one in another form."""
    try:
        words = shlex.split(command)
    except ValueError:
        return None
    named = dict(word.removesuffix(";").split("=", 1) for word in words if word.startswith(("h=", "python=")))
    return Installation(named["h"], named["python"]) if named.keys() == {"h", "python"} else None


def reason(error: ContextSyncError, file: str) -> str:
    """Return why a settings file cannot be used, for use in a sentence that already names the file."""
    return str(error).removeprefix(file).partition(", so nothing was changed")[0].strip()


def installations_in(commands: dict[str, list[str]]) -> list[Installation]:
    """Return the installations that the commands run, each once."""
    found = (installation_of(command) for each in commands.values() for command in each)
    return sorted(set(filter(None, found)))


def _managed() -> list[str]:
    files = [os.path.join(paths.claude_folder(), REMOTE)]
    file = MANAGED.get(sys.platform)
    if file is None:
        return files
    more = os.path.join(os.path.dirname(file), "managed-settings.d")
    try:
        names = sorted(name for name in os.listdir(more) if name.endswith(".json") and not name.startswith("."))
    except OSError:
        names = []
    return [file, *(os.path.join(more, name) for name in names), *files]


def _overruled(found: list[Source]) -> list[Source]:
    """Return the sources without the switches that a later one overrides (seen in 2.1.328)."""
    return [
        source._replace(switch="") if any(later.leaves_on for later in found[number + 1 :]) else source
        for number, source in enumerate(found)
    ]


def _source(file: str, switches: tuple[str, ...]) -> Source:
    try:
        text = settings_file.read(file).text
        commands = hooks_entry.registered(text)
    except ContextSyncError as error:
        return Source(file, {}, "", reason(error, file))
    value: Any = json_text.parse(text) if text.strip() else {}
    switch = next((name for name in switches if value.get(name) is True), "")
    return Source(file, commands, switch, "", leaves_on=value.get("disableAllHooks") is False)
