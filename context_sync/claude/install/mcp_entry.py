"""Our entry among Claude Code's MCP servers: where it is, adding it and removing it."""

import os
from collections.abc import Iterator
from typing import Any

from context_sync.claude.install import json_text, settings_file
from context_sync.claude.install.settings_file import Settings
from context_sync.errors import ContextSyncError

NAME = "context-sync"  # Claude Code names its tools mcp__context-sync__<tool>
MODULE = "context_sync.cli.main"

Entry = dict[str, Any]
Keys = tuple[str, ...]


def path() -> str:
    """Return Claude Code's own state file, which contains the user's servers (seen in 2.1.328).

    It is in the home folder, and not in the configuration folder unless that was moved.
    """
    return os.path.join(os.environ.get("CLAUDE_CONFIG_DIR") or os.path.expanduser("~"), ".claude.json")


def keys_for(scope: str, folder: str) -> Keys:
    """Return the keys in that file for the servers of a scope that apply in `folder`.

    Those of a project are the private ones of its main worktree, which Claude Code uses for all worktrees and
    subfolders (seen in 2.1.328). A shared `.mcp.json` would give one machine's paths to everyone.
    """
    if scope == "user":
        return ("mcpServers",)
    return ("projects", settings_file.project_of(folder), "mcpServers")


def entry_for(python: str) -> Entry:
    """Return the server of an installation; with -I, it imports nothing from the folder in which it is started."""
    return {"type": "stdio", "command": python, "args": ["-I", "-m", MODULE, "serve"], "env": {}}


def plugin_registration() -> str:
    """Return the text of `.mcp.json`, which registers the same server for the plugin."""
    start = f"import sys; sys.path.append(sys.argv.pop(1)); from {MODULE} import main; sys.exit(main())"
    entry = {
        "command": "${CLAUDE_PLUGIN_ROOT}/hooks/serve",
        "args": ["${CLAUDE_PLUGIN_DATA}/venv/bin/python3", "-I", "-c", start, "${CLAUDE_PLUGIN_ROOT}", "serve"],
    }
    return json_text.document({"mcpServers": {NAME: entry}})


def registered(text: str) -> list[Keys]:
    """Return the keys under which our server is in the text of the file.

    Raises ContextSyncError when Claude Code could not read the text.
    """
    return [keys for keys, servers in _server_objects(_parsed(text)) if is_ours(servers.get(NAME))]


def is_served(folder: str) -> bool:
    """Return whether our server is registered for `folder` and can be started."""
    try:
        objects = list(_server_objects(_parsed(settings_file.read(path()).text)))
    except ContextSyncError:
        return False
    wanted = [keys_for(scope, folder) for scope in settings_file.SCOPES]
    found = [servers[NAME] for keys, servers in objects if keys in wanted and is_ours(servers.get(NAME))]
    return any(os.access(str(each.get("command")), os.X_OK) for each in found)


def is_ours(entry: object) -> bool:
    """Return whether a server is ours, from any installation, and not another one with the same name."""
    arguments = entry.get("args") if isinstance(entry, dict) else None
    return isinstance(arguments, list) and MODULE in arguments and "serve" in arguments


def register(text: str, keys: Keys, entry: Entry) -> str:
    """Return the text of the file with exactly this server of ours under `keys`.

    Raises ContextSyncError when Claude Code could not read the text, or another server has the name.
    """
    text = text if text.strip() else "{}\n"
    _parsed(text)
    container = json_text.root(text)
    for number, key in enumerate(keys):
        found = json_text.child(text, container, key)
        if found is None:
            return json_text.append(text, container, _nested(keys[number + 1 :], entry), key=key)
        container = found.value
        if text[container] != "{":
            raise ContextSyncError(f'its "{key}" is not an object')
    existing = json_text.child(text, container, NAME)
    if existing is None:
        return json_text.append(text, container, entry, key=NAME)
    value = json_text.parse(text[existing.value : existing.end])
    if not is_ours(value):
        raise ContextSyncError(f"it has another MCP server called {NAME}: rename that one, or take it out")
    return text if value == entry else json_text.replace(text, existing, entry)


def unregister(text: str, before: str) -> str:
    """Return the text of the file without our server, and without the objects that were made for it.

    `before` is the text from before it was added: empty objects in that stay.
    """
    for keys in registered(text):
        text = _without(text, (*keys, NAME))
        while keys and not json_text.children(text, _start(text, keys)) and not _has(before, keys):
            text = _without(text, keys)
            keys = keys[:-1]
    return text


def without_server(found: Settings, written: str, before: bytes | None) -> bytes | None:
    """Return what the file would contain without us, None when it would not exist.

    `written` and `before` are as for `settings_file.without_hooks`.
    """
    if found.content is None:
        return None
    if settings_file.digest(found.content) == written:
        return before
    if not registered(found.text):
        return found.content
    text = unregister(found.text, (before or b"").decode())
    return None if before is None and json_text.parse(text) == {} else text.encode()


def _parsed(text: str) -> dict[str, Any]:
    try:
        value = json_text.parse(text) if text.strip() else {}
    except ValueError as error:
        raise ContextSyncError(f"it is not valid JSON ({error})") from error
    if not isinstance(value, dict):
        raise ContextSyncError("it does not hold a JSON object")
    return value


def _server_objects(value: dict[str, Any]) -> Iterator[tuple[Keys, dict[str, Any]]]:
    """Yield each object of servers in the file, with its keys."""
    projects = value.get("projects")
    holders: dict[Keys, object] = {("mcpServers",): value}
    for folder, project in (projects if isinstance(projects, dict) else {}).items():
        holders["projects", folder, "mcpServers"] = project
    for keys, holder in holders.items():
        servers = holder.get("mcpServers") if isinstance(holder, dict) else None
        if isinstance(servers, dict):
            yield keys, servers


def _nested(keys: Keys, entry: Entry) -> Entry:
    for key in (NAME, *reversed(keys)):
        entry = {key: entry}
    return entry


def _start(text: str, keys: Keys) -> int:
    start = json_text.root(text)
    for key in keys:
        found = json_text.child(text, start, key)
        assert found is not None, key
        start = found.value
    return start


def _without(text: str, keys: Keys) -> str:
    container = _start(text, keys[:-1])
    found = json_text.child(text, container, keys[-1])
    assert found is not None, keys
    return json_text.remove(text, container, found)


def _has(before: str, keys: Keys) -> bool:
    value: Any = _parsed(before)
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value is not None
