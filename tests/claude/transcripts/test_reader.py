import io
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from context_sync.claude.transcripts import reader
from tests.rehearse import encoded, result

EDITED = {
    "filePath": "/home/dev/proj/calc.py",
    "oldString": "a + b",
    "newString": "b + a",
    "originalFile": "def add(a, b):\n    return a + b\n",
    "structuredPatch": [
        {
            "oldStart": 1,
            "oldLines": 2,
            "newStart": 1,
            "newLines": 2,
            "lines": [" def add(a, b):", "-    return a + b", "+    return b + a"],
        }
    ],
    "userModified": False,
    "replaceAll": False,
}
MULTI_EDITED = {
    "filePath": "/home/dev/proj/calc.py",
    "edits": [
        {"old_string": "a + b", "new_string": "b + a", "replace_all": False},
        {"old_string": "a", "new_string": "x", "replace_all": True},
    ],
    "originalFileContents": "def add(a, b):\n    return a + b\n",
    "structuredPatch": [],
    "userModified": False,
}


def lines(path: Path, position: int = 0) -> list[bytes]:
    return [line.rstrip(b"\n") for _, line in reader.lines_from(str(path), position)]


def test_each_line_comes_with_the_position_behind_it(tmp_path: Path):
    path = tmp_path / "t.jsonl"
    path.write_bytes(b"one\ntwo\n\nthree\ncut")
    found = list(reader.lines_from(str(path), 0))
    assert [position for position, _ in found] == [4, 8, 9, 15]
    for position, _ in found:
        assert lines(path, position) == [line.rstrip(b"\n") for at, line in found if at > position]


def test_a_cut_last_line_is_read_when_it_is_whole(tmp_path: Path):
    path = tmp_path / "t.jsonl"
    path.write_bytes(b'{"a": 1}\n{"b"')
    position, _ = list(reader.lines_from(str(path), 0))[-1]
    assert lines(path, position) == []
    with path.open("ab") as stream:
        stream.write(b': 2}\n{"c": 3}\n')
    assert lines(path, position) == [b'{"b": 2}', b'{"c": 3}']


def test_a_line_that_grows_while_it_is_read_is_left_whole(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    class Growing(io.RawIOBase):
        def __init__(self) -> None:
            self.parts = [b"one\ntw", b"", b"o\nthree\n", b""]

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            part = self.parts.pop(0) if self.parts else b""
            buffer[: len(part)] = part
            return len(part)

        def fileno(self) -> int:
            return os.open(tmp_path, os.O_RDONLY)

        def seekable(self) -> bool:
            return True

        def seek(self, *_: int) -> int:
            return 0

    monkeypatch.setattr(reader, "open", lambda *_, **__: io.BufferedReader(Growing()), raising=False)
    (tmp_path / "growing").touch()
    found = list(reader.lines_from(str(tmp_path / "growing"), 0))
    assert [(position, line.rstrip(b"\n")) for position, line in found] == [(4, b"one")]


def test_a_transcript_that_was_cut_is_read_from_its_start(tmp_path: Path):
    path = tmp_path / "t.jsonl"
    path.write_bytes(b"new\n")
    assert lines(path, 4000) == [b"new"]
    assert lines(path, 4) == []


def test_a_line_that_is_too_long_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(reader, "MAX_LINE", 10)
    path = tmp_path / "t.jsonl"
    for length in (9, 10, 11, 19, 20, 21, 30):
        path.write_bytes(b"one\n" + b"x" * length + b"\ntwo\n")
        found = list(reader.lines_from(str(path), 0))
        assert [line.rstrip(b"\n") for _, line in found] == [b"one", *([b"x" * 9] if length == 9 else []), b"two"]
        assert found[-1][0] == path.stat().st_size


def test_a_long_line_that_is_still_written_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(reader, "MAX_LINE", 10)
    path = tmp_path / "t.jsonl"
    path.write_bytes(b"one\n" + b"x" * 25)
    assert [position for position, _ in reader.lines_from(str(path), 0)] == [4]
    with path.open("ab") as stream:
        stream.write(b"xx\ntwo\n")
    assert lines(path, 4) == [b"two"]


@given(st.lists(st.binary(max_size=30).map(lambda line: line.replace(b"\n", b"")), max_size=12), st.data())
def test_whatever_the_pieces_in_which_it_is_written_each_line_is_read_once(written: list[bytes], data: st.DataObject):
    path = Path(os.environ["HOME"], "pieces.jsonl")
    text = b"".join(line + b"\n" for line in written)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    path.write_bytes(b"")
    found: list[bytes] = []
    position = before = 0
    for cut in [*cuts, len(text)]:
        with path.open("ab") as stream:
            stream.write(text[before:cut])
        before = cut
        for position, line in reader.lines_from(str(path), position):  # noqa: B007, B020
            found.append(line.rstrip(b"\n"))
    assert found == written
    assert position == len(text)


def recorded(record: dict[str, Any]) -> reader.RecordedEdit | None:
    return reader.recorded_edit(encoded(record))


def test_an_edit_is_read_with_its_time_its_tool_use_and_its_agent():
    found = recorded(result("toolu_1", EDITED, agent="a1", at=1795166581.25))
    assert found
    assert (found.at, found.tool, found.tool_use, found.agent) == (1795166581.25, "Edit", "toolu_1", "a1")
    assert found.edit.path == "/home/dev/proj/calc.py"
    assert found.edit.after == b"def add(a, b):\n    return b + a\n"
    assert found.edit.hunks == ((2, 1, 2, 1),)


@pytest.mark.parametrize(
    ("response", "tool", "after"),
    [
        pytest.param(EDITED, "Edit", b"def add(a, b):\n    return b + a\n", id="Edit"),
        pytest.param(
            {"type": "create", "filePath": "/n.py", "content": "x\n", "structuredPatch": [], "originalFile": None},
            "Write",
            b"x\n",
            id="Write",
        ),
        pytest.param(MULTI_EDITED, "MultiEdit", b"def xdd(x, b):\n    return b + x\n", id="MultiEdit of old clients"),
        pytest.param(
            {key: value for key, value in MULTI_EDITED.items() if key != "structuredPatch"},
            "MultiEdit",
            b"def xdd(x, b):\n    return b + x\n",
            id="MultiEdit without a patch",
        ),
        pytest.param(
            {"notebook_path": "/n.ipynb", "original_file": "{}", "updated_file": '{"cells": []}', "error": ""},
            "NotebookEdit",
            b'{"cells": []}',
            id="NotebookEdit",
        ),
        pytest.param(EDITED | {"originalFile": None}, "Edit", None, id="an original that Claude Code left out"),
    ],
)
def test_the_tool_is_known_by_its_result(response: dict[str, Any], tool: str, after: bytes | None):
    found = recorded(result("toolu_1", response))
    assert found
    assert (found.tool, found.edit.after) == (tool, after)


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(result("toolu_1", {"stdout": "", "stderr": ""}), id="a command"),
        pytest.param(result("toolu_1", {"type": "text", "file": {"filePath": "/a.py"}}), id="a file that was read"),
        pytest.param(result("toolu_1", EDITED | {"filePath": ""}), id="an edit without a path"),
        pytest.param(result("toolu_1", EDITED) | {"type": "assistant"}, id="a record of another type"),
        pytest.param(result("toolu_1", EDITED) | {"toolUseResult": "Error: not found"}, id="an error"),
        pytest.param({"type": "user", "message": {"content": '"toolUseResult":{"structuredPatch"'}}, id="a quotation"),
        pytest.param({}, id="nothing"),
    ],
)
def test_other_records_are_no_edits(record: dict[str, Any]):
    assert recorded(record) is None


