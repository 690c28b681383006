import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.client.api import MessagesAPI, step, text, tool
from tests.client.environment import MCP_TIMEOUT, Home
from tests.client.session import Session
from tests.client.stream import Block
from tests.client.terminal import Terminal
from tests.end_to_end import inspector
from tests.end_to_end.stage import edits, given, recorded, tools, until, written

pytestmark = pytest.mark.client


@pytest.fixture
def has_server() -> bool:
    return True


ALLOWED = ("--allowedTools", "mcp__context-sync")


@pytest.fixture(scope="session")
def inspecting() -> list[str]:
    """The command line of the inspector, in front of the server's."""
    try:
        found = inspector.find() or inspector.install()
    except RuntimeError as error:
        if "CI" in os.environ:
            raise
        pytest.skip(f"the MCP Inspector is missing: {error}")
    return [str(found), "--cli", "--connect-timeout", MCP_TIMEOUT]


def ask(name: str, **arguments: Any) -> Block:
    return tool(f"mcp__context-sync__{name}", **arguments)


def answer(api: MessagesAPI, session: str, request: int = -1) -> Any:
    """What the model reads of a tool's result: Claude Code hands it the structured content as JSON."""
    context = api.context(session, request)
    return json.loads(context[context.index("{") : context.rindex("}") + 1])


def test_the_real_client_calls_every_tool_in_one_conversation(
    client: Path, api: MessagesAPI, home: Home, project: Path
) -> None:
    with (
        Session(client, home, project, options=("--name", "sums")) as first,
        Session(client, home, project, options=("--name", "asking", *ALLOWED)) as second,
    ):
        api.script(first.id, *edits(project / "calc.py", "a + b", "b + a"))
        first.ask("turn the sum around")
        recorded(home, first.id)
        written(home, first.id, "turn the sum around")
        prompt = "what are the others doing?"
        tools(api, second.id, lambda: second.ask(prompt))
        written(home, second.id, prompt)
        api.script(
            second.id,
            step(ask("list_sessions")),
            step(ask("get_session_context", sessionId="sums")),
            step(ask("get_all_changes")),
            step(ask("who_touched", path="calc.py", symbol="add")),
            step(ask("send_message", message="I take sub.", targetSessionId="sums")),
            step(ask("get_messages", sessionId=first.id)),
            step(ask("resolve_conflicts", files=["calc.py"], sessionId="sums")),
            step(text("I know everything.")),
        )
        assert second.ask(prompt)["result"] == "I know everything."

        rows = answer(api, second.id, -7)["sessions"]
        assert {(row["name"], row["task"], row.get("you", False)) for row in rows} == {
            ("sums", "turn the sum around", False),
            ("asking", prompt, True),
        }
        context = answer(api, second.id, -6)
        assert (context["task"], context["files"][0]["symbols"]) == ("turn the sum around", ["add"])
        assert [row["path"] for row in answer(api, second.id, -5)["files"]] == ["calc.py"]
        assert [row["name"] for row in answer(api, second.id, -4)["touches"]] == ["sums"]
        (sent,) = answer(api, second.id, -3)["sent"]
        assert (sent["to"], sent["live"]) == (first.id, True)
        assert answer(api, second.id, -2)["messages"][0]["text"] == "> I take sub."
        assert answer(api, second.id, -1)["resolved"] == ["calc.py"]

        first.ask("anything new?")
        assert f"Message {sent['id']} from session" in "\n".join(api.requests(first.id)[-1].texts())


def test_a_message_that_was_read_with_the_tool_is_not_reported_again(
    client: Path, api: MessagesAPI, home: Home, project: Path
) -> None:
    with (
        Session(client, home, project, options=("--name", "reading", *ALLOWED)) as reading,
        Session(client, home, project, options=ALLOWED) as writing,
    ):
        for session in (reading, writing):
            tools(api, session.id, lambda: session.ask("hello"))  # noqa: B023
        message = ask("send_message", message="Mind add.", targetSessionId="reading")
        api.script(writing.id, step(message), step(text("Sent.")))
        api.script(
            reading.id, step(ask("get_messages"), before=lambda: writing.ask("tell them")), step(text("I read it."))
        )
        reading.ask("any mail?")
        assert "> Mind add." in answer(api, reading.id)["messages"][0]["text"]
        given(home, reading.id, "Mind add.")
        reading.ask("go on")
        assert "\n".join(api.requests(reading.id)[-1].texts()).count("Mind add.") == 1


def test_the_server_knows_the_session_after_a_clear(client: Path, api: MessagesAPI, home: Home, project: Path) -> None:
    home_state = home.folder / ".claude.json"
    servers = json.loads(home_state.read_text())["mcpServers"]
    home.trust(project)
    home_state.write_text(json.dumps({**json.loads(home_state.read_text()), "mcpServers": servers}))
    with Terminal(client, home, project, options=ALLOWED) as terminal:

        def hello() -> None:
            before = len(api.requests(terminal.id))
            terminal.ask("hello")
            until(lambda: len(api.requests(terminal.id)) > before, "the request")
            terminal.rest()

        tools(api, terminal.id, hello)
        api.script(terminal.id, step(ask("list_sessions")), step(text("One of them is me.")))
        terminal.ask("who is there?")
        terminal.wait_for("One of them is me.")
        assert [row["id"] for row in answer(api, terminal.id)["sessions"] if row.get("you")] == [terminal.id]
        terminal.rest()
        terminal.ask("/clear")
        until(lambda: set(live(home)) - {terminal.id}, "another session")
        (successor,) = set(live(home)) - {terminal.id}
        api.script(successor, step(ask("list_sessions")), step(text("It is still me.")))
        terminal.ask("and now?")
        terminal.wait_for("It is still me.")
        assert [row["id"] for row in answer(api, successor, 1)["sessions"] if row.get("you")] == [successor]


def live(home: Home) -> list[str]:
    files = (home.claude / "context-sync" / "sessions").glob("*.json")
    return [known["id"] for known in map(json.loads, (file.read_text() for file in files)) if not known["ended"]]


def test_the_client_keeps_the_registration_and_finds_the_server(client: Path, home: Home, project: Path) -> None:
    with Session(client, home, project, "hello") as session:
        session.result()
    listed = subprocess.run(
        [client, "mcp", "list"], cwd=project, env=home.environment(), capture_output=True, text=True, check=True
    ).stdout
    assert "context-sync: " in listed
    assert "Connected" in listed


def test_the_inspector_lists_and_calls_the_tools(home: Home, project: Path, inspecting: list[str]) -> None:
    server = [str(Path(sys.executable).parent / "context-sync"), "serve"]

    def run(*method: str) -> Any:
        command = [*inspecting, *server, "--method", *method]
        done = subprocess.run(command, cwd=project, env=home.environment(), capture_output=True, text=True, check=False)
        return json.loads(done.stdout)

    tools = run("tools/list")["tools"]
    assert {each["name"] for each in tools} == {
        "list_sessions",
        "get_session_context",
        "get_all_changes",
        "send_message",
        "get_messages",
        "resolve_conflicts",
        "who_touched",
    }
    assert run("tools/call", "--tool-name", "list_sessions")["structuredContent"]["sessions"] == []
    failed = run("tools/call", "--tool-name", "get_session_context", "--tool-arg", "sessionId=nobody")
    assert failed["isError"]
    assert "no session is called 'nobody'" in failed["content"][0]["text"]
