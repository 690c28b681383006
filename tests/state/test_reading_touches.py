import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from context_sync.state import files, touches
from tests import settling
from tests.state.test_touches import touch

AN_HOUR = 3600 * 10**9  # nanoseconds


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that were parsed, each time that they were."""
    found: list[str] = []
    real = files.read_lines
    monkeypatch.setattr(files, "read_lines", lambda where: found.append(where) or real(where))
    return found


def file() -> Path:
    return Path(files.path("touches", "one.jsonl"))


def age(by: int = AN_HOUR) -> None:
    """Make the file one that was written some time ago."""
    at = time.time_ns() - by
    os.utime(file(), ns=(at, at))


def paths() -> list[str]:
    return [each.path for each in touches.read("one").touches]


def test_a_file_is_parsed_once_whatever_is_asked_of_it(parsed: list[str]):
    touches.append([touch(1.0), touch(2.0, path="b.py")])
    age()
    assert paths() == ["a.py", "b.py"]
    assert [each.path for each in touches.read("one", {"b.py"}).touches] == ["b.py"]
    assert touches.read("one", ()).touches == []
    assert len(parsed) == 1


def settle() -> None:
    settling.settle("one", "a.py", 3.0)


def compact() -> None:
    settle()
    age()
    touches.compact("one", before=1.5)


def by_another_process() -> None:
    code = "from tests.settling import settle; settle('one', 'a.py', 3.0)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])


@pytest.mark.parametrize(
    ("happens", "left"),
    [
        pytest.param(settle, ["b.py"], id="a line is added"),
        pytest.param(compact, ["b.py"], id="lines are left out"),
        pytest.param(by_another_process, ["b.py"], id="another process adds a line"),
        pytest.param(lambda: file().unlink(), [], id="it is gone"),
    ],
)
def test_what_happens_to_a_file_that_was_read_is_seen(happens: object, left: list[str]):
    touches.append([touch(1.0), touch(2.0, path="b.py")])
    age()
    assert paths() == ["a.py", "b.py"]
    happens()  # type: ignore[operator]
    history = touches.read("one")
    assert [each.path for each in history.touches if not history.is_settled(each)] == left


def test_a_file_that_is_replaced_at_once_is_read_again():
    touches.append([touch(1.0)])
    was = file().stat()
    assert paths() == ["a.py"]
    other = file().with_name("other")
    other.write_bytes(file().read_bytes().replace(b"a.py", b"b.py"))
    other.replace(file())  # by which alone lines are changed: all else is appended
    os.utime(file(), ns=(was.st_atime_ns, was.st_mtime_ns))  # as on a disk whose times are whole seconds
    assert file().stat().st_size == was.st_size
    assert paths() == ["b.py"]
