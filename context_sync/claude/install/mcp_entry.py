"""Owns our entry among the client's MCP servers: where it stands, putting it in and taking it out."""

import json
import os
from collections.abc import Iterator
from typing import Any

from context_sync.claude.install import json_text, settings_file
from context_sync.claude.install.settings_file import Settings
from context_sync.errors import ContextSyncError

NAME = "context-sync"  # the client calls its tools mcp__context-sync__<tool>
MODULE = "context_sync.cli.main"

Entry = dict[str, Any]
Keys = tuple[str, ...]


def path() -> str:
    """Return the client's own state file, which holds the servers of a person (seen in 2.1.328).

    It stands in the home folder, and not in the configuration folder, unless that was moved.
    """
    return os.path.join(os.environ.get("CLAUDE_CONFIG_DIR") or os.path.expanduser("~"), ".claude.json")


def keys_for(scope: str, folder: str) -> Keys:
    """Return under which keys of that file the servers of a scope stand for somebody who works in `folder`.

    Those of a project are the private ones of its main worktree, which the client takes for all worktrees and
    subfolders (seen in 2.1.328): a shared `.mcp.json` would give one machine's paths to everybody.
    """
    if scope == "user":
        return ("mcpServers",)
    return ("projects", settings_file.project_of(folder), "mcpServers")


def entry_for(python: str) -> Entry:
    """Return the server of an installation; nothing in the folder where it is started can get into it (-I)."""
    return {"type": "stdio", "command": python, "args": ["-I", "-m", MODULE, "serve"], "env": {}}


def plugin_registration() -> str:
    """Return the text of `.mcp.json`, which registers the same server for the plugin."""
    start = f"import sys; sys.path.append(sys.argv.pop(1)); from {MODULE} import main; sys.exit(main())"
    entry = {
        "command": "${CLAUDE_PLUGIN_ROOT}/hooks/serve",
        "args": ["${CLAUDE_PLUGIN_DATA}/venv/bin/python3", "-I", "-c", start, "${CLAUDE_PLUGIN_ROOT}", "serve"],
    }
    return json.dumps({"mcpServers": {NAME: entry}}, indent=2) + "\n"


def registered(text: str) -> list[Keys]:
    """Return under which keys our server stands in the text of the file.

    Raises ContextSyncError when the text is not one that the client reads.
    """
    return [keys for keys, servers in _places(_parsed(text)) if is_ours(servers.get(NAME))]


def is_served(folder: str) -> bool:
    """Say whether a server of ours that can be started is registered for somebody who works in `folder`."""
    try:
        places = list(_places(_parsed(settings_file.read(path()).text)))
    except ContextSyncError:
        return False
    wanted = [keys_for(scope, folder) for scope in settings_file.SCOPES]
    found = [servers[NAME] for keys, servers in places if keys in wanted and is_ours(servers.get(NAME))]
    return any(os.access(str(each.get("command")), os.X_OK) for each in found)


def is_ours(entry: object) -> bool:
    """Say whether a server is ours, of whatever installation, and not another one of the same name."""
    arguments = entry.get("args") if isinstance(entry, dict) else None
    return isinstance(arguments, list) and MODULE in arguments and "serve" in arguments


def register(text: str, keys: Keys, entry: Entry) -> str:
    """Return the text of the file with exactly this server of ours under `keys`.

    Raises ContextSyncError when the text is not one that the client reads, or another server has the name.
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
    standing = json_text.child(text, container, NAME)
    if standing is None:
        return json_text.append(text, container, entry, key=NAME)
    value = json_text.parse(text[standing.value : standing.end])
    if not is_ours(value):
        raise ContextSyncError(f"it has another MCP server called {NAME}: rename that one, or take it out")
    return text if value == entry else json_text.replace(text, standing, entry)


def unregister(text: str, before: str) -> str:
    """Return the text of the file without our server, and without the objects that it was put in for.

    `before` is the text from before it was put in: an empty object that was in it stays.
    """
    for keys in registered(text):
        text = _without(text, (*keys, NAME))
        while keys and not json_text.children(text, _start(text, keys)) and not _has(before, keys):
            text = _without(text, keys)
            keys = keys[:-1]
    return text


def without_server(found: Settings, written: str, before: bytes | None) -> bytes | None:
    """Return what the file would hold without us, None when it would not be there.

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


def _places(value: dict[str, Any]) -> Iterator[tuple[Keys, dict[str, Any]]]:
    """Yield each object of servers in the file, and under which keys it stands."""
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
