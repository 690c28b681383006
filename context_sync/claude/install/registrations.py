"""Owns which of our hooks the client runs in a folder: read from every settings file that counts there."""

import os
import shlex
import sys
from typing import Any, NamedTuple

from context_sync import paths
from context_sync.claude.install import hooks_entry, json_text, settings_file
from context_sync.errors import ContextSyncError

# Beside it, `managed-settings.d/` holds more of the kind (seen in 2.1.328).
MANAGED = {
    "darwin": "/Library/Application Support/ClaudeCode/managed-settings.json",
    "linux": "/etc/claude-code/managed-settings.json",
}
REMOTE = "remote-settings.json"  # in the client's folder: what a server manages
SWITCHES = ("disableAllHooks",)
MANAGED_SWITCHES = ("disableAllHooks", "allowManagedHooksOnly")


class Source(NamedTuple):
    """A settings file that exists: its commands of ours by event.

    `error` says why the client cannot read it, "" when it can. `switch` is the setting in it that turns our
    hooks off, "" when none does, or a stronger file overrules it: `leaves_on` says that this one does. `is_managed`
    says that an administrator wrote it.
    """

    file: str
    commands: dict[str, list[str]]
    switch: str
    error: str
    is_managed: bool = False
    leaves_on: bool = False


class Installation(NamedTuple):
    """What a registered command runs: the folder of the hook executables and the Python interpreter."""

    hooks: str
    python: str


def here() -> Installation:
    """Return the running installation."""
    # Not resolved: a virtual environment's interpreter is a link that has its packages only as that link.
    return Installation(paths.hooks_folder(), os.path.abspath(sys.executable))


def is_here(installation: Installation) -> bool:
    """Say whether an installation is the running one; its interpreter may go by another name in the same folder."""
    own = here()
    folders = (os.path.dirname(installation.python), os.path.dirname(own.python))
    same = folders[0] == folders[1] and os.path.realpath(installation.python) == os.path.realpath(own.python)
    return installation.hooks == own.hooks and same


def commands_of(installation: Installation) -> dict[str, str]:
    """Return the command of each event that `context-sync init` registers for an installation."""
    groups = hooks_entry.groups_for(*installation)
    return {event: group["hooks"][0]["command"] for event, group in groups.items()}


def sources(folder: str) -> list[Source]:
    """Return the settings files that the client reads in `folder`, as far as they exist, the strongest last."""
    files = [settings_file.path_for("user", folder), shared_file(folder), settings_file.path_for("project", folder)]
    found = _overruled([_source(file, SWITCHES) for file in dict.fromkeys(files) if os.path.lexists(file)])
    managed = [_source(file, MANAGED_SWITCHES) for file in _managed() if os.path.lexists(file)]
    return found + [source._replace(is_managed=True) for source in managed]


def shared_file(folder: str) -> str:
    """Return the settings file that everybody has who has the project that `folder` is in."""
    return os.path.join(os.path.dirname(settings_file.path_for("project", folder)), "settings.json")


def installation_of(command: str) -> Installation | None:
    """Return what a command made by `settings.command_for` runs, or None when it was made in another form."""
    try:
        words = shlex.split(command)
    except ValueError:
        return None
    named = dict(word.removesuffix(";").split("=", 1) for word in words if word.startswith(("h=", "python=")))
    return Installation(named["h"], named["python"]) if named.keys() == {"h", "python"} else None


def reason(error: ContextSyncError, file: str) -> str:
    """Return why a settings file cannot be used, for a sentence that names the file itself."""
    return str(error).removeprefix(file).partition(", so nothing was changed")[0].strip()


def installations_in(commands: dict[str, list[str]]) -> list[Installation]:
    """Return what the commands by event run, each installation once."""
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
    """Return the sources, the strongest last, without the switches that a stronger one overrules (seen in 2.1.328)."""
    return [
        source._replace(switch="") if any(stronger.leaves_on for stronger in found[number + 1 :]) else source
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
