import difflib
import itertools
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from context_sync.claude.hooks import edits
from context_sync.claude.hooks.edit_results import structured_patch
from context_sync.symbols import hunks

PATH = "/home/dev/proj/a.py"


def edited(before: str, old: str, new: str, **fields: Any) -> dict[str, Any]:
    return {"filePath": PATH, "originalFile": before, "oldString": old, "newString": new, **fields}


def hunk(old: int, new: int, *lines: str) -> dict[str, Any]:
    return {"oldStart": old, "newStart": new, "lines": list(lines)}


TEXTS = [
    pytest.param(edited("a\nb\n", "b", "c"), "a\nb\n", "a\nc\n", id="one place"),
    pytest.param(edited("a a\n", "a", "b", replaceAll=False), "a a\n", "b a\n", id="the first of two places"),
    pytest.param(edited("a a\n", "a", "b", replaceAll=True), "a a\n", "b b\n", id="every place"),
    pytest.param(edited("", "", "made\n"), "", "made\n", id="an empty file filled"),
    # Seen in 2.1.328: a removed line is removed with its line break.
    pytest.param(edited("a\nb\nc\n", "b", ""), "a\nb\nc\n", "a\nc\n", id="a line removed"),
    pytest.param(edited("a\nb\na\n", "a", "", replaceAll=True), "a\nb\na\n", "b\n", id="every such line removed"),
    pytest.param(edited("a\nb\nc\n", "b\n", ""), "a\nb\nc\n", "a\nc\n", id="a line removed with its line break"),
    pytest.param(edited("a\nb", "b", ""), "a\nb", "a\n", id="the last line removed"),
    pytest.param(edited("a, b\nc\n", ", b", ""), "a, b\nc\n", "ac\n", id="the end of a line removed"),
    pytest.param(
        edited("x, b z\ny, b\nq, b\n", ", b", "", replaceAll=True),
        "x, b z\ny, b\nq, b\n",
        "x, b z\nyq",
        id="the ends of some lines removed",
    ),
    pytest.param(edited("a\n", "x", "y"), "a\n", None, id="a text that is not there"),
    pytest.param(edited("a\n", "a", None), "a\n", None, id="no new text"),
    pytest.param({"filePath": PATH, "oldString": "a", "newString": "b"}, None, None, id="no original"),
    pytest.param(edited("a\n", "a", "b") | {"originalFile": None}, None, None, id="an original that was cut out"),
    pytest.param({"filePath": PATH, "type": "create", "content": "x", "originalFile": None}, "", "x", id="a new file"),
    pytest.param({"filePath": PATH, "type": "update", "content": "x", "originalFile": "y"}, "y", "x", id="overwritten"),
    pytest.param({"notebook_path": PATH, "original_file": "y", "updated_file": "x"}, "y", "x", id="a notebook"),
    pytest.param(
        {"filePath": PATH, "originalFileContents": "abc", "edits": [{"old_string": "a", "new_string": "b"}] * 1}
        | {
            "edits": [
                {"old_string": "a", "new_string": "b"},
                {"old_string": "b", "new_string": "c", "replace_all": True},
            ]
        },
        "abc",
        "ccc",
        id="several edits one after the other",
    ),
    pytest.param(
        {"filePath": PATH, "originalFileContents": "abc", "edits": [5]}, "abc", None, id="edits of wrong type"
    ),
    pytest.param(edited("größe 🎉", "🎉", "\ud800"), "größe 🎉", "größe \ud800", id="letters beyond ASCII"),
]


def bytes_of(text: str | None) -> bytes | None:
    return None if text is None else text.encode("utf-8", "surrogatepass")


@pytest.mark.parametrize(("response", "before", "after"), TEXTS)
def test_the_texts_before_and_after(response: dict[str, Any], before: str | None, after: str | None):
    edit = edits.read({}, response)
    assert edit
    assert (edit.path, edit.before, edit.after) == (PATH, bytes_of(before), bytes_of(after))


