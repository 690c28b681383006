import os
import resource
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from context_sync.state import processes


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "600"]) as process:
        yield process
        process.kill()


@pytest.fixture
def without_proc(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No /proc, as on macOS, and all the time that `ps` takes."""
    monkeypatch.setattr(processes, "PROC", str(tmp_path / "none"))
    monkeypatch.setattr(processes, "PS_TIMEOUT", 600.0)


# Where there is /proc, and where there is none: the same answers.
@pytest.fixture(params=["this system's way", *(["ps"] if shutil.which("ps") else [])])
def way(request: pytest.FixtureRequest) -> str:
    if request.param == "ps":
        request.getfixturevalue("without_proc")
    return str(request.param)


@pytest.mark.usefixtures("way")
def test_a_process_keeps_its_start(child: subprocess.Popen[bytes]):
    first = processes.start_of(child.pid)
    assert first
    assert processes.start_of(child.pid) == first
    assert processes.start_of(os.getpid()) != ""
    assert processes.is_there(child.pid)
    assert processes.is_there(child.pid, first)
    assert not processes.is_there(child.pid, "another")


@pytest.mark.usefixtures("way")
def test_a_zombie_has_ended(child: subprocess.Popen[bytes]):
    first = processes.start_of(child.pid)
    os.kill(child.pid, signal.SIGKILL)
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    os.kill(child.pid, 0)  # which still finds it
    assert processes.start_of(child.pid) == ""
    assert not processes.is_there(child.pid)
    assert not processes.is_there(child.pid, first)


@pytest.mark.usefixtures("way")
def test_a_process_that_is_gone_has_no_start(child: subprocess.Popen[bytes]):
    child.kill()
    child.wait()
    assert processes.start_of(child.pid) == ""
    assert not processes.is_there(child.pid)


@pytest.mark.usefixtures("way", "child")
def test_a_child_is_known_by_when_it_was_started():
    now = time.time()
    assert processes.has_child_since(os.getpid(), now - 3600)
    assert not processes.has_child_since(os.getpid(), now + 3600)


def test_a_later_process_has_another_start(child: subprocess.Popen[bytes]):
    time.sleep(0.02)  # the clock of the starts ticks every 10 ms
    with subprocess.Popen(["sleep", "600"]) as later:
        assert processes.start_of(child.pid) != processes.start_of(later.pid)
        later.kill()


@pytest.mark.parametrize("name", ["plain", "with space", "a) R 1 (b", "))) Z ((("])
def test_the_name_of_a_command_confuses_nothing(tmp_path, name: str):
    program = tmp_path / name
    program.symlink_to(shutil.which("sleep"))
    with subprocess.Popen([str(program), "600"]) as process:
        assert processes.start_of(process.pid).partition("@")[0].isdecimal() or not os.path.exists("/proc/self/stat")
        process.kill()


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("pid", [0, -1, -(2**31), 2**22 + 1, 2**31, 2**63, 10**30])
def test_no_process_has_such_a_pid(pid: int):
    assert processes.start_of(pid) == ""
    assert not processes.is_there(pid)


@pytest.mark.usefixtures("without_proc")
@pytest.mark.parametrize(
    ("ps", "mode"),
    [
        pytest.param("exit 0", 0o644, id="one that may not be run"),
        pytest.param("echo ps: Operation not permitted >&2; exit 1", 0o755, id="one that is not allowed to look"),
        pytest.param("echo Usage: ps >&2; exit 1", 0o755, id="one that does not know the options"),
        pytest.param("exit 2", 0o755, id="one that fails without a word"),
        pytest.param("exit 0", 0o755, id="one that says nothing"),
        pytest.param("echo 'S    Fri Nov 20 09'", 0o755, id="half an answer"),
        pytest.param("echo 'S    Fri Nov 20 09:00:00 2026'; kill -9 $$", 0o755, id="one that is killed"),
        pytest.param("echo 'S    Fri Nov 20 09:00:00 2026'; exit 1", 0o755, id="one that answers and fails"),
        pytest.param("printf '\\377\\n'", 0o755, id="an answer in no encoding"),
        pytest.param("", 0o000, id="none"),
    ],
)
def test_an_answer_of_ps_that_is_none_ends_nothing(
    child: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ps: str, mode: int
):
    program(tmp_path, ps, mode)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert processes.start_of(child.pid) == ""
    assert processes.is_there(child.pid)
    assert processes.is_there(child.pid, "Fri Nov 20 09:00:00 2026")
    assert processes.has_child_since(child.pid, time.time() + 3600)


@pytest.mark.usefixtures("without_proc")
def test_a_ps_that_takes_too_long_ends_nothing(
    child: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    program(tmp_path, f"exec {shutil.which('sleep')} 600", 0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(processes, "PS_TIMEOUT", 0.1)
    assert processes.start_of(child.pid) == ""
    assert processes.is_there(child.pid, "Fri Nov 20 09:00:00 2026")


def test_too_many_open_files_end_nothing(child: subprocess.Popen[bytes]):
    first = processes.start_of(child.pid)
    few = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, few[1]))
    try:
        found = processes.is_there(child.pid, first)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, few)
    assert found


def program(folder: Path, script: str, mode: int) -> None:
    """Make a `ps` in `folder`/bin; one without a mode is none."""
    (folder / "bin").mkdir()
    if mode:
        (folder / "bin" / "ps").write_text(f"#!/bin/sh\n{script}\n")
        (folder / "bin" / "ps").chmod(mode)
