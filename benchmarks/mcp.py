"""Measures the MCP server: `python -m benchmarks.mcp` prints a Markdown table, and exits 1 when a target is missed."""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

from mcp.client.session import ClientSession
from mcp.client.stdio import StdioServerParameters, stdio_client

from benchmarks.table import Row, show
from context_sync.claude.hooks import simulation
from context_sync.claude.hooks.simulation import Player
from context_sync.claude.install import registrations
from context_sync.state import repositories, touches
from tests.summaries.records import Conversation

CHECKOUT = Path(__file__).resolve().parents[1]
SERVER = [sys.executable, "-m", "context_sync.cli.main", "serve"]
STARTS = 9
CALLS = 15
SESSIONS, REPOSITORIES = 50, 5
MEGABYTE = 1e6
CHARACTERS_PER_TOKEN = 3  # JSON has three to four
CODE = "def add(a, b):\n    return a + b\n\n\ndef sub(a, b):\n    return a - b\n"
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 0,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "bench", "version": "1"},
    },
}


def main() -> int:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as cast:
        home = Path(folder, "home")
        home.mkdir()
        environment = {**simulation.surroundings(str(home)), "PYTHONPATH": str(CHECKOUT)}
        return show(measured(Path(folder), environment, cast))


def measured(folder: Path, environment: dict[str, str], cast: ExitStack) -> Iterator[Row]:
    yield from starts(environment)
    players = crowd(folder, environment, cast)
    yield from asyncio.run(calls(environment, players))
    make_conflict(players, environment)
    yield from asyncio.run(listing(environment))


def starts(environment: dict[str, str]) -> Iterator[Row]:
    """From the start of the process to its answer to `initialize`."""
    times, sizes = [], []
    for number in range(STARTS + 1):
        began = time.perf_counter()
        server = subprocess.Popen(
            SERVER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, text=True
        )
        assert server.stdin
        assert server.stdout
        server.stdin.write(json.dumps(INITIALIZE) + "\n")
        server.stdin.flush()
        assert "context-sync" in server.stdout.readline()
        if number:  # the first one fills the caches
            times.append(time.perf_counter() - began)
            sizes.append(memory_of(server.pid))
        server.communicate()
    took, used = median(times), max(sizes)
    yield Row("from the start to the answer to `initialize`", f"{took:.2f} s", "within 1.2 s", took < 1.2)
    yield Row("memory then", f"{used:.0f} MB", "under 90 MB", used < 90)


