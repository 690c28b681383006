import fcntl
import os
import queue
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from context_sync.hotpath import subprocesses
from context_sync.state import files, gate, touches
from tests.rehearse import CHECKOUT, Client, change, encoded, log, result, tool_use
from tests.state.waiting import PATIENT, TELLING

Start = Callable[[Callable[[], object]], threading.Thread]

PROCESSES = 16
EACH = 50

WRITER = f"""
import sys, time
sys.path.insert(0, {str(CHECKOUT)!r})
from context_sync.domain.records import Symbol, Touch
from context_sync.state import touches
number = int(sys.argv[1])
while time.time() < float(sys.argv[2]):
    pass
for i in range({EACH}):
    name = "f" * (i * 40)  # lines from 200 bytes to more than 4 KiB, the size of a page
    touches.append([Touch(time.time(), "one", "Edit", "/r", "/w", "a.py", (Symbol(name, "function", 1, 2),), "", "",
                          f"{{number}}-{{i}}")])
"""


def test_sixteen_writers_lose_and_mix_nothing():
    begin = str(time.time() + 1)
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(n), begin]) for n in range(PROCESSES)]
    assert [writer.wait() for writer in writers] == [0] * PROCESSES
    found = touches.read("one").touches
    assert {touch.tool_use for touch in found} == {f"{n}-{i}" for n in range(PROCESSES) for i in range(EACH)}
    text = files.read_bytes(files.path("touches", "one.jsonl"))
    assert text.count(b"\n") >= len(found) == PROCESSES * EACH


def test_recorders_of_one_session_at_once_record_each_edit_once(client: Callable[..., Client], project: Path):
    someone, other = client(), client()
    for each in (someone, other):
        each.start()
    other.edit(project / "calc.py", "a - b", "b - a")
    payloads = []
    for number in range(8):
        used, response = (
            tool_use(),
            change(project / "calc.py", "def add(a, b):\n", f"def add(a, b):\n    # {number}\n"),
        )
        someone.append(result(used, response))
        tool = {"tool_name": "Edit", "tool_use_id": used, "tool_input": {}, "tool_response": response}
        payloads.append(encoded(someone.payload("PostToolUse", **tool)))
    hooks = [
        subprocess.Popen(
            ["/bin/sh", "-c", someone.hooks["PostToolUse"]],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=someone.environment(),
            cwd=project,
        )
        for _ in payloads
    ]
    for hook, payload in zip(hooks, payloads, strict=True):
        assert hook.stdin
        hook.stdin.write(payload)
        hook.stdin.close()
    assert [(hook.wait(), hook.stdout.read() if hook.stdout else b"") for hook in hooks] == [(0, b"")] * len(hooks)
    for hook in hooks:
        assert hook.stdout
        hook.stdout.close()
    assert Counter(touch.tool_use for touch in someone.touches).most_common(1)[0][1] == 1
    assert len(someone.touches) == len(payloads)
    assert gate.recorders(someone.session) == []
    assert log() == ""
    assert other.prompt().context


def test_sessions_that_start_at_once_all_stand_in_the_repository(client: Callable[..., Client], project: Path):
    everyone = [client() for _ in range(6)]
    starting = [
        subprocess.Popen(
            ["/bin/sh", "-c", each.hooks["SessionStart"]], stdin=subprocess.PIPE, env=each.environment(), cwd=project
        )
        for each in everyone
    ]
    for each, process in zip(everyone, starting, strict=True):
        process.communicate(encoded(each.payload("SessionStart", source="startup")))
        assert process.returncode == 0
    for each in everyone:
        assert each.edit(project / "calc.py", "def add(a, b):\n", f"def add(a, b):\n    # {each.session}\n")
    for each in everyone:
        context = each.prompt().context
        assert context.count("`add` in calc.py") == len(everyone) - 1
    assert log() == ""


COUNTER = f"""
import sys
sys.path.insert(0, {str(CHECKOUT)!r})
{PATIENT}
for _ in range({EACH}):
    files.change_json(files.path("count.json"), lambda known: {{"count": known["count"] + 1}})
"""


def test_changes_of_one_file_at_once_are_made_one_after_the_other():
    files.write_json(files.path("count.json"), {"count": 0})
    writers = [subprocess.Popen([sys.executable, "-c", COUNTER]) for _ in range(8)]
    assert [writer.wait() for writer in writers] == [0] * 8
    assert files.read_json(files.path("count.json")) == {"count": 8 * EACH}


