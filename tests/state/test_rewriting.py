import errno
import fcntl
import itertools
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from context_sync.state import files
from tests.rehearse import CHECKOUT
from tests.state.waiting import PATIENT, TELLING

WRITERS, REWRITERS, EACH = 4, 2, 400

# Without the time that a rewriter gives to those who have opened the file: nothing may hang on that.
BEGIN = f"""
import sys
sys.path.insert(0, {str(CHECKOUT)!r})
from context_sync.state import files
files.GRACE = 0.0
where, number = sys.argv[1:]
"""
WRITE = f"""
for i in range({EACH}):
    files.append_lines(where, [{{"kept": f"{{number}}-{{i}}"}}, {{"dropped": i}}])
print("done")
"""
REWRITE = f"""
{PATIENT}
while True:
    files.rewrite_lines(where, lambda line: "kept" in line)
"""
APPEND = """
files.append_lines(where, [{"n": 3}])
"""
REWRITE_ONCE = """
files.rewrite_lines(where, lambda line: line["n"] != 2)
"""


def start(code: str, where: Path, number: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", BEGIN + code, str(where), str(number)], stdout=subprocess.PIPE)


def test_who_rewrites_a_file_and_who_appends_to_it_at_once_lose_nothing(tmp_path: Path):
    where = tmp_path / "lines.jsonl"
    rewriters = [start(REWRITE, where, number) for number in range(REWRITERS)]
    writers = [start(WRITE, where, number) for number in range(WRITERS)]
    try:
        assert [each.communicate()[0] for each in writers] == [b"done\n"] * WRITERS
        assert [each.poll() for each in rewriters] == [None] * REWRITERS
    finally:
        for each in rewriters:
            each.kill()
            each.communicate()
    files.rewrite_lines(str(where), lambda line: "kept" in line)
    found = [line["kept"] for line in files.read_lines(str(where))]
    assert set(found) == {f"{number}-{i}" for number in range(WRITERS) for i in range(EACH)}


@pytest.mark.parametrize("others", [(APPEND,), (REWRITE_ONCE, APPEND), (APPEND, REWRITE_ONCE)])
def test_others_wait_for_who_rewrites(tmp_path: Path, others: tuple[str, ...]):
    where = str(tmp_path / "lines.jsonl")
    files.append_lines(where, [{"n": 1}, {"n": 2}])
    meanwhile: list[subprocess.Popen[bytes]] = []

    def is_wanted(line: dict[str, int]) -> bool:
        if line["n"] == 1:
            meanwhile.extend(start(TELLING + code, tmp_path / "lines.jsonl", 0) for code in others)
            assert [each.stdout.readline() for each in meanwhile if each.stdout] == [b"waits\n"] * len(others)
        return line["n"] != 2

    files.rewrite_lines(where, is_wanted)
    assert [each.communicate()[1] for each in meanwhile] == [None] * len(others)
    assert [line["n"] for line in files.read_lines(where)] == [1, 3]


@pytest.mark.parametrize("error", [errno.ENOLCK, errno.EOPNOTSUPP, errno.EAGAIN])
def test_without_a_lock_it_is_done_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: int):
    def refuse(*_: object) -> None:
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr(fcntl, "flock", refuse)
    monkeypatch.setattr(files, "LOCK_TIMEOUT", 0.01)
    where = str(tmp_path / "lines.jsonl")
    files.append_lines(where, [{"n": 1}, {"n": 2}])
    files.rewrite_lines(where, lambda line: line["n"] != 2)
    assert [line["n"] for line in files.read_lines(where)] == [1]


def test_who_was_stopped_while_waiting_waits_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    clock, tried, real = itertools.count(0, 3600), [], fcntl.flock

    def held_twice(*arguments: int) -> None:
        tried.append(arguments)
        if len(tried) <= 2:
            raise BlockingIOError
        real(*arguments)

    monkeypatch.setattr(fcntl, "flock", held_twice)
    monkeypatch.setattr(time, "monotonic", lambda: float(next(clock)))
    files.append_lines(str(tmp_path / "lines.jsonl"), [{"n": 1}])
    assert len(tried) == 3
