import os
import subprocess
from pathlib import Path

import pytest

from context_sync.analysis.changes import Edit
from context_sync.analysis.merge import Conflict, merge
from context_sync.git import three_way

LINES = "".join(f"line {number}\n" for number in range(1, 13))

TEXTS = [
    pytest.param(LINES, "line 2\n", "two\n", "line 9\n", "nine\n", id="lines apart"),
    pytest.param(LINES, "line 2\n", "two\n", "line 2\n", "deux\n", id="the same line"),
    pytest.param(LINES, "line 2\n", "two\n", "line 2\n", "two\n", id="the same change"),
    pytest.param(LINES, "line 2\n", "two\n", "line 3\n", "three\n", id="neighbouring lines"),
    pytest.param(LINES, "line 2\n", "two\n", "line 4\n", "four\n", id="one line between"),
    pytest.param(LINES, "line 5\n", "line 5\nnew\n", "line 5\n", "line 5\nneu\n", id="both insert at one place"),
    pytest.param(LINES, "line 5\n", "", "line 5\n", "five\n", id="removed and changed"),
    pytest.param(LINES, "line 5\n", "", "line 6\n", "", id="neighbours removed"),
    pytest.param(LINES, "line 12\n", "line 12", "line 12\n", "line 12\nend\n", id="the last line end"),
    pytest.param(LINES.replace("\n", "\r\n"), "line 2\r\n", "two\r\n", "line 2\r\n", "deux\r\n", id="CRLF"),
    pytest.param(LINES, "line 2\n", "two\r\n", "line 3\n", "three\n", id="mixed line ends"),
    pytest.param(LINES, "line 2\n", "=======\n", "line 2\n", "<<<<<<< ours\n", id="texts that look like marks"),
    pytest.param(LINES, "line 2\n", "=" * 83 + "\n", "line 9\n", "=" * 83 + "\n", id="texts that look like ours"),
    pytest.param("\ufeff" + LINES, "line 1\n", "one\n", "line 1\n", "un\n", id="byte-order mark"),
    pytest.param("a\0b\n" + LINES, "line 2\n", "two\n", "line 9\n", "nine\n", id="binary"),
    pytest.param("", "", "a\n", "", "b\n", id="both fill an empty file"),
]


@pytest.mark.parametrize(("base", "old", "mine", "their_old", "theirs"), TEXTS)
def test_the_verdict_is_that_of_git_merge(tmp_path: Path, base: str, old: str, mine: str, their_old: str, theirs: str):
    ours, others = base.replace(old, mine, 1), base.replace(their_old, theirs, 1)
    edits = [Edit("a.txt", "a.txt", base.encode(), text.encode()) for text in (ours, others)]
    assert (merge(*edits) is not None) == _git_conflicts(tmp_path, *(text.encode() for text in (base, ours, others)))


def _git_conflicts(folder: Path, base: bytes, mine: bytes, theirs: bytes) -> bool:
    def run(*arguments: str, check: bool = True) -> int:
        return subprocess.run(["git", *arguments], cwd=folder, check=check, capture_output=True).returncode

    def commit(text: bytes) -> None:
        (folder / "a.txt").write_bytes(text)
        run("add", "a.txt")
        run("commit", "--quiet", "--allow-empty", "-m", "x")

    run("init", "--quiet", "--initial-branch=main")
    run("config", "core.autocrlf", "false")
    commit(base)
    run("checkout", "--quiet", "-b", "mine")
    commit(mine)
    run("checkout", "--quiet", "-b", "theirs", "main")
    commit(theirs)
    return run("merge", "--quiet", "mine", check=False) != 0


def test_a_binary_file_conflicts_as_a_whole():
    sides = [Edit("a", "a", b"\0base", text) for text in (b"\0mine", b"\0theirs")]
    assert merge(*sides) == Conflict(())


def test_without_git_touching_changes_conflict(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", os.devnull)
    base = LINES.encode()
    mine = Edit("a", "a", base, base.replace(b"line 2", b"two"))
    assert three_way.merge_file(base, base, base) is None
    assert merge(mine, Edit("a", "a", base, base.replace(b"line 3", b"three"))) == Conflict(())
    assert merge(mine, Edit("a", "a", base, base.replace(b"line 9", b"nine"))) is None


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    before = sorted(tmp_path.iterdir())
    merged = three_way.merge_file(b"a\n", b"b\n", b"c\n")
    assert merged is not None
    assert merged.conflicts == 1
    assert sorted(tmp_path.iterdir()) == before


def test_the_configuration_of_the_user_does_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    plain = three_way.merge_file(b"a\n", b"b\n", b"c\n")
    config = tmp_path / "gitconfig"
    config.write_text("[merge]\nconflictStyle = zdiff3\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    assert three_way.merge_file(b"a\n", b"b\n", b"c\n") == plain
