"""The long-lived processes: the waiter of an idle session, and the MCP server."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import NamedTuple

from context_sync.claude.install import hooks_entry, registrations
from context_sync.mail import sending
from context_sync.state import sessions
from tests.rehearse import CHECKOUT, Client, encoded

SERVE = [sys.executable, "-m", "context_sync.cli.main", "serve"]
WARM = 0.4  # of the time, after which nothing needs to grow any more
STEP = 0.5  # seconds between two calls of a tool
ROUNDS = 4  # of such calls, before which nothing is warm, however slow the machine
LOOKS = 5  # at what a process holds: what it only opens for a moment is not open in all of them
PATIENCE = 60.0  # seconds for what was opened for a moment to be closed again, and for dead children
HELLO = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "load", "version": "1"}}


class Use(NamedTuple):
    """What a process holds: bytes of memory, open files, and children that ended and for which it did not wait."""

    memory: int
    files: int
    zombies: int


class Kept(NamedTuple):
    """What a process held when it was warm and at the end, and how often it did what it is for meanwhile."""

    name: str
    warm: Use
    last: Use
    times: int

    @property
    def growth(self) -> float:
        return self.last.memory / self.warm.memory - 1


Busy = tuple[str, subprocess.Popen[bytes], Callable[[], None]]  # its name, and what uses it once
Make = Callable[[Path], AbstractContextManager[Busy]]


@contextmanager
def kept_busy(folder: Path, seconds: float) -> Iterator[list[Kept]]:
    """Watch both while the body runs; the list is filled when it is over."""
    found: list[Kept] = []
    over = threading.Event()
    began = time.monotonic()
    threads = [
        threading.Thread(target=_watch, args=(found, each, folder, over, began + WARM * seconds))
        for each in (_waiter, _server)
    ]
    for thread in threads:
        thread.start()
    try:
        yield found
    finally:
        over.set()
        for thread in threads:
            thread.join()


def _watch(found: list[Kept], make: Make, folder: Path, over: threading.Event, warm_at: float) -> None:
    with make(folder) as (name, process, use_once):
        warm, times = None, 0
        while not over.wait(STEP):
            use_once()
            if warm is None and times >= ROUNDS and time.monotonic() > warm_at:
                warm, times = _least_use_of(process.pid), 0
            times += 1
        use_once()
        warm = warm or _least_use_of(process.pid)
        last = _left_use_of(process.pid, warm.files)
        assert process.poll() is None, f"{name} ended"
        found.append(Kept(name, warm, last, times))


def _least_use_of(pid: int) -> Use:
    """Return what a process holds all the time."""
    looks = []
    for _ in range(LOOKS):
        looks.append(use_of(pid))
        time.sleep(STEP / LOOKS)
    return Use(looks[-1].memory, min(each.files for each in looks), min(each.zombies for each in looks))


def _left_use_of(pid: int, files: int) -> Use:
    """Return what a process holds when it is done with what it does just now: no more than so many files, if it can."""
    end = time.monotonic() + PATIENCE
    while ((now := use_of(pid)).files > files or now.zombies) and time.monotonic() < end:
        time.sleep(STEP / LOOKS)
    return now


@contextmanager
def _waiter(folder: Path) -> Iterator[Busy]:
    """The waiter of a session that is idle all the time; others write to it, but nothing that wakes it."""
    client = Client(folder)
    client.start()
    command = hooks_entry.groups_for(*registrations.here())["Stop"]["hooks"][1]["command"]
    waiter = subprocess.Popen(["/bin/sh", "-c", command], stdin=subprocess.PIPE, env=client.environment(), cwd=folder)
    assert waiter.stdin
    waiter.stdin.write(encoded(client.payload("Stop")))
    waiter.stdin.close()
    while _begins(waiter.pid):
        pass
    numbers = iter(range(10**9))
    presence = sessions.load(client.session)
    assert presence

    def use_once() -> None:
        sending.tell(presence, f"a notice, the {next(numbers)}th")

    try:
        yield "the waiter of an idle session", waiter, use_once
    finally:
        waiter.kill()
        waiter.wait()
        client.kill()


@contextmanager
def _server(folder: Path) -> Iterator[Busy]:
    """The MCP server, of which a client asks one thing after the other."""
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    server = subprocess.Popen(
        SERVE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, cwd=folder
    )
    numbers = iter(range(10**9))

    def ask(method: str, **parameters: object) -> None:
        assert server.stdin
        assert server.stdout
        number = next(numbers)
        request = {"jsonrpc": "2.0", "id": number, "method": method, "params": parameters}
        server.stdin.write(json.dumps(request).encode() + b"\n")
        server.stdin.flush()
        answer = json.loads(server.stdout.readline())
        assert answer["id"] == number
        assert "error" not in answer, answer
        assert not answer["result"].get("isError"), answer

    ask("initialize", **HELLO)
    assert server.stdin
    server.stdin.write(b'{"jsonrpc":"2.0","method":"notifications/initialized"}\n')

    def use_once() -> None:
        ask("tools/call", name="list_sessions", arguments={})

    try:
        yield "the MCP server", server, use_once
    finally:
        server.communicate()


def _begins(pid: int) -> bool:
    """Look for a while whether a process is still the shell that starts it, or loads what it needs."""
    before = use_of(pid).memory
    time.sleep(STEP)
    is_asleep = stat_of(pid)[0] == "S"
    return not is_asleep or Path(f"/proc/{pid}/comm").read_text() == "sh\n" or use_of(pid).memory > before


def use_of(pid: int) -> Use:
    """Return what a process holds now."""
    resident = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return Use(resident, len(os.listdir(f"/proc/{pid}/fd")), sum(stat_of(int(each))[0] == "Z" for each in children))


def stat_of(pid: int) -> tuple[str, int]:
    """Return the state of a process and its parent's pid; raises OSError when it is gone."""
    state, parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
    return state, int(parent)
