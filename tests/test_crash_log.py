import json
import os
import stat
import time
from pathlib import Path

import pytest

from context_sync import crash_log


def crash(error: BaseException, where: str = "PostToolUse") -> str:
    try:
        raise error
    except BaseException as caught:
        return crash_log.record_crash(where, caught)


def test_a_crash_is_found_again():
    before = time.time()
    path = crash(ValueError("broken"))
    (found,) = crash_log.crashes_since(before - 1)
    assert path == crash_log.file()
    assert (found.where, found.error) == ("PostToolUse", "ValueError: broken")
    assert "test_crash_log.py" in found.traceback
    assert before - 1 < found.at <= time.time()
    assert crash_log.crashes_since(found.at) == []


def test_crashes_come_in_their_order_and_rubbish_between_them_is_left_out():
    crash(ValueError("one"))
    with Path(crash_log.file()).open("ab") as stream:
        stream.write(b'{"at": 1\n\xff\n[]\n{"at": "soon", "where": "", "error": "", "traceback": ""}\n{}\n')
        stream.write(b"[" * 100_000 + b"\n")
    crash(KeyError("two"))
    assert [each.error for each in crash_log.crashes_since(0)] == ["ValueError: one", "KeyError: 'two'"]


def test_no_log_no_crashes():
    assert crash_log.crashes_since(0) == []


class UnspeakableError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("it cannot be said")


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(ValueError("x" * 100_000), id="an endless message"),
        pytest.param(ValueError("\ud800\x00\n"), id="a message of half letters"),
        pytest.param(UnspeakableError(), id="a message that fails"),
        pytest.param(KeyboardInterrupt(), id="an interrupt"),
        pytest.param(RecursionError(), id="too deep"),
    ],
)
def test_any_error_is_recorded_and_none_is_raised(error: BaseException):
    crash(error)
    crash(ValueError("next"))
    assert [len(each.error) <= 500 for each in crash_log.crashes_since(0)] in ([True], [True, True])
    assert crash_log.crashes_since(0)[-1].error == "ValueError: next"


@pytest.mark.parametrize("way", ["a file in the way", "a folder in its place", "no home"])
def test_a_log_that_cannot_be_written_disturbs_nobody(way: str, monkeypatch: pytest.MonkeyPatch):
    folder = Path(os.environ["XDG_STATE_HOME"])
    if way == "a file in the way":
        folder.parent.mkdir(parents=True)
        folder.write_text("")
    elif way == "a folder in its place":
        Path(crash_log.file()).mkdir(parents=True)
    else:
        monkeypatch.delenv("XDG_STATE_HOME")
        monkeypatch.delenv("HOME")
        monkeypatch.setattr("pwd.getpwuid", lambda _: (_ for _ in ()).throw(KeyError("no such user")))
    assert crash(ValueError("x")) == "(the log could not be written)"


def test_a_full_log_begins_again_and_keeps_one_predecessor(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(crash_log, "MAX_SIZE", 2000)
    for number in range(50):
        crash(ValueError(str(number)))
    files = sorted(Path(crash_log.file()).parent.iterdir())
    assert [file.name for file in files] == ["context-sync.log", "context-sync.log.1"]
    assert all(file.stat().st_size < 4000 for file in files)
    assert json.loads(Path(crash_log.file()).read_text().splitlines()[-1])["error"] == "ValueError: 49"


def test_the_log_is_private():
    before = os.umask(0)
    try:
        crash(ValueError("x"))
    finally:
        os.umask(before)
    assert stat.S_IMODE(Path(crash_log.file()).stat().st_mode) == 0o600
    assert stat.S_IMODE(Path(crash_log.file()).parent.stat().st_mode) == 0o700
