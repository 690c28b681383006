import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from context_sync.claude import waiters

CODE = "import sys; print(flush=True); sys.stdin.read()"


@pytest.fixture(autouse=True)
def no_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiters, "GRACE", -1.0)


def start(*words: str, **environment: str) -> subprocess.Popen[bytes]:
    """Start a process with these last arguments and return it once it runs; before, /proc may not show it."""
    command = [sys.executable, "-I", "-S", "-c", CODE, *words]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
    assert process.stdout
    process.stdout.readline()
    return process


@pytest.mark.parametrize(
    ("words", "client", "folder", "is_stuck"),
    [
        pytest.param(("/hooks/run.py", "Idle"), "1", "", True, id="its client is gone"),
        pytest.param(("/hooks/run.py", "Idle"), str(os.getpid()), "", False, id="its client is there"),
        pytest.param(("/hooks/run.py", "Idle"), "1", "/elsewhere", False, id="another state folder"),
        pytest.param(("/hooks/run.py", "Stop"), "1", "", False, id="another hook"),
        pytest.param(("/hooks/walk.py", "Idle"), "1", "", False, id="another program"),
        pytest.param(("/hooks/run.py", "Idle"), "", "", False, id="a client that does not tell its pid"),
    ],
)
def test_a_waiter_is_stuck_when_its_client_is_gone(words: tuple[str, str], client: str, folder: str, is_stuck: bool):
    environment = {"CLAUDE_PID": client, "CLAUDE_CONFIG_DIR": folder or os.environ["CLAUDE_CONFIG_DIR"]}
    with start(*words, **environment) as process:
        try:
            assert (process.pid in waiters.stuck()) == is_stuck
            waiters.end(process.pid)
            assert (process.poll() or (is_stuck and process.wait(600))) == (-signal.SIGKILL if is_stuck else False)
        finally:
            process.kill()


def test_the_home_folder_tells_the_state_folder_where_nothing_else_does(
    isolated_home: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("CLAUDE_CONFIG_DIR")
    with start("/hooks/run.py", "Idle", CLAUDE_PID="1", HOME=str(isolated_home)) as process:
        assert waiters.stuck() == [process.pid]
        process.kill()


def test_a_young_waiter_may_yet_notice(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(waiters, "GRACE", 3600.0)
    with start("/hooks/run.py", "Idle", CLAUDE_PID="1", CLAUDE_CONFIG_DIR=os.environ["CLAUDE_CONFIG_DIR"]) as process:
        assert waiters.stuck() == []
        process.kill()


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["Idle"], id="a single word"),
        pytest.param([""], id="nothing but a NUL"),
        pytest.param(["", "-s", "Idle"], id="empty words"),
        pytest.param(["/hooks/run.py", "-s"], id="the name without the event"),
    ],
)
def test_a_process_that_calls_itself_oddly_is_no_waiter(words: list[str]):
    environment = {"CLAUDE_PID": "1", "CLAUDE_CONFIG_DIR": os.environ["CLAUDE_CONFIG_DIR"]}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(words, executable="/bin/sh", env=environment, **pipes) as process:
        assert process.stdin
        assert process.stdout
        try:
            process.stdin.write(b"echo\n")
            process.stdin.flush()
            process.stdout.readline()
            assert process.poll() is None
            assert process.pid not in waiters.stuck()
        finally:
            process.kill()
