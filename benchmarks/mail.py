"""Measures the mail: `python -m benchmarks.mail` prints one Markdown table, and exits 1 when a target is missed.

The real client is used for the time to wake an idle session when it is in place (see tests/client/install.py).
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from context_sync.claude.hooks import simulation
from context_sync.claude.hooks.simulation import Player
from context_sync.claude.install import hooks_entry, registrations
from context_sync.state import mailbox
from tests.client import install
from tests.client.api import MessagesAPI
from tests.client.environment import Home
from tests.client.terminal import Terminal
from tests.storm import CHECKOUT, storm

RUNS = 40
WATCHED = 20.0  # seconds for which the waiter is watched
WAKES = 5
EMPTY = "benchmarks.empty_command"


class Row(NamedTuple):
    """One thing that was measured, and whether it is as it must be."""

    what: str
    measured: str
    target: str
    reached: bool


def main() -> int:
    """Print the table."""
    rows: list[Row] = []
    for measure in (stormy, sending, hooks, waiting, waking):
        with surroundings() as home:
            rows += measure(home)
    print("| what | measured | target | |\n|---|---|---|---|")
    for row in rows:
        print(f"| {row.what} | {row.measured} | {row.target} | {'reached' if row.reached else '**missed**'} |")
    return int(not all(row.reached for row in rows))


def stormy(home: Path) -> Iterator[Row]:
    """Sixteen senders and eight readers at eight mailboxes, killed at random."""
    log = home / "log"
    log.mkdir()
    found = storm(log, senders=16, readers=8, boxes=8, count=10_000)
    what = f"16 senders, 8 readers, 8 mailboxes, {found.kills} killed, {found.seconds:.1f} s: messages"
    yield Row(f"{what} stored", f"{found.stored:,}", "10,000 or more", found.stored >= 10_000)
    yield Row("of these lost", str(found.lost + found.unread + found.broken), "0", not found.lost + found.unread)
    yield Row("of these read more than once", str(found.read_twice), "0", not found.read_twice)


def sending(home: Path) -> Iterator[Row]:
    """A message beside a command of the same program that does nothing."""
    with cast(home) as (sender, *others):
        environment = {**sender.environment, "CLAUDE_CODE_SESSION_ID": sender.session, "PYTHONPATH": str(CHECKOUT)}
        start = (
            f"import sys; from context_sync.cli import main; main.COMMANDS['empty'] = {EMPTY!r}; sys.exit(main.main())"
        )
        python = [sys.executable, "-c", start]
        texts = iter(range(10 * RUNS))
        send, empty = milliseconds(
            lambda: [*python, "send", others[next(texts) % len(others)].session, f"text {next(texts)}"],
            lambda: [*python, "empty", "one", "two"],
            environment=environment,
        )
    ratio = send / empty
    yield Row("a message, among 20 live sessions", f"{send:.0f} ms", "", True)
    yield Row("the same, to an empty run of the command", f"{ratio:.2f}", "at most 1.5", ratio <= 1.5)


def hooks(home: Path) -> Iterator[Row]:
    """What an event costs without mail and with it, through the registered command."""
    with cast(home, 1) as (player,):
        quiet = statistics.median(simulation.play(player, "PostToolBatch").seconds for _ in range(RUNS)) * 1000
        context = []
        for _ in range(RUNS // 4):
            send(player.session, f"text {time.time()}")
            context.append(simulation.play(player, "PostToolBatch").seconds * 1000)
    yield Row("an event without mail", f"{quiet:.1f} ms", "no Python: under 10 ms", quiet < 10)
    yield Row("an event that tells a message", f"{statistics.median(context):.0f} ms", "", True)


def waiting(home: Path) -> Iterator[Row]:
    """What an idle session's waiter costs."""
    with cast(home, 1) as (player,):
        command = hooks_entry.groups_for(*registrations.here())["Stop"]["hooks"][1]["command"]
        identity = {"CLAUDE_CODE_SESSION_ID": player.session, "CLAUDE_CODE_ENTRYPOINT": "cli"}
        waiter = subprocess.Popen(
            ["/bin/sh", "-c", command], stdin=subprocess.PIPE, env={**player.environment, **identity}
        )
        assert waiter.stdin
        waiter.stdin.write(b'{"session_id": "%s"}' % player.session.encode())
        waiter.stdin.close()
        time.sleep(1.5)
        before = processor_time(waiter.pid)
        time.sleep(WATCHED)
        share = (processor_time(waiter.pid) - before) / WATCHED
        memory = resident(waiter.pid)
        waiter.kill()
        waiter.wait()
    yield Row(f"a waiter, of a core in {WATCHED:.0f} s", f"{share:.3%}", "under 0.1 %", share < 0.001)
    yield Row("its memory", f"{memory / 1e6:.0f} MB", "", True)


