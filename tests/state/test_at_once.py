import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from context_sync.state import files, markers, touches
from tests.rehearse import CHECKOUT, Client, change, encoded, log, result, tool_use
from tests.state.waiting import PATIENT

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
    assert markers.recorders(someone.session) == []
    assert log() == ""
    assert other.prompt().told


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
        told = each.prompt().told
        assert told.count("`add` in calc.py") == len(everyone) - 1
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