HUNKS = [
    pytest.param([], [], id="none"),
    pytest.param([hunk(1, 1, " a", "-b", "+c", " d")], [(2, 1, 2, 1)], id="a line changed"),
    pytest.param([hunk(1, 1, "+a")], [(0, 0, 1, 1)], id="an empty file filled"),
    pytest.param([hunk(1, 1, "-a", "-b")], [(1, 2, 0, 0)], id="a file emptied"),
    pytest.param([hunk(4, 4, " a", "+b", "+c", " d")], [(4, 0, 5, 2)], id="lines added"),
    pytest.param([hunk(4, 4, " a", "-b", "-c", " d")], [(5, 2, 4, 0)], id="lines removed"),
    pytest.param(
        [hunk(1, 1, "-a", "+A", " b", " c", "-d", "+D")], [(1, 1, 1, 1), (4, 1, 4, 1)], id="two places in one hunk"
    ),
    pytest.param([hunk(1, 1, " x", "+y"), hunk(22, 23, " q", "+z")], [(1, 0, 2, 1), (22, 0, 24, 1)], id="two hunks"),
    pytest.param(
        [hunk(5, 5, " }", "-  y := 2", "-}", "\\ No newline at end of file", "+  y := 3", "+}")],
        [(6, 2, 6, 2)],
        id="a last line without line break",
    ),
    pytest.param("text", [], id="a text"),
    pytest.param([5], [], id="numbers"),
    pytest.param([hunk(1, 1, "-a"), {"oldStart": 5}], [], id="half a hunk"),
    pytest.param([hunk(1, 1, "-a"), hunk(None, 1)], [], id="no line number"),
    pytest.param([hunk(1e999, 1, "-a")], [], id="an endless line number"),
    pytest.param([hunk(float("nan"), 1, "-a")], [], id="no number as line"),
    pytest.param([hunk(-5, -5, "-a", "+b")], [], id="lines before the first"),
    pytest.param([hunk(1, 1) | {"lines": [5, None]}], [], id="lines of wrong type"),
    pytest.param([hunk(1, 1) | {"lines": None}], [], id="no lines"),
]


@pytest.mark.parametrize(("patch", "changed"), HUNKS)
def test_the_changed_lines_of_a_patch(patch: object, changed: list[tuple[int, int, int, int]]):
    edit = edits.read({}, {"filePath": PATH, "structuredPatch": patch})
    assert edit
    assert list(edit.hunks) == changed


@pytest.mark.parametrize(
    ("tool_input", "response", "path"),
    [
        pytest.param({"file_path": "/a"}, {"filePath": "/b"}, "/b", id="the answer before the question"),
        pytest.param({"file_path": "/a"}, {}, "/a", id="only the question"),
        pytest.param({"notebook_path": "/a"}, {}, "/a", id="a notebook"),
        pytest.param({"file_path": "/a"}, {"filePath": 5}, "/a", id="a number in the answer"),
        pytest.param({"file_path": "/a"}, {"filePath": "/\ud800"}, "/a", id="half a letter in the answer"),
        pytest.param({"file_path": "/\udcff"}, {}, "/\udcff", id="a name that is not UTF-8"),
    ],
)
def test_the_path(tool_input: dict[str, Any], response: dict[str, Any], path: str):
    edit = edits.read(tool_input, response)
    assert edit
    assert edit.path == path


@pytest.mark.parametrize(
    "response",
    [
        pytest.param({}, id="no path"),
        pytest.param({"filePath": ""}, id="an empty path"),
        pytest.param({"filePath": "/a\0b"}, id="NUL in the path"),
        pytest.param({"filePath": "/a\ud800"}, id="half a letter in the path"),
        pytest.param({"filePath": ["/a"]}, id="a list as path"),
        pytest.param({"notebook_path": "/a", "error": "no such cell"}, id="an error"),
    ],
)
def test_what_names_no_file_is_no_edit(response: dict[str, Any]):
    assert edits.read({}, response) is None


NOTEBOOK = json.dumps({"cells": [{"id": "c1", "source": ["old\n"]}, {"id": "c2", "source": "x"}]})
INTENDED = [
    pytest.param({"old_string": "b", "new_string": "c"}, b"a\nb\n", b"a\nc\n", id="Edit"),
    pytest.param({"old_string": "b", "new_string": ""}, b"a\nb\nc\n", b"a\nc\n", id="Edit that removes a line"),
    pytest.param({"old_string": "b", "new_string": "c"}, b"a\r\nb\r\n", b"a\nc\n", id="Edit of a file with CRLF"),
    pytest.param({"content": "new\n"}, b"old\n", b"new\n", id="Write"),
    pytest.param({"edits": [{"old_string": "a", "new_string": "b"}]}, b"a", b"b", id="MultiEdit"),
    pytest.param({"old_string": "x", "new_string": "c"}, b"a\n", None, id="a text that is not there"),
    pytest.param({}, b"a\n", None, id="nothing"),
    pytest.param({"new_source": "y", "cell_id": "c1"}, b"no notebook", None, id="a cell of no notebook"),
    pytest.param({"new_source": "y", "cell_id": "c1"}, b"[]", None, id="a cell of a list"),
]


@pytest.mark.parametrize(("tool_input", "text", "after"), INTENDED)
def test_what_a_tool_is_about_to_do(tool_input: dict[str, Any], text: bytes, after: bytes | None):
    edit = edits.intended({"file_path": PATH} | tool_input, text)
    assert (edit.after if edit else None) == after
    assert edits.intended(tool_input, text) is None


def test_replacements_that_would_take_too_long_leave_the_text_unknown(monkeypatch: pytest.MonkeyPatch):
    many = [{"old_string": "a", "new_string": "a"}] * 10
    monkeypatch.setattr(edits, "MOST_WORK", 99)
    made = edits.read({}, {"filePath": PATH, "originalFile": "a" * 10, "edits": many})
    assert made == edits.FileEdit(PATH, b"a" * 10, None, ())
    assert edits.intended({"file_path": PATH, "edits": many}, b"a" * 10) is None
    assert edits.intended({"file_path": PATH, "edits": many}, b"a" * 9) is not None