def waking(home: Path) -> Iterator[Row]:
    """How long the real client takes to show the answer to an urgent message that came while it was idle."""
    client = install.find()
    if client is None:
        yield Row("waking an idle session", "no client here", "at most 3 s", True)
        return
    with MessagesAPI() as api:
        scene = Home(home, api.url)
        project = home / "project"
        project.mkdir()
        scene.trust(project)
        subprocess.run(
            [*PROGRAM, "init"], env=scene.environment(PYTHONPATH=str(CHECKOUT)), check=True, capture_output=True
        )
        with Terminal(client, scene, project) as terminal:
            terminal.ask("hello")
            terminal.wait_for("Done.")
            seconds = [wake(scene, api, terminal, number) for number in range(WAKES)]
    took = f"{statistics.median(seconds):.1f} s, at most {max(seconds):.1f} s"
    yield Row(f"waking an idle session in tmux, {WAKES} times", took, "at most 3 s", max(seconds) <= 3)


def wake(scene: Home, api: MessagesAPI, terminal: Terminal, number: int) -> float:
    """Return the seconds from the start of the command to the model's request."""
    time.sleep(2 + number * 0.23)  # at any phase of the waiter's sleep
    asked = len(api.requests(terminal.id))
    began = time.monotonic()
    command = [*PROGRAM, "send", terminal.id, f"text {number}", "--urgent"]
    subprocess.run(command, env=scene.environment(PYTHONPATH=str(CHECKOUT)), check=True, capture_output=True)
    while len(api.requests(terminal.id)) == asked:
        time.sleep(0.01)
        assert time.monotonic() - began < 30, "the session was not woken"
    return time.monotonic() - began


PROGRAM = (sys.executable, "-m", "context_sync.cli.main")


@contextmanager
def surroundings() -> Iterator[Path]:
    """A home folder that is gone afterwards, for this process and those that it starts."""
    with tempfile.TemporaryDirectory(prefix="context-sync-bench-") as folder:
        for name in [name for name in os.environ if name.startswith(("CLAUDE", "XDG_", "PYTHON"))]:
            del os.environ[name]
        os.environ["HOME"] = folder
        yield Path(folder)


@contextmanager
def cast(home: Path, number: int = 20) -> Iterator[list[Player]]:
    """Live sessions in one folder."""
    commands = registrations.commands_of(registrations.here())
    with ExitStack() as stack:
        players = [
            stack.enter_context(simulation.player(f"s{each}", str(home), commands, simulation.surroundings(str(home))))
            for each in range(number)
        ]
        for player in players:
            simulation.play(player, "SessionStart", source="startup", session_title=player.title)
        yield players


def send(session: str, text: str) -> None:
    """Store a message without the command."""
    mailbox.store(
        mailbox.Message(
            id=mailbox.messages.identifier(os.urandom(10)),
            at=time.time(),
            sender="user",
            sender_name="bench",
            branch="",
            to=session,
            to_name="",
            text=text,
        )
    )


def milliseconds(*commands: Callable[[], list[str]], environment: dict[str, str]) -> list[float]:
    """Return the median time of each command, run in turn."""
    taken: list[list[float]] = [[] for _ in commands]
    for _ in range(RUNS):
        for times, command in zip(taken, commands, strict=True):
            began = time.perf_counter()
            subprocess.run(command(), env=environment, check=True, capture_output=True)
            times.append(time.perf_counter() - began)
    return [statistics.median(times) * 1000 for times in taken]


def processor_time(pid: int) -> float:
    """Return the seconds that a process ran: the first field of /proc/PID/schedstat, in nanoseconds."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def resident(pid: int) -> int:
    """Return the bytes of memory that a process has to itself or shares."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    sys.exit(main())
