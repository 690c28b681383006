import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from context_sync.events import dispatch
from tests.rehearse import CHECKOUT, HOOKS, Client, change, encoded, log, state, tool_use

MakeClient = Callable[..., Client]
PYTHON = (sys.executable, "-I", "-S", "-X", "utf8")


def handled(client: Client, *arguments: str, payload: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    """Run the script as the gate does."""
    return subprocess.run(
        [*PYTHON, str(HOOKS / "run.py"), *arguments],
        input=payload if payload is not None else encoded(client.payload("SessionStart", source="startup")),
        capture_output=True,
        env=client.environment(),
        cwd=client.folder,
        timeout=180,
        check=False,
    )


def nothing_happened(done: subprocess.CompletedProcess[bytes]) -> bool:
    return (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


@pytest.mark.parametrize("arguments", [(), ("Unheard",), ("",), ("--help",), ("SessionStart/../x",)])
def test_an_event_that_nobody_handles_is_left_alone(client: MakeClient, arguments: tuple[str, ...]):
    assert nothing_happened(handled(client(), *arguments))
    assert not state().exists()
    assert log() == ""


def test_an_event_leaves_with_nothing_when_there_is_nothing_to_say(client: MakeClient):
    for event in dispatch.HANDLERS:
        assert nothing_happened(handled(client(), event))
    assert log() == ""


SLOW = """
import signal, sys, time
def hang(*_):
    signal.setitimer(signal.ITIMER_REAL, 0.01)
    time.sleep(60)
sys.path[:0] = [{checkout!r}]
from context_sync.events import dispatch, {module}
dispatch.HANDLERS["{event}"] = ("{module}", {seconds})
def handle(event):
    {body}
{module}.handle = handle
dispatch.main("{event}")
"""


@pytest.mark.parametrize(
    ("body", "crash"),
    [
        pytest.param("time.sleep(60)", "OutOfTimeError", id="one that sleeps"),
        pytest.param("while True: pass", "OutOfTimeError", id="one that works for ever"),
        pytest.param("[x for x in iter(int, 1)]", "OutOfTimeError", id="one that collects for ever"),
        pytest.param(
            "\n    while True:\n        try: time.sleep(60)\n        except Exception: pass",
            "OutOfTimeError",
            id="one that passes over every exception",
        ),
        pytest.param("raise ValueError('no')", "ValueError: no", id="one that fails"),
        pytest.param(
            "import signal; raise ValueError(signal.getitimer(signal.ITIMER_REAL)[1])",
            "ValueError: 20.0",
            id="one that asks how long it may take in all",
        ),
        pytest.param("sys.exit(2)", "SystemExit: 2", id="one that wants to leave with 2"),
        pytest.param("raise KeyboardInterrupt", "KeyboardInterrupt", id="one that was interrupted"),
        pytest.param("raise MemoryError", "MemoryError", id="one that has no room"),
        pytest.param("handle(event)", "RecursionError", id="one without end"),
        pytest.param("return 5", "AttributeError", id="one that answers nonsense"),
    ],
)
def test_whatever_a_handler_does_the_client_goes_on(client: MakeClient, body: str, crash: str):
    someone = client()
    for event, module in (("Stop", "stop"), ("PreToolUse", "pre_tool_use")):
        seconds = 0.2 if crash == "OutOfTimeError" else 20.0  # a busy machine needs some before the handler begins
        program = SLOW.format(checkout=str(CHECKOUT), event=event, module=module, seconds=seconds, body=body)
        done = subprocess.run(
            [sys.executable, "-c", program],
            input=encoded(someone.payload(event)),
            capture_output=True,
            env=someone.environment(),
            timeout=50,  # less than any of them would take
            check=False,
        )
        assert nothing_happened(done)
        last = json.loads(log().splitlines()[-1])
        assert last["where"] == event
        assert last["error"].startswith(crash)


def test_the_time_runs_out_while_the_crash_is_recorded(client: MakeClient):
    someone = client()
    body = "log = sys.modules['context_sync.crash_log']; log._append = hang; raise ValueError"
    program = SLOW.format(checkout=str(CHECKOUT), event="Stop", module="stop", seconds=20.0, body=body)
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=encoded(someone.payload("Stop")),
        capture_output=True,
        env=someone.environment(),
        timeout=50,
        check=False,
    )
    assert nothing_happened(done)


def test_every_limit_is_within_what_the_client_waits():
    from context_sync.claude.install import hooks_entry

    for hook in hooks_entry.EVENTS:
        _, seconds = dispatch.HANDLERS[hook.event]
        assert 0 < seconds <= hook.timeout


def test_a_recorder_that_is_asked_to_end_finishes_first(client: MakeClient, project: Path):
    """As `claude -p` asks it, at its own end."""
    someone = client()
    someone.start()
    response = change(project / "calc.py", "a + b", "b + a")
    tool = {"tool_name": "Edit", "tool_use_id": tool_use(), "tool_input": {}, "tool_response": response}
    touch_file = state("touches", f"{someone.session}.jsonl")
    touch_file.parent.mkdir()
    with touch_file.open("ab") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)  # for which the recorder waits
        hook = subprocess.Popen(
            ["/bin/sh", "-c", someone.hooks["PostToolUse"]],
            stdin=subprocess.PIPE,
            env=someone.environment(),
            cwd=project,
            start_new_session=True,
        )
        assert hook.stdin
        hook.stdin.write(encoded(someone.payload("PostToolUse", **tool)))
        hook.stdin.close()
        while not ignores(hook.pid) and is_there(hook.pid):
            time.sleep(0.001)
        os.killpg(hook.pid, signal.SIGTERM)
    assert hook.wait() == 0
    assert [touch.path for touch in someone.touches] == ["calc.py"]
    assert not state("gate", someone.session, "recording", str(hook.pid)).exists()


def is_there(pid: int) -> bool:
    """Whether a child did not end; one that did stays a zombie, so that its pid is nobody else's."""
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None


def ignores(pid: int) -> bool:
    """Whether the process ignores SIGTERM already; elsewhere than on Linux after a while."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        time.sleep(0.2)
        return not Path("/proc").exists()
    ignored = next(line for line in status.splitlines() if line.startswith("SigIgn:"))
    return bool(int(ignored.split()[1], 16) & 1 << (signal.SIGTERM - 1))


def test_a_recorder_that_was_killed_is_made_up_for_at_the_end_of_the_turn(client: MakeClient, project: Path):
    someone, other = client(), client()
    for each in (someone, other):
        each.start()
    someone.edit(project / "calc.py", "a + b", "b + a", hook=False)
    with subprocess.Popen(["sleep", "60"]) as recorder:
        state("gate", someone.session, "recording", str(recorder.pid)).touch()
        recorder.kill()
    assert someone.stop().quiet
    assert [touch.path for touch in someone.touches] == ["calc.py"]
    assert list(state("gate", someone.session, "recording").iterdir()) == []