def test_a_cell_that_is_about_to_change():
    edit = edits.intended({"notebook_path": PATH, "new_source": "new", "cell_id": "c1"}, NOTEBOOK.encode())
    assert edit
    assert edit.before
    assert edit.after
    before, after = json.loads(edit.before), json.loads(edit.after)
    assert before == json.loads(NOTEBOOK)
    assert [cell["source"] for cell in after["cells"]] == ["new", "x"]


def _with_ends(lines: list[str], is_cut: bool) -> list[str]:
    whole = [line + "\n" for line in lines]
    return [*whole[:-1], lines[-1]] if is_cut and lines and lines[-1] else whole


LINES = st.builds(
    _with_ends, st.lists(st.sampled_from(["a", "b", "c", "", "\t", "\f", "def f():"]), max_size=14), st.booleans()
)


def alike(old: list[str], new: list[str]) -> int:
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))


@given(LINES, LINES, st.integers(0, 3))
def test_the_changed_lines_are_those_of_difflib_between_what_is_alike_at_both_ends(
    old: list[str], new: list[str], around: int
):
    before, after = "".join(old), "".join(new)
    edit = edits.read({}, edited(before, before, after, structuredPatch=structured_patch(before, after, around)))
    assert edit
    same = alike(old, new)
    ending = alike(old[same:][::-1], new[same:][::-1])
    middle = old[same : len(old) - ending], new[same : len(new) - ending]
    assert list(edit.hunks) == [
        (same + start + (end > start), end - start, same + new_start + (new_end > new_start), new_end - new_start)
        for tag, start, end, new_start, new_end in difflib.SequenceMatcher(None, *middle, autojunk=False).get_opcodes()
        if tag != "equal"
    ]
    assert edit.after == (after.encode() if before or not after else edit.after)


@given(LINES, LINES)
def test_the_hunks_rebuild_the_text(old: list[str], new: list[str]):
    before, after = "".join(old), "".join(new)
    edit = edits.read({}, edited(before, before, after, structuredPatch=structured_patch(before, after)))
    assert edit
    rebuilt, reached = [], 0
    for old_start, old_count, new_start, new_count in edit.hunks:
        first = old_start - (old_count > 0)
        rebuilt += old[reached:first] + new[new_start - 1 : new_start - 1 + new_count]
        reached = first + old_count
    assert rebuilt + old[reached:] == new


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["lines", "oldStart", "newStart"]), inner)
    ),
    max_leaves=8,
)
NAMES = [
    "filePath",
    "originalFile",
    "oldString",
    "newString",
    "replaceAll",
    "structuredPatch",
    "content",
    "type",
    "edits",
    "error",
    "updated_file",
]


@given(st.dictionaries(st.sampled_from(NAMES), JSON))
def test_any_answer_is_read_or_refused(response: dict[str, Any]):
    edit = edits.read({"file_path": PATH}, response)
    assert edit is None or edit.path in (PATH, response.get("filePath"))
    if edit and edit.before is not None and edit.after is not None:
        assert isinstance(hunks.hunks_between(edit.before, edit.after), tuple)
        assert all(number >= 0 for each in edit.hunks for number in each)


FILE = {"filePath": "/p/a.py", "hunks": [hunk(1, 1, "-a", "+b")]}
DIFFS = [
    pytest.param({}, [], False, id="none"),
    pytest.param({"files": [FILE], "moreFiles": 0, "changedFiles": ["/p/a.py"]}, ["/p/a.py"], True, id="one file"),
    pytest.param({"files": [FILE], "moreFiles": 1, "changedFiles": ["/p/b"]}, ["/p/a.py", "/p/b"], True, id="more"),
    pytest.param({"files": [FILE], "shared": True}, ["/p/a.py"], False, id="something else ran"),
    pytest.param({"files": [], "changedFiles": ["/p/b"], "unavailable": True}, ["/p/b"], False, id="not looked at"),
    pytest.param({"files": [], "skipped": True}, [], False, id="skipped"),
    pytest.param({"files": [{"filePath": "a.py"}], "changedFiles": ["\0", "/\0", 5]}, [], True, id="no path"),
    pytest.param({"files": 5, "changedFiles": {"/p": 1}}, [], True, id="no lists"),
]


@pytest.mark.parametrize(("diff", "paths", "exact"), DIFFS)
def test_what_claude_code_says_that_a_command_changed(diff: dict[str, Any], paths: list[str], exact: bool):
    found = edits.command_diff({"stdout": "", **({"bashEditDiff": diff} if diff else {})})
    assert (sorted(found.paths), found.exact) == (paths, exact)


@pytest.mark.parametrize("diff", [None, 5, "x", []], ids=repr)
def test_a_diff_of_another_form_names_nothing(diff: object):
    assert edits.command_diff({"bashEditDiff": diff}) == edits.CommandDiff(frozenset(), exact=False)