@pytest.mark.parametrize("line", [b"", b"{", b'{"toolUseResult":{', b'"toolUseResult":{' * 9, b"[" * 100_000, b"\xff"])
def test_a_line_that_makes_no_sense_is_no_edit_and_no_title(line: bytes):
    assert reader.recorded_edit(line) is None
    assert reader.recorded_edit(b'"toolUseResult":{' + line) is None
    assert reader.title(b'"x-title"' + line) is None


@pytest.mark.parametrize(
    ("message", "used"),
    [
        pytest.param({"content": [{"type": "text"}, {"tool_use_id": "toolu_2"}]}, "toolu_2", id="among others"),
        pytest.param({"content": "text"}, "", id="a text"),
        pytest.param({"content": [5, {"tool_use_id": 7}]}, "", id="wrong types"),
        pytest.param(None, "", id="no message"),
    ],
)
def test_the_tool_use_is_found_where_it_is(message: object, used: str):
    found = recorded(result("toolu_1", EDITED) | {"message": message})
    assert found
    assert found.tool_use == used


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        pytest.param({"type": "custom-title", "customTitle": "My Title"}, ("My Title", "title"), id="of the user"),
        pytest.param({"type": "ai-title", "aiTitle": "Fix it"}, ("Fix it", "summary"), id="of Claude Code"),
        pytest.param({"type": "custom-title", "customTitle": ""}, None, id="empty"),
        pytest.param({"type": "custom-title", "customTitle": 5}, None, id="of wrong type"),
        pytest.param({"type": "other-title", "customTitle": "x"}, None, id="of another kind"),
        pytest.param({"type": "user", "message": {"content": '{"type":"custom-title"}'}}, None, id="quoted"),
        pytest.param({"type": "agent-name", "agentName": "My Title"}, None, id="another record"),
    ],
)
def test_titles(record: dict[str, Any], expected: tuple[str, str] | None):
    assert reader.title(encoded(record | {"sessionId": "s"})) == expected


@pytest.mark.parametrize(
    ("timestamp", "seconds"),
    [
        pytest.param("2026-11-20T07:56:26.827Z", 1795161386.827, id="as Claude Code writes it"),
        pytest.param("2026-11-20T08:56:26+01:00", 1795161386.0, id="with another zone"),
        pytest.param("", 0.0, id="empty"),
        pytest.param(None, 0.0, id="missing"),
        pytest.param("yesterday", 0.0, id="words"),
        pytest.param(5, 0.0, id="a number"),
        pytest.param("0001-01-01T00:00:00", 0.0, id="before all time"),
    ],
)
def test_times(timestamp: object, seconds: float):
    assert reader.seconds(timestamp) == pytest.approx(seconds)


def test_a_session_began_with_the_first_record_that_has_a_time(tmp_path: Path):
    path = tmp_path / "t.jsonl"
    records = [
        {"type": "ai-title"},
        {"timestamp": "x"},
        {"timestamp": "2026-11-20T07:56:26.827Z"},
        {"timestamp": "2027"},
    ]
    path.write_bytes(b"".join(map(encoded, records)))
    assert reader.began(str(path)) == pytest.approx(1795161386.827)
    path.write_text(json.dumps({"timestamp": 5}) + "\n")
    assert reader.began(str(path)) == 0.0
    assert reader.began(str(tmp_path / "missing")) == 0.0
    assert reader.began("") == 0.0
