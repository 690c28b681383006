import os
import time
from pathlib import Path

import pytest

from context_sync.hotpath import subprocesses
from context_sync.hotpath.subprocesses import Ended


def shell(script: str, seconds: float = 60.0, stdin: bytes = b"") -> Ended | None:
    return subprocesses.run(("sh", "-c", script), os.environ, seconds, stdin)


@pytest.mark.parametrize(
    ("script", "code", "output"),
    [
        pytest.param("printf 'a\\000b\\377'", 0, b"a\0b\xff", id="bytes of every kind"),
        pytest.param("echo told; exit 3", 3, b"told\n", id="a failure"),
        pytest.param("echo complaint >&2", 0, b"", id="errors are dropped"),
        pytest.param("kill -TERM $$", -15, b"", id="ended by a signal"),
        pytest.param("yes | head -n 100000", 0, b"y\n" * 100_000, id="more than a pipe takes"),
        pytest.param("cat", 0, b"", id="nothing on standard input"),
    ],
)
def test_how_a_program_ends(script: str, code: int, output: bytes):
    assert shell(script) == Ended(code, output)


@pytest.mark.parametrize("size", [1, subprocesses.PIPE, subprocesses.PIPE + 1, 3_000_000])
def test_the_program_reads_all_it_is_given(size: int):
    text = b"x" * size
    assert shell("cat", stdin=text) == Ended(0, text)


@pytest.mark.parametrize("size", [subprocesses.PIPE, 3_000_000])
def test_one_that_does_not_read_stops_nobody(size: int):
    assert shell("exit 0", stdin=b"x" * size) == Ended(0, b"")


def test_one_that_takes_too_long_is_killed(tmp_path: Path):
    running = subprocesses.start(
        ("sh", "-c", f"echo $$ > {tmp_path}/new; mv {tmp_path}/new {tmp_path}/pid; exec sleep 600"), os.environ
    )
    while not (tmp_path / "pid").exists():
        time.sleep(0.01)
    began = time.monotonic()
    assert running
    assert running.finish(0.3) is None
    assert time.monotonic() - began < 300
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(("no-such-program-anywhere",), id="none of that name"),
        pytest.param(("echo", "a\0b"), id="an argument that none can have"),
    ],
)
def test_what_cannot_be_started_is_none(command: tuple[str, ...]):
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    assert subprocesses.run(command, os.environ, 60.0) is None
    assert not before or len(os.listdir("/proc/self/fd")) <= before  # garbage may have had some


@pytest.mark.parametrize("path", ["", ".", ":", "planted", "{folder}/empty:."])
def test_nothing_in_the_working_folder_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str):
    (tmp_path / "planted").mkdir()
    for folder in (tmp_path, tmp_path / "planted"):
        (folder / "tool").write_text("#!/bin/sh\necho planted\n")
        (folder / "tool").chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", path.format(folder=tmp_path))
    assert subprocesses.run(("tool",), os.environ, 10.0) is None
    monkeypatch.setenv("PATH", str(tmp_path))
    assert subprocesses.run(("tool",), os.environ, 60.0) == Ended(0, b"planted\n")


def test_a_program_ends_at_a_pipe_that_nobody_reads():
    assert shell("yes | true; echo over") == Ended(0, b"over\n")


def test_one_that_was_started_works_while_nobody_waits(tmp_path: Path):
    running = subprocesses.start(("sh", "-c", f"echo told; touch {tmp_path}/done"), os.environ)
    while not (tmp_path / "done").exists():
        time.sleep(0.01)
    assert running
    assert running.finish(60.0) == Ended(0, b"told\n")


def test_one_that_is_forgotten_is_killed(tmp_path: Path):
    running = subprocesses.start(
        ("sh", "-c", f"echo $$ > {tmp_path}/new; mv {tmp_path}/new {tmp_path}/pid; exec sleep 60"), os.environ
    )
    while not (tmp_path / "pid").exists():
        time.sleep(0.01)
    del running
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_a_time_that_is_over_as_the_program_ends_is_raised_as_that(monkeypatch: pytest.MonkeyPatch):
    wait = os.waitpid

    def wait_too_long(pid: int, options: int) -> tuple[int, int]:
        wait(pid, options)
        raise TimeoutError

    monkeypatch.setattr(os, "waitpid", wait_too_long)
    with pytest.raises(TimeoutError):
        shell("exit 0")