def crowd(folder: Path, environment: dict[str, str], cast: ExitStack) -> list[Player]:
    """Live sessions in several repositories, each with a transcript; in each repository two conflict."""
    commands = registrations.commands_of(registrations.here())
    players = []
    for number in range(REPOSITORIES):
        repository = folder / f"shop-{number}"
        repository.mkdir()
        (repository / "calc.py").write_text(CODE)
        for command in ("init -q", "add .", "-c user.name=b -c user.email=b@b commit -qm start"):
            subprocess.run(["git", *command.split()], cwd=repository, check=True)
        for each in range(SESSIONS // REPOSITORIES):
            title = f"session {number}-{each}"
            player = cast.enter_context(simulation.player(title, str(repository), commands, environment))
            simulation.play(player, "SessionStart", source="startup", session_title=title)
            context = Conversation().prompt(f"Please work on part {each} of shop {number}.")
            for _ in range(200):
                context.call("Read", file_path="/p").result("x" * 5000, {"type": "text"})
            context.reply("I am at it.").write(Path(environment["HOME"], f"{player.session}.jsonl"))
            players.append(player)
        for player, old, new in zip(players[-2:], ("a + b", "b + a"), ("b + a", "sum((a, b))"), strict=True):
            list(simulation.edit(player, "calc.py", old, new))
    return players


def make_conflict(players: list[Player], environment: dict[str, str]) -> None:
    """Have every session of a repository do what one of them did: all conflict with all."""
    os.environ["CLAUDE_CONFIG_DIR"] = os.path.join(environment["HOME"], ".claude")
    for first in range(0, len(players), SESSIONS // REPOSITORIES):
        group = players[first : first + SESSIONS // REPOSITORIES]
        done = touches.read(group[-1].session).touches[-1]
        for player in group[:-1]:
            touches.append([done._replace(session=player.session, tool_use=player.session)])
            repositories.hold(player.session, done.repository, done.path)


async def listing(environment: dict[str, str]) -> list[Row]:
    """The list when there is a conflict between every two sessions of a repository."""
    server = StdioServerParameters(command=SERVER[0], args=SERVER[1:], env=environment)
    async with stdio_client(server) as streams, ClientSession(*streams) as session:
        await session.initialize()
        took, listed = await timed(session, "list_sessions")
    pairs = REPOSITORIES * (SESSIONS // REPOSITORIES) * (SESSIONS // REPOSITORIES - 1) // 2
    what = f"`list_sessions` with {len(listed['sessions'])} sessions, {pairs} pairs of which conflict"
    return [Row(what, f"{took * 1e3:.0f} ms, {len(json.dumps(listed)) / 1e3:.0f} KB")]


async def calls(environment: dict[str, str], players: list[Player]) -> list[Row]:
    """The tools with everybody there, called through the SDK's own client."""
    server = StdioServerParameters(command=SERVER[0], args=SERVER[1:], env=environment)
    async with stdio_client(server) as streams, ClientSession(*streams) as session:
        await session.initialize()
        tools = (await session.list_tools()).tools
        listing, listed = await timed(session, "list_sessions")
        showing, _ = await timed(session, "get_session_context", sessionId=players[0].session)
        changing, _ = await timed(session, "get_all_changes", project=players[0].folder)
        used = memory_of(child_of(os.getpid()))
    conflicts = sum(len(row["conflicts"]) for row in listed["sessions"]) // 2
    who = f"{len(listed['sessions'])} sessions, {conflicts} conflicts"
    context = [
        {"name": f"mcp__context-sync__{tool.name}", "description": tool.description, "input_schema": tool.input_schema}
        for tool in tools
    ]
    tokens = len(json.dumps(context, separators=(",", ":"))) / CHARACTERS_PER_TOKEN
    return [
        Row(f"`list_sessions` with {who}", f"{listing * 1e3:.0f} ms", "under 100 ms", listing < 0.1),
        Row("its answer", f"{len(json.dumps(listed)) / 1e3:.0f} KB"),
        Row("`get_session_context` without a model", f"{showing * 1e3:.0f} ms"),
        Row(f"`get_all_changes` of {SESSIONS // REPOSITORIES} sessions", f"{changing * 1e3:.0f} ms"),
        Row("memory after all that", f"{used:.0f} MB", "under 90 MB", used < 90),
        Row("what all tools together cost a context, at most", f"{tokens:.0f} tokens", "under 1,200", tokens < 1200),
    ]


async def timed(session: ClientSession, tool: str, **arguments: Any) -> tuple[float, Any]:
    """Return the median of the seconds that a call takes, and its structured content."""
    times = []
    for _ in range(CALLS):
        began = time.perf_counter()
        result = await session.call_tool(tool, arguments)
        times.append(time.perf_counter() - began)
        assert not result.is_error, result.content
    return median(times), result.structured_content


def child_of(pid: int) -> int:
    """Return the pid of the server that this process started."""
    found = subprocess.run(["pgrep", "-P", str(pid), "-f", "serve"], capture_output=True, text=True, check=True)
    return int(found.stdout.split()[0])


def memory_of(pid: int) -> float:
    """Return what a process holds of the memory, in megabytes."""
    found = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=True)
    return int(found.stdout) * 1024 / MEGABYTE


if __name__ == "__main__":
    sys.exit(main())
