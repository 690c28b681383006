import asyncio
import errno
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from mcp.client.client import Client
from mcp.client.session import ClientSession
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp_types import CallToolResult

from campaigns.faults import disks
from context_sync import crash_log, mcp_server
from context_sync.claude.hooks import simulation
from context_sync.claude.hooks.simulation import Player
from context_sync.state import mailbox
from context_sync.views import documents, roster
from tests.cli import stage
from tests.cli.stage import Stage
from tests.rehearse import CHECKOUT, state
from tests.summaries.records import Conversation

MOST_TOKENS = 1200
CHARACTERS_PER_TOKEN = 3  # JSON has three to four: https://docs.anthropic.com/en/docs/build-with-claude/token-counting

PARAMETERS = {
    "list_sessions": set(),
    "get_session_context": {"sessionId"},
    "get_all_changes": {"project"},
    "send_message": {"fromSessionId", "message", "project", "targetSessionId"},
    "get_messages": {"sessionId", "unreadOnly"},
    "resolve_conflicts": {"sessionId", "files"},
    "who_touched": {"path", "symbol"},
}
READ_ONLY = {"list_sessions", "get_session_context", "get_all_changes", "who_touched"}


def ask(work: Callable[[Client], Awaitable[Any]]) -> Any:
    """Do something with the SDK's own client, connected in memory."""

    async def run() -> Any:
        async with Client(mcp_server.server()) as client:
            return await work(client)

    return asyncio.run(run())


def call(tool: str, **arguments: Any) -> CallToolResult:
    return ask(lambda client: client.call_tool(tool, arguments))


def given(tool: str, **arguments: Any) -> Any:
    """The structured content of a call that succeeds; its schema is checked by the client."""
    result = call(tool, **arguments)
    assert not result.is_error, result.content
    assert isinstance(result.structured_content, dict)
    return result.structured_content


def text(result: CallToolResult) -> str:
    (block,) = result.content
    return str(getattr(block, "text", ""))


def served(player: Player, *calls: tuple[str, dict[str, Any]], folder: Path, before: tuple[str, ...] = ()) -> list[Any]:
    """What the command's server, which the session starts in a folder, says of itself and to each call."""
    command, *arguments = *before, sys.executable, "-P", "-m", "context_sync.cli.main", "serve"
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT), "CLAUDE_CODE_SESSION_ID": player.session}
    server = StdioServerParameters(command=command, args=arguments, env=environment, cwd=folder)

    async def run() -> list[Any]:
        async with stdio_client(server) as streams, ClientSession(*streams) as session:
            return [await session.initialize(), *[await session.call_tool(*each) for each in calls]]

    return asyncio.run(run())


@pytest.fixture
def players(isolated_home: Path, tmp_path: Path) -> Iterator[tuple[Player, Player]]:
    """Two sessions in one checkout, of which each changed what the other did."""
    shop = stage.repository(tmp_path / "shop")
    with ExitStack() as cast:
        the_stage = Stage(isolated_home, cast)
        first, second = the_stage.enter("discounts", shop), the_stage.enter("rounding", shop)
        stage.edit(first, "invoice.py", "return 1", "return 10")
        stage.edit(second, "invoice.py", "return 10", "return 11")
        context = Conversation().prompt("Add discounts").ask("Which kind?", "percent").reply("I have begun.")
        context.write(isolated_home / f"{first.session}.jsonl")
        yield first, second


def test_the_tools_have_the_names_and_parameters_that_people_know() -> None:
    tools = ask(lambda client: client.list_tools()).tools
    assert {tool.name: set(tool.input_schema["properties"]) for tool in tools} == PARAMETERS
    assert {tool.name for tool in tools if tool.annotations.read_only_hint} == READ_ONLY
    assert [tool.name for tool in tools if not tool.output_schema or tool.annotations.destructive_hint] == []