INCREMENT = f"""
import sys
sys.path.insert(0, {str(CHECKOUT)!r})
{TELLING}
files.change_json(files.path("count.json"), lambda known: {{"count": known["count"] + 1}})
"""


def increment(known: dict[str, Any]) -> dict[str, Any]:
    return {"count": known["count"] + 1}


@pytest.fixture
def start_waiting(monkeypatch: pytest.MonkeyPatch) -> Start:
    """Return what starts a thread, which must find a file locked; it goes on when the file is not."""
    said: dict[int, queue.SimpleQueue[str]] = defaultdict(queue.SimpleQueue)
    sleep = time.sleep

    def tell(seconds: float) -> None:
        if seconds == files.POLL_INTERVAL:
            said[threading.get_ident()].put("waits")
        sleep(seconds)

    def run(target: Callable[[], object], context: queue.SimpleQueue[str]) -> None:
        said[threading.get_ident()] = context
        try:
            target()
        finally:
            context.put("is done")

    def start(target: Callable[[], object]) -> threading.Thread:
        context = queue.SimpleQueue[str]()
        thread = threading.Thread(target=run, args=(target, context))
        thread.start()
        assert context.get() == "waits"
        return thread

    monkeypatch.setattr(files, "LOCK_TIMEOUT", 600.0)
    monkeypatch.setattr(time, "sleep", tell)
    return start


def test_changes_of_one_file_by_threads_are_made_one_after_the_other(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(files, "LOCK_TIMEOUT", 600.0)
    where = files.path("count.json")
    files.write_json(where, {"count": 0})

    def count() -> None:
        for _ in range(EACH):
            files.change_json(where, increment)

    threads = [threading.Thread(target=count) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert files.read_json(where) == {"count": 4 * EACH}


def test_a_thread_waits_for_another_that_changes_a_file(start_waiting: Start):
    where = files.path("count.json")
    files.write_json(where, {"count": 0})
    others: list[threading.Thread] = []

    def change(known: dict[str, Any]) -> dict[str, Any]:
        others.append(start_waiting(lambda: files.change_json(where, increment)))
        return increment(known)

    files.change_json(where, change)
    for each in others:
        each.join()
    assert files.read_json(where) == {"count": 2}


def append() -> None:
    files.append_lines(files.path("lines.jsonl"), [{"n": 3}])


def rewrite() -> None:
    files.rewrite_lines(files.path("lines.jsonl"), lambda line: line["n"] != 2)


@pytest.mark.parametrize(
    "targets",
    [
        pytest.param([append], id="one that appends"),
        pytest.param([rewrite, append], id="one that rewrites and one that appends"),
        pytest.param([append, rewrite], id="one that appends and one that rewrites"),
    ],
)
def test_threads_wait_for_another_that_rewrites_a_file(start_waiting: Start, targets: list[Callable[[], None]]):
    where = files.path("lines.jsonl")
    files.append_lines(where, [{"n": 1}, {"n": 2}])
    others: list[threading.Thread] = []

    def is_wanted(line: dict[str, int]) -> bool:
        if line["n"] == 1:
            others.extend(map(start_waiting, targets))
        return line["n"] != 2

    files.rewrite_lines(where, is_wanted)
    for each in others:
        each.join()
    assert [line["n"] for line in files.read_lines(where)] == [1, 3]


def test_a_file_stays_locked_when_it_is_read_meanwhile():
    where = files.path("count.json")
    files.write_json(where, {"count": 0})
    others: list[subprocess.Popen[bytes]] = []

    def change(known: dict[str, Any]) -> dict[str, Any]:
        assert files.read_json(where) == known  # closes another descriptor of the file
        others.append(subprocess.Popen([sys.executable, "-c", INCREMENT], stdout=subprocess.PIPE))
        assert others[0].stdout
        assert others[0].stdout.readline() == b"waits\n"
        return increment(known)

    try:
        files.change_json(where, change)
    finally:
        assert others[0].communicate() == (b"", None)
    assert files.read_json(where) == {"count": 2}


def test_a_program_that_is_started_meanwhile_does_not_keep_a_file_locked():
    where = files.path("count.json")
    files.write_json(where, {"count": 0})
    others: list[subprocesses.Running] = []

    def change(_: dict[str, Any]) -> None:
        running = subprocesses.start(("sh", "-c", "echo runs; exec sleep 600"), os.environ)
        assert running
        assert os.read(running._reading, 1)  # its start is over: only then has the kernel closed what it must not have
        others.append(running)

    files.change_json(where, change)
    with open(where, "rb+") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
