import os
import stat
from pathlib import Path

import pytest

from context_sync.state import files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "folder"
    made.mkdir(mode=0o700)
    return made


def test_written_json_is_read_again(folder: Path):
    where = str(folder / "a" / "b" / "file.json")
    value = {"text": "größe \udcff\ud800 \x00", "number": 1.5, "list": [1, None]}
    files.write_json(where, value)
    assert files.read_json(where) == value
    assert os.listdir(folder / "a" / "b") == ["file.json"]


def test_a_value_that_cannot_be_written_leaves_the_old_one(folder: Path):
    where = str(folder / "file.json")
    files.write_json(where, {"old": 1})
    with pytest.raises(TypeError):
        files.write_json(where, {"new": object()})
    assert files.read_json(where) == {"old": 1}
    assert os.listdir(folder) == ["file.json"]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b'{"a": 1', id="cut"),
        pytest.param(b"[1]", id="a list"),
        pytest.param(b"\xff\xfe\x00", id="not UTF-8"),
        pytest.param(b"[" * 100_000, id="deeper than Python reads"),
    ],
)
def test_a_broken_file_is_left_as_it_is_until_it_is_written_again(folder: Path, content: bytes):
    where = folder / "file.json"
    where.write_bytes(content)
    assert files.read_json(str(where)) is None
    assert (where.read_bytes(), os.listdir(folder)) == (content, ["file.json"])
    files.write_json(str(where), {"new": 1})
    assert files.read_json(str(where)) == {"new": 1}


def test_a_missing_file_and_a_folder_hold_nothing(folder: Path):
    assert files.read_json(str(folder / "missing")) is None
    assert files.read_json(str(folder)) is None
    assert list(files.read_lines(str(folder / "missing"))) == []
    assert files.names(str(folder / "missing")) == []
    assert files.time_of(str(folder / "missing")) == 0.0
    files.remove(str(folder / "missing"))
    files.remove_folder(str(folder / "missing"))


@pytest.mark.parametrize(
    ("content", "kept"),
    [
        pytest.param(b'{"n": 1}\n{"n": 2}\n', [1, 2], id="whole lines"),
        pytest.param(b'{"n": 1}\n{"n": 2', [1], id="a cut last line"),
        pytest.param(b'{"n": 1}\nxx\n{"n": 2}\n', [1, 2], id="a broken line between"),
        pytest.param(b'{"n": 1}\n\n\n{"n": 2}\n', [1, 2], id="empty lines"),
        pytest.param(b'{"n": 1}\n[3]\n"x"\n{"n": 2}\n', [1, 2], id="other values"),
        pytest.param(b"[" * 100_000 + b'\n{"n": 2}\n', [2], id="a line deeper than Python reads"),
        pytest.param(b'\xff\xfe\n{"n": 2}\n', [2], id="a line that is not UTF-8"),
    ],
)
def test_lines_that_make_no_sense_are_skipped(folder: Path, content: bytes, kept: list[int]):
    where = folder / "file.jsonl"
    where.write_bytes(content)
    assert [line["n"] for line in files.read_lines(str(where))] == kept


def test_a_line_after_a_cut_one_is_not_lost_with_it(folder: Path):
    where = folder / "file.jsonl"
    where.write_bytes(b'{"n": 1}\n{"n": ')
    files.append_lines(str(where), [{"n": 3}, {"n": 4}])
    assert [line["n"] for line in files.read_lines(str(where))] == [1, 3, 4]


def test_everything_is_made_private(folder: Path):
    before = os.umask(0)
    try:
        files.write_json(str(folder / "x" / "y" / "file.json"), {})
        files.append_lines(str(folder / "x" / "lines.jsonl"), [{}])
        files.mark(str(folder / "x" / "marks" / "mark"))
    finally:
        os.umask(before)
    for path in folder.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_a_folder_of_a_relative_path_is_made_where_one_is(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(folder)
    files.write_json("a/b/file.json", {"n": 1})
    files.write_json("beside.json", {"n": 2})
    assert files.read_json(str(folder / "a" / "b" / "file.json")) == {"n": 1}
    assert files.read_json(str(folder / "beside.json")) == {"n": 2}


def test_a_full_disk_is_reported():
    descriptor = os.open("/dev/full", os.O_WRONLY)
    with pytest.raises(OSError, match="No space left on device: '/dev/full'"):
        files.write_all(descriptor, b"text", "/dev/full")
    os.close(descriptor)


def test_a_folder_in_the_way_of_a_file_is_reported(folder: Path):
    (folder / "file").write_text("in the way")
    with pytest.raises(FileExistsError):
        files.make_folder(str(folder / "file" / "folder"))
    with pytest.raises(OSError, match="directory"):
        files.write_json(str(folder), {})
    assert sorted(os.listdir(folder)) == ["file"]


def test_a_file_that_is_gone_is_moved_and_removed_without_complaint(folder: Path):
    files.move(str(folder / "gone"), str(folder / "there"))
    files.remove(str(folder / "gone"))
    assert os.listdir(folder) == []


def test_a_folder_is_made_although_another_process_removes_the_one_above(monkeypatch: pytest.MonkeyPatch):
    made, real = [], os.mkdir

    def mkdir(where: str, mode: int) -> None:
        if not made:
            os.rmdir(os.path.dirname(where))
        made.append(where)
        real(where, mode)

    os.makedirs(files.path("gate", "one"))
    monkeypatch.setattr(os, "mkdir", mkdir)
    files.make_folder(files.path("gate", "one", "pending"))
    assert os.path.isdir(files.path("gate", "one", "pending"))