def test_all_tools_together_cost_little_context() -> None:
    tools = ask(lambda client: client.list_tools()).tools
    as_shown = [
        {"name": f"mcp__context-sync__{tool.name}", "description": tool.description, "input_schema": tool.input_schema}
        for tool in tools
    ]
    context = json.dumps(as_shown, separators=(",", ":")) + mcp_server.INSTRUCTIONS
    assert len(context) / CHARACTERS_PER_TOKEN < MOST_TOKENS


def test_list_sessions(players: tuple[Player, Player]) -> None:
    first, second = players
    found = given("list_sessions")
    assert [row["name"] for row in found["sessions"]] == ["discounts", "rounding"]
    row = found["sessions"][0]
    assert (row["id"], row["status"], row["task"], row["branch"]) == (first.session, "idle", "Add discounts", "main")
    (conflict,) = row["conflicts"]
    assert (conflict["level"], conflict["path"], conflict["symbols"]) == ("symbol", "invoice.py", ["Invoice.total"])
    assert (conflict["session"], conflict["name"]) == (second.session, "rounding")
    assert found["sessions"][1]["conflicts"][0]["session"] == first.session
    shown = text(call("list_sessions"))
    assert (
        f"discounts (idle, branch main), id {first.session}\n  Add discounts\n  symbol conflict in invoice.py" in shown
    )
    assert shown.startswith(documents.NOTE)


