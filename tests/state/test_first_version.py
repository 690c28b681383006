"""Touch files of the first version: an edit on each line, and until when the edits of a file were settled."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from context_sync.state import files, touches
from tests.rehearse import CHECKOUT
from tests.settling import settle

FILE = "a.py"
Lines = list[dict[str, Any]]


def edit(at: float, names: str = "f", tool_use: str | None = None, path: str = FILE, after: str = "") -> dict[str, Any]:
    symbols = [{"name": name, "kind": "function", "start": 1, "end": 2} for name in names]
    place = {"repository": "/p/.git", "worktree": "/p", "path": path, "symbols": symbols, "after": after or f"{at}"}
    used = f"toolu_{at}" if tool_use is None else tool_use
    return {"at": at, "session": "one", "tool": "Edit", **place, "agent": "", "tool_use": used}


def settled(at: float, path: str = FILE, partly: bool = False) -> dict[str, Any]:
    return {"settled": path, "worktree": "/p", "at": at, **({"partly": True} if partly else {})}


def resolved(at: float, path: str = FILE) -> dict[str, Any]:
    return {"resolved": path, "worktree": "/p", "at": at}


def write(lines: Lines) -> Path:
    where = files.path("touches", "one.jsonl")
    files.remove(where)
    files.append_lines(where, lines)
    return Path(where)


def left() -> dict[float, str]:
    """The names that are left of each edit, by its time; "" for an edit without definitions."""
    return {each.at: "".join(symbol.name for symbol in each.symbols) for each in touches.read("one").unsettled()}


CASES = [
    pytest.param([edit(1.0), edit(2.0)], {1.0: "f", 2.0: "f"}, id="edits alone"),
    pytest.param([edit(1.0), settled(2.0)], {}, id="settled"),
    pytest.param([edit(1.0), edit(3.0), settled(2.0)], {3.0: "f"}, id="settled before another edit"),
    pytest.param([edit(1.0), settled(2.0, "b.py")], {1.0: "f"}, id="another file settled"),
    pytest.param([edit(1.0, "fg"), settled(1.0, partly=True), edit(1.0, "g", "")], {1.0: "g"}, id="settled in part"),
    pytest.param([edit(1.0), settled(2.0), edit(1.0, tool_use="")], {1.0: "f"}, id="settled, and there again"),
    pytest.param(
        [edit(1.0), settled(2.0), edit(1.0, tool_use=""), settled(3.0)], {}, id="settled, there again, and settled"
    ),
    pytest.param([settled(5.0), edit(1.0)], {1.0: "f"}, id="an edit after the clock was set back"),
    pytest.param([edit(1.0, ""), settled(2.0), edit(1.0, "", "")], {1.0: ""}, id="no definitions, and there again"),
    pytest.param([edit(1.0), resolved(2.0)], {}, id="resolved"),
    pytest.param([edit(1.0), edit(1.5, tool_use="toolu_1.0")], {1.0: "f"}, id="an edit that two recorders wrote"),
    pytest.param(
        [edit(1.0), settled(3.0), edit(2.0, tool_use="toolu_1.0")], {}, id="the second recorder after it was settled"
    ),
    pytest.param(
        [edit(1.0), edit(2.0, tool_use="toolu_1.0"), edit(2.0, tool_use="")],
        {1.0: "f", 2.0: "f"},
        id="another edit at the time of the second recorder",
    ),
]


@pytest.mark.parametrize(("lines", "found"), CASES)
def test_its_files_mean_what_they_meant(lines: Lines, found: dict[float, str]):
    where = write(lines)
    text = where.read_bytes()
    assert left() == found
    assert where.read_bytes() == text, "it was read, and written"
    touches.append(touches.read("two").touches)  # nothing
    assert where.read_bytes() == text
    known = touches.read("one")
    settle("one", "another.py", 1.0)
    [new] = touches.append([known.touches[0]._replace(at=9.0, tool_use="new", id="", path="b.py")])
    assert left() == found | {9.0: "".join(symbol.name for symbol in new.symbols)}
    assert all(line["event"] for line in files.read_lines(str(where)))
    now = touches.read("one")
    for each in known.touches:
        assert (now.is_settled(each), now.is_resolved(each)) == (known.is_settled(each), known.is_resolved(each))


class Oracle:
    """What the first version read: a line settled the edits of a file until a time that came before it."""

    def __init__(self, lines: Lines) -> None:
        self.made: list[tuple[float, str, str]] = []  # time, path and tool use
        self.open: list[tuple[float, str]] = []
        until: dict[str, float] = {}
        for line in lines:
            if "tool" in line:
                entry = line["at"], line["path"]
                if line["tool_use"] and line["tool_use"] in {used for _, _, used in self.made}:
                    continue
                self.made.append((*entry, line["tool_use"]))
                self.open.append(entry)
            else:
                path = line.get("settled") or line["resolved"]
                until[path] = max(until.get(path, 0.0), line["at"])
                self.open = [each for each in self.open if each[1] != path or each[0] > line["at"]]


LINES = st.one_of(
    st.builds(edit, st.integers(1, 6).map(float), st.just("f"), st.sampled_from(["", "u1", "u2", "u3"])),
    st.builds(edit, st.integers(1, 6).map(float), st.just(""), st.none(), st.just("b.py")),
    st.builds(settled, st.integers(1, 7).map(float), st.sampled_from([FILE, "b.py"]), st.booleans()),
    st.builds(resolved, st.integers(1, 7).map(float), st.sampled_from([FILE, "b.py"])),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(LINES, max_size=12))
def test_any_file_of_it_means_what_it_meant(lines: Lines):
    resolving = any("resolved" in line for line in lines)
    write(lines)
    history = touches.read("one")
    found = {(touch.at, touch.path) for touch in history.unsettled()}
    wanted = set(Oracle(lines).open)
    assert found <= wanted
    # What the user resolved stays resolved, also when a line says that it is there again.
    assert found == wanted or resolving
    files_of = [each for each in lines if "tool" in each]
    assert {touch.path for touch in history.touches} == {each["path"] for each in files_of}
    assert {touch.at for touch in history.touches} <= {each["at"] for each in files_of}


def test_a_hook_that_adds_to_it_rewrites_it_once():
    where = write([edit(1.0), settled(2.0), edit(3.0)])
    code = (
        "from context_sync.state import touches;"
        "[one] = [t for t in touches.read('one').touches if t.at == 3.0];"
        "touches.append([one._replace(at=4.0, tool_use='toolu_4', id='')])"
    )
    for _ in range(2):
        subprocess.run([sys.executable, "-c", code], check=True, cwd=CHECKOUT, env=dict(os.environ))
    assert left() == {3.0: "f", 4.0: "f"}
    kinds = [line["event"] for line in files.read_lines(str(where))]
    assert kinds == ["edited", "committed", "edited", "edited", "edited"]
    assert [each.name for each in where.parent.iterdir()] == ["one.jsonl"]


def test_a_line_that_an_older_hook_adds_later_is_understood():
    write([edit(1.0)])
    settle("one", "nothing.py")
    touches.append([touches.read("one").touches[0]._replace(at=2.0, tool_use="toolu_2", id="")])
    files.append_lines(files.path("touches", "one.jsonl"), [settled(1.5)])
    assert left() == {2.0: "f"}
    touches.compact("one", before=0.0)
    assert left() == {2.0: "f"}


def test_compaction_keeps_what_an_older_hook_added():
    where = write([{"event": "committed", "at": 1.0, "touches": []}, edit(1.0)])
    touches.compact("one", before=9.0)
    assert left() == {1.0: "f"}
    assert all(line["event"] for line in files.read_lines(str(where)))
