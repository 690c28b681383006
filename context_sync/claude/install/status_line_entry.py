"""Our status line in the text of a Claude Code settings file, which wraps the command that was there before.

The functions take a text that `hooks_entry.registered` accepts.
"""

import shlex
from typing import Any

from context_sync.claude.install import hooks_entry, json_text
from context_sync.errors import ContextSyncError

KEY = "statusLine"
INTERVAL = "refreshInterval"
REFRESH_SECONDS = 5  # in an idle session; an existing status line keeps its own interval


def registered(text: str) -> str:
    """Return our command in the text of a settings file, "" when the status line is not ours."""
    command = _command(text)
    return command if command.startswith(hooks_entry.LABEL) else ""


def is_set(text: str) -> bool:
    """Return whether the text of a settings file sets any status line."""
    found: Any = {} if hooks_entry.is_empty(text) else json_text.parse(text)
    return KEY in found


def is_kept_current(text: str) -> bool:
    """Return whether Claude Code refreshes the status line in the text while its session is idle."""
    found: Any = {} if hooks_entry.is_empty(text) else json_text.parse(text)
    entry = found.get(KEY)
    return isinstance(entry, dict) and INTERVAL in entry


def register(text: str, folder: str) -> str:
    """Return the text of a settings file with our status line, for an installation with this hooks folder.

    An existing command is run first. Raises ContextSyncError when the status line is of an unknown kind.
    """
    before = _wrapped(registered(text)) if registered(text) else _command(text)
    command = command_for(before, folder)
    root = json_text.root(text)
    if json_text.child(text, root, KEY) is None:
        value = {"type": "command", "command": command, INTERVAL: REFRESH_SECONDS}
        return json_text.append(text, root, value, key=KEY)
    if not _command(text):
        raise ContextSyncError(f'its "{KEY}" is not a command')
    return text if command == _command(text) else _with_command(text, json_text.written(command))


def unregister(text: str, before: str = "") -> str:
    """Return the text of a settings file with the status line that ours wraps, or without any.

    `before` is the text from before ours was added, whose escapes are restored.
    """
    command = registered(text)
    if not command:
        return text
    wrapped = _wrapped(command)
    if wrapped:
        same = _command(before) == wrapped
        return _with_command(text, _raw_command(before) if same else json_text.written(wrapped))
    root = json_text.root(text)
    entry = json_text.child(text, root, KEY)
    return json_text.remove(text, root, entry) if entry else text


def command_for(before: str, folder: str) -> str:
    """Return the shell command of the status line, which runs just `before` if our installation no longer exists."""
    words = f"h={shlex.quote(folder)}; before={shlex.quote(before)}"
    return f'{hooks_entry.LABEL} {words}; [ -r "$h/statusline" ] || exec /bin/sh -c "$before"; . "$h/statusline"'


def _wrapped(command: str) -> str:
    """Return the `before` of a command that `command_for` made, "" for one in another form."""
    try:
        words = shlex.split(command)
    except ValueError:
        return ""
    found = next((word for word in words if word.startswith("before=")), "before=;")
    return found.removeprefix("before=").removesuffix(";")


def _command(text: str) -> str:
    settings_: Any = {} if hooks_entry.is_empty(text) else json_text.parse(text)
    entry = settings_.get(KEY)
    command = entry.get("command") if isinstance(entry, dict) else None
    return command if isinstance(command, str) else ""


def _raw_command(text: str) -> str:
    value = _command_value(text)
    return text[value.value : value.end]


def _with_command(text: str, raw: str) -> str:
    value = _command_value(text)
    return text[: value.value] + raw + text[value.end :]


def _command_value(text: str) -> json_text.Child:
    entry = json_text.child(text, json_text.root(text), KEY)
    value = entry and json_text.child(text, entry.value, "command")
    if value is None:
        raise KeyError(KEY)
    return value