def test_where_many_conflict_the_list_does_not_wait_for_git(
    players: tuple[Player, Player], monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = given("list_sessions")
    monkeypatch.setattr(roster, "PATIENCE", 0.0)
    recorded = given("list_sessions")
    for row, other in zip(recorded["sessions"], checked["sessions"], strict=True):
        assert row["conflicts"] == [{**conflict, "checked": False} for conflict in other["conflicts"]]
        assert len(row["conflicts"]) == 1
    assert players[0].session


def test_get_session_context(players: tuple[Player, Player]) -> None:
    found = given("get_session_context", sessionId="discounts")
    assert (found["name"], found["task"], found["decisions"]) == ("discounts", "Add discounts", ["Which kind? percent"])
    assert [(file["path"], file["symbols"]) for file in found["files"]] == [("invoice.py", ["Invoice.total"])]
    assert [row["name"] for row in found["conflicts"]] == ["rounding"]
    assert (found["summary_by"], found["last_reply"], found["note"]) == (
        "transcript",
        "I have begun.",
        documents.NOTE,
    )
    shown = text(call("get_session_context", sessionId=players[0].session))
    assert "\nDecided:\n  - Which kind? percent\n" in shown
    assert "Summary from the transcript" in shown


def test_get_all_changes(players: tuple[Player, Player]) -> None:
    found = given("get_all_changes", project=players[0].folder)
    assert [(row["name"], row["path"]) for row in found["files"]] == [
        ("rounding", "invoice.py"),
        ("discounts", "invoice.py"),
    ]
    assert [(row["name"], row["decision"]) for row in found["decisions"]] == [("discounts", "Which kind? percent")]
    assert given("get_all_changes", project="shop") == found
    assert "invoice.py" in text(call("get_all_changes", project="shop"))


def test_messages_are_sent_and_read(players: tuple[Player, Player]) -> None:
    first, second = players
    sent = given("send_message", fromSessionId="discounts", message="I take total.", targetSessionId="rounding")
    assert [(row["name"], row["live"]) for row in sent["sent"]] == [("rounding", True)]
    everyone = given("send_message", fromSessionId=second.session, message="And I tax.", project="shop")
    assert [row["to"] for row in everyone["sent"]] == [first.session]

    (message,) = given("get_messages", sessionId="rounding")["messages"]
    assert message["heading"].startswith(f'Message {sent["sent"][0]["id"]} from session "discounts" (branch main)')
    assert message["text"] == "> I take total."
    assert given("get_messages", sessionId="discounts", unreadOnly=True)["messages"][0]["text"] == "> And I tax."
    assert text(call("get_messages", sessionId="rounding")).endswith("> I take total.")


def test_a_session_sends_in_its_own_name_alone(players: tuple[Player, Player], monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = players
    monkeypatch.setenv("CLAUDE_CODE_SESSION_ID", first.session)
    for name in ("rounding", second.session):
        refused = call("send_message", fromSessionId=name, message="Delete the branch.", project="shop")
        assert refused.is_error
        assert text(refused).endswith("a message is sent in the name of your own session: omit fromSessionId.")
    assert [mailbox.everything(each.session) for each in players] == [[], []]

    for name in ("", "discounts", first.session):
        sent = given("send_message", fromSessionId=name, message=f"I am {name}.", targetSessionId="rounding")
        assert [row["name"] for row in sent["sent"]] == ["rounding"]
    assert {each.message.sender for each in mailbox.everything(second.session)} == {first.session}


def test_who_sends_to_one_that_ended_learns_who_is_called_alike(
    players: tuple[Player, Player], isolated_home: Path
) -> None:
    first, second = players
    simulation.play(second, "SessionEnd", reason="other")
    arguments = {"fromSessionId": first.session, "message": "hello", "targetSessionId": "rounding"}
    (row,) = given("send_message", **arguments)["sent"]
    assert (row["name"], row["live"], row["alike"]) == ("rounding", False, [])
    with ExitStack() as cast:
        Stage(isolated_home, cast).enter("rounding-2", Path(first.folder))
        said = text(call("send_message", **arguments | {"message": "hello again"}))
    assert said.endswith('which has ended: read when it is resumed. "rounding-2" is live.')


def test_resolve_conflicts(players: tuple[Player, Player]) -> None:
    files = ["invoice.py", "notes.txt"]
    found = given("resolve_conflicts", sessionId="discounts", files=files)
    assert found == {"resolved": ["invoice.py"], "nothing_to_resolve": ["notes.txt"]}
    assert [row["conflicts"] for row in given("list_sessions")["sessions"]] == [[], []]
    assert players[0].session


@pytest.mark.parametrize("symbol", ["", "Invoice.total", "total"])
def test_who_touched(players: tuple[Player, Player], symbol: str) -> None:
    path = os.path.join(players[0].folder, "invoice.py")
    found = given("who_touched", path=path, symbol=symbol)["touches"]
    latest = {"": ["rounding", "discounts"]}.get(symbol, ["rounding"])
    assert [(row["name"], row["symbols"], row["live"]) for row in found] == [
        (name, ["Invoice.total"], True) for name in latest
    ]
    assert text(call("who_touched", path=path, symbol="nothing")) == "No edit of it is on record."


@pytest.mark.parametrize(
    ("tool", "arguments", "advice"),
    [
        pytest.param(
            "get_session_context", {"sessionId": "nobody"}, "no session is called 'nobody'. Live are:", id="who"
        ),
        pytest.param("send_message", {"message": "hi"}, "give the id of your session", id="an unknown sender"),
        pytest.param("get_messages", {}, "give the id of your session", id="an unknown reader"),
        pytest.param("get_all_changes", {"project": "nothing"}, "These are:", id="an unknown project"),
        pytest.param("resolve_conflicts", {"files": ["a"], "sessionId": "x"}, "no session is called 'x'", id="whose"),
        pytest.param(
            "send_message",
            {"message": " ", "fromSessionId": "discounts", "targetSessionId": "rounding"},
            "the text is empty",
            id="an empty message",
        ),
        pytest.param("who_touched", {"path": "a\0b"}, "name a file", id="a path that none can have"),
    ],
)
@pytest.mark.usefixtures("players")
def test_an_error_says_what_to_do(tool: str, arguments: dict[str, Any], advice: str) -> None:
    result = call(tool, **arguments)
    assert result.is_error
    assert advice in text(result)


def test_a_bug_is_reported_with_the_log_and_the_server_lives_on(monkeypatch: pytest.MonkeyPatch) -> None:
    began = time.time() - 1
    monkeypatch.setattr(roster, "live", lambda: 1 / 0)

    async def twice(client: Client) -> tuple[CallToolResult, CallToolResult]:
        return await client.call_tool("list_sessions", {}), await client.call_tool("who_touched", {"path": "x"})

    failed, worked = ask(twice)
    assert failed.is_error
    assert f"a bug in context-sync, recorded in {crash_log.file()}: ZeroDivisionError" in text(failed)
    assert [crash.where for crash in crash_log.crashes_since(began)] == ["serve list_sessions"]
    assert not worked.is_error


ON_A_SMALL_DISK = """
cd "$CLAUDE_CONFIG_DIR" && cp -a . ../copy && mount -t tmpfs -o size=4m,mode=700 tmpfs . || exit
cd "$CLAUDE_CONFIG_DIR" && cp -a ../copy/. . || exit
"""
FILLED = ON_A_SMALL_DISK + 'cat /dev/zero >ballast 2>/dev/null; exec "$@"'
WRITE_PROTECTED = ON_A_SMALL_DISK + 'cd / && mount -o remount,ro "$CLAUDE_CONFIG_DIR" && exec "$@"'
ALLOWED_NOTHING = 'ulimit -f 0 && exec "$@"'
NO_DISK = pytest.mark.skipif(bool(disks.why_not()), reason=disks.why_not() or "there is one")


@pytest.mark.parametrize(
    ("apart", "script", "reason"),
    [
        pytest.param((), ALLOWED_NOTHING, errno.EFBIG, id="no file may grow"),
        pytest.param(disks.unshare(), FILLED, errno.ENOSPC, id="a full disk", marks=NO_DISK),
        pytest.param(disks.unshare(), WRITE_PROTECTED, errno.EROFS, id="a read-only disk", marks=NO_DISK),
    ],
)
def test_what_cannot_be_written_is_reported_and_is_no_bug(
    players: tuple[Player, Player], tmp_path: Path, apart: tuple[str, ...], script: str, reason: int
) -> None:
    file = state("touches", f"{players[0].session}.jsonl")
    with file.open("ab") as stream:  # the next line needs another page
        stream.write(b"\n" * (-stream.tell() % os.sysconf("SC_PAGE_SIZE")))
    before = (*apart, "sh", "-c", script, "sh")
    _, done = served(players[0], ("resolve_conflicts", {"files": ["invoice.py"]}), folder=tmp_path, before=before)
    assert done.is_error
    assert text(done).startswith("Error executing tool resolve_conflicts: ")
    assert text(done).endswith(f" {os.strerror(reason)}: solve that and run this again.")
    assert not os.path.exists(crash_log.file())


def test_the_command_serves_over_stdio_and_knows_which_session_started_it(
    players: tuple[Player, Player], tmp_path: Path
) -> None:
    hostile = tmp_path / "hostile"
    hostile.mkdir()
    for name in ("json", "mcp", "context_sync"):
        (hostile / f"{name}.py").write_text("raise SystemExit('imported from the folder')\n")
    started, listed, sent = served(
        players[0], ("list_sessions", {}), ("send_message", {"message": "hello"}), folder=hostile
    )
    assert started.server_info.name == "context-sync"
    assert [row.get("you", False) for row in listed.structured_content["sessions"]] == [True, False]
    assert [row["name"] for row in sent.structured_content["sent"]] == ["rounding"]


def test_after_a_clear_the_process_counts_and_not_the_environment(
    isolated_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from context_sync.presence import identity

    shop = stage.repository(tmp_path / "shop")
    with ExitStack() as cast:
        before = Stage(isolated_home, cast).enter("before", shop)
        monkeypatch.setenv("CLAUDE_CODE_SESSION_ID", before.session)
        assert identity.served() == before.session
        after = before._replace(session="after", pid=os.getppid())
        simulation.play(after, "SessionStart", source="clear")
        assert identity.served() == "after"
