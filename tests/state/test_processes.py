import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator

import pytest

from context_sync.state import processes


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "60"]) as process:
        yield process
        process.kill()


# Where there is no /proc, and where there is: the same answers.
WAYS = [
    pytest.param(processes.start_of, id="this system's way"),
    *([pytest.param(processes._from_ps, id="ps")] if shutil.which("ps") else []),
]
Way = type(processes.start_of)


@pytest.mark.parametrize("start_of", WAYS)
def test_a_process_keeps_its_start(child: subprocess.Popen[bytes], start_of: Way):
    first = start_of(child.pid)
    assert first
    assert start_of(child.pid) == first
    assert start_of(os.getpid()) != ""


@pytest.mark.parametrize("start_of", WAYS)
def test_a_zombie_has_ended(child: subprocess.Popen[bytes], start_of: Way):
    os.kill(child.pid, signal.SIGKILL)
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    os.kill(child.pid, 0)  # which still finds it
    assert start_of(child.pid) == ""


@pytest.mark.parametrize("start_of", WAYS)
def test_a_process_that_is_gone_has_no_start(child: subprocess.Popen[bytes], start_of: Way):
    child.kill()
    child.wait()
    assert start_of(child.pid) == ""


def test_a_later_process_has_another_start(child: subprocess.Popen[bytes]):
    time.sleep(0.02)  # the clock of the starts ticks every 10 ms
    with subprocess.Popen(["sleep", "60"]) as later:
        assert processes.start_of(child.pid) != processes.start_of(later.pid)
        later.kill()


@pytest.mark.parametrize("name", ["plain", "with space", "a) R 1 (b", "))) Z ((("])
def test_the_name_of_a_command_confuses_nothing(tmp_path, name: str):
    program = tmp_path / name
    program.symlink_to(shutil.which("sleep"))
    with subprocess.Popen([str(program), "60"]) as process:
        assert processes.start_of(process.pid).partition("@")[0].isdecimal() or not os.path.exists("/proc/self/stat")
        process.kill()


@pytest.mark.parametrize("pid", [0, -1, -(2**31), 2**22 + 1, 2**63, 10**30])
def test_no_process_has_such_a_pid(pid: int):
    assert processes.start_of(pid) == ""


def test_without_ps_nothing_is_known(child: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert processes._from_ps(child.pid) == ""
