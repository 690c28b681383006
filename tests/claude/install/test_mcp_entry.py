import json
import sys
from pathlib import Path

import pytest

from context_sync.claude.install import mcp_entry
from context_sync.claude.install.mcp_entry import Keys
from context_sync.errors import ContextSyncError
from tests.rehearse import CHECKOUT

OURS = mcp_entry.entry_for("/opt/python")
HERE = mcp_entry.entry_for(sys.executable)
USER = ("mcpServers",)
PROJECT = ("projects", "/home/dev/proj", "mcpServers")

BEFORE = [
    pytest.param("{}", id="braces"),
    pytest.param('{\n  "numStartups": 3\n}\n', id="no servers"),
    pytest.param('{"mcpServers": {}, "projects": {}}', id="empty objects"),
    pytest.param('{"mcpServers":{"other":{"command":"x"}}}', id="another server"),
    pytest.param(
        '\ufeff{"a": 1e400,\r\n\t"projects": {"/home/dev/proj": { "allowedTools":[ ] } } }\r\n', id="odd layout"
    ),
    pytest.param('{"projects":{"/home/dev/proj":{"mcpServers":{ }}}}', id="an empty object of the project"),
]


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("keys", [USER, PROJECT], ids=["user", "project"])
def test_what_was_put_in_is_taken_out_to_the_byte(before: str, keys: Keys) -> None:
    text = mcp_entry.register(before, keys, OURS)
    assert mcp_entry.registered(text) == [keys]
    assert mcp_entry.register(text, keys, OURS) == text
    assert mcp_entry.unregister(text, before).replace("{ }", "{}") == before.replace("{ }", "{}")


def test_both_scopes_are_taken_out_together() -> None:
    text = mcp_entry.register(mcp_entry.register("{}", USER, OURS), PROJECT, OURS)
    assert mcp_entry.registered(text) == [USER, PROJECT]
    assert mcp_entry.unregister(text, "") == "{}"


def test_a_moved_installation_replaces_its_own() -> None:
    text = mcp_entry.register("{}", USER, OURS)
    moved = mcp_entry.register(text, USER, mcp_entry.entry_for("/new/python"))
    assert json.loads(moved)["mcpServers"]["context-sync"]["command"] == "/new/python"
    assert moved.count("context-sync") == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param('{"mcpServers": []}', '"mcpServers" is not an object', id="a list of servers"),
        pytest.param("[]", "does not hold a JSON object", id="a list"),
        pytest.param("{", "not valid JSON", id="half"),
        pytest.param('{"mcpServers": {"context-sync": {"command": "node"}}}', "another MCP server", id="another one"),
    ],
)
def test_what_cannot_be_used_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ContextSyncError, match=reason):
        mcp_entry.register(text, USER, OURS)


@pytest.mark.parametrize(
    "text",
    ["", "{}", '{"mcpServers": 7, "projects": []}', '{"projects": {"/p": 7}}', '{"mcpServers": {"context-sync": 7}}'],
)
def test_a_file_without_our_server_has_none(text: str) -> None:
    assert mcp_entry.registered(text) == []


def test_the_file_is_in_the_home_folder_unless_the_configuration_was_moved(
    monkeypatch: pytest.MonkeyPatch, isolated_home: Path
) -> None:
    assert mcp_entry.path() == str(isolated_home / ".claude" / ".claude.json")
    monkeypatch.delenv("CLAUDE_CONFIG_DIR")
    assert mcp_entry.path() == str(isolated_home / ".claude.json")


SERVED = [
    pytest.param("", False, id="no file"),
    pytest.param("{", False, id="a file that makes no sense"),
    pytest.param(mcp_entry.register("{}", USER, OURS), False, id="an installation that is gone"),
    pytest.param(mcp_entry.register("{}", USER, HERE), True, id="for the user"),
    pytest.param(mcp_entry.register("{}", ("projects", "FOLDER", "mcpServers"), HERE), True, id="here"),
    pytest.param(mcp_entry.register("{}", PROJECT, HERE), False, id="for another project"),
    pytest.param('{"mcpServers": {"context-sync": {"command": "/bin/sh", "args": []}}}', False, id="another server"),
]


@pytest.mark.parametrize(("text", "served"), SERVED)
def test_whether_a_server_of_ours_is_registered_in_a_folder(
    tmp_path: Path, isolated_home: Path, text: str, served: bool
) -> None:
    (isolated_home / ".claude").mkdir()
    if text:
        Path(mcp_entry.path()).write_text(text.replace("FOLDER", str(tmp_path)))
    assert mcp_entry.is_served(str(tmp_path)) == served


def test_the_plugin_registers_the_same_server() -> None:
    text = (CHECKOUT / ".mcp.json").read_text()
    assert text == mcp_entry.plugin_registration()
    assert mcp_entry.MODULE in text
