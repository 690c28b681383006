import gc
import os
from pathlib import Path

import pytest

from context_sync.git import objects
from tests.git.stage import CALC, commit


def test_the_texts_of_a_commit(project: Path):
    (project / "größe.bin").write_bytes(b"\0\n\xff" * 10)
    (project / "empty").write_bytes(b"")
    head = commit(project, "second")
    paths = ["calc.py", "never.py", "größe.bin", "sub", "empty", "two\nlines", "with space", "sub/calc.py"]
    (project / "calc.py").write_text("changed")
    assert objects.texts_at(str(project), head, paths) == {
        "calc.py": CALC.encode(),
        "never.py": None,
        "größe.bin": b"\0\n\xff" * 10,
        "sub": None,
        "empty": b"",
        "two\nlines": None,
        "with space": None,
        "sub/calc.py": CALC.encode(),
    }
    assert objects.text_at(str(project), head, "calc.py") == CALC.encode()
    assert objects.text_at(str(project), head, "sub") is None


ASKED_BEFORE = [
    pytest.param(["calc.py"], id="the same"),
    pytest.param(["never.py"], id="another file"),
    pytest.param(["calc.py", "sub/calc.py"], id="more files"),
    pytest.param(["two\nlines"], id="a file that cannot be asked for"),
]


@pytest.mark.parametrize("paths", ASKED_BEFORE)
def test_what_is_expected_changes_no_answer(project: Path, paths: list[str]):
    head = commit(project, "-".join(paths).replace("\n", " "))
    objects.expect(str(project), head, paths)
    assert objects.texts_at(str(project), head, ["calc.py", "never.py"]) == {"calc.py": CALC.encode(), "never.py": None}


def test_what_is_expected_is_asked_for_at_once(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    head = commit(project, "at once")
    objects.expect(str(project), head, ["calc.py"])
    monkeypatch.setenv("PATH", str(tmp_path))  # no git from now on
    assert objects.texts_at(str(project), head, ["calc.py"]) == {"calc.py": CALC.encode()}
    assert objects.texts_at(str(project), head, ["sub/calc.py"]) is None


def test_what_is_expected_when_git_fails_is_nothing(tmp_path: Path):
    objects.expect(str(tmp_path), "c" * 40, ["calc.py"])
    assert objects.texts_at(str(tmp_path), "c" * 40, ["calc.py"]) is None
    objects.expect("", "d" * 40, ["calc.py"])
    assert objects.texts_at("", "d" * 40, ["calc.py"]) is None


def test_what_was_expected_in_vain_leaves_nothing_open(project: Path):
    head = commit(project, "in vain")
    objects.expect(str(project), head, ["calc.py"])
    gc.collect()  # what other tests left open
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    for number in range(3):
        objects.expect(str(project), head, [f"never{number}.py"])
    assert before in (0, len(os.listdir("/proc/self/fd")))
