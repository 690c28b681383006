"""Edits of files over the limits, through the real hooks: reported by file, in time, and with nothing in the log."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from context_sync.claude.hooks import edit_results
from context_sync.symbols import parsing
from tests.rehearse import Client, Heard, git, log, tool_use

MakeClient = Callable[..., Client]
SIZE = 5 << 20


def python() -> str:
    return "".join(f"def f{each}(first):\n    return first + {each}\n\n\n" for each in range(SIZE // 40))


def minified() -> str:
    return "".join(f"function f{each}(a){{return a+{each}}}" for each in range(SIZE // 30))


def generated() -> str:
    return json.dumps([{"name": f"f{each}", "value": [each] * 10} for each in range(SIZE // 90)])


def notebook() -> str:
    source = [f"def f{each}(a):\n    return a + {each}\n" for each in range(40)]
    cells = [
        {
            "cell_type": "code",
            "id": f"c{each}",
            "source": [text],
            "outputs": [{"data": {"image/png": "A" * (SIZE // 40)}}],
        }
        for each, text in enumerate(source)
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1)


def written(path: Path, before: str, after: str) -> dict[str, Any]:
    path.write_text(after)
    return {"type": "update", "filePath": str(path), "content": after, "originalFile": before, "structuredPatch": []}


def replaced(path: Path, old: str, new: str) -> dict[str, Any]:
    return edit_results.make(str(path), old, new)


def of_cell(path: Path, cell: str, source: str) -> dict[str, Any]:
    before = path.read_text()
    found = json.loads(before)
    next(each for each in found["cells"] if each["id"] == cell)["source"] = source
    after = json.dumps(found, indent=1)
    path.write_text(after)
    return {"notebook_path": str(path), "cell_id": cell, "error": "", "original_file": before, "updated_file": after}


def record(someone: Client, tool: str, response: dict[str, Any]) -> Heard:
    return someone.event("PostToolUse", tool_name=tool, tool_use_id=tool_use(), tool_response=response)


CASES = [
    pytest.param("large.py", python, "Edit", id="a line of 5 MB of Python"),
    pytest.param("app.min.js", minified, "Edit", id="a function of 5 MB on one line"),
    pytest.param("large.json", generated, "Write", id="5 MB of JSON on one line written again"),
    pytest.param("large.py", python, "Write", id="each line of 5 MB of Python"),
    pytest.param("large.ipynb", notebook, "NotebookEdit", id="a cell of a notebook with 5 MB of pictures"),
]


@pytest.mark.parametrize(("name", "text", "tool"), CASES)
def test_two_who_edit_a_large_file_are_notified_of_the_file(
    client: MakeClient, project: Path, name: str, text: Callable[[], str], tool: str
):
    path = project / name
    before = text()
    assert len(before) > parsing.MAX_SIZE
    path.write_text(before)
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message=large")
    first, second = client(), client()
    for each, sign in ((first, "1"), (second, "2")):
        each.start()
        match tool:
            case "Edit":
                asked = {"file_path": str(path), "old_string": f"f{sign}(", "new_string": f"g{sign}("}
            case "Write":
                asked = {"file_path": str(path), "content": before.replace("f", "g" + sign)}
            case _:
                asked = {"notebook_path": str(path), "cell_id": "c" + sign, "new_source": "pass"}
        assert each.event("PreToolUse", tool_name=tool, tool_use_id=tool_use(), tool_input=asked).quiet
        match tool:
            case "Edit":
                done = replaced(path, asked["old_string"], asked["new_string"])
            case "Write":
                done = written(path, path.read_text(), asked["content"])
            case _:
                done = of_cell(path, "c" + sign, "pass")
        assert record(each, tool, done).quiet
    assert [[touch.path for touch in each.touches] for each in (first, second)] == [[name], [name]]
    for each in (first, second):
        assert name in each.prompt().context
    assert log() == ""


def test_what_a_command_wrote_into_a_large_file_is_reported_of_the_file(client: MakeClient, project: Path):
    path = project / "large.py"
    path.write_text(python())
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message=large")
    first, second = client(), client()
    for each in (first, second):
        each.start()
    first.edit(path, "first + 7\n", "7 + first\n")
    second.bash("sed -i 's/first + 9$/9 + first/' large.py")
    assert [[touch.path for touch in each.touches] for each in (first, second)] == [["large.py"], ["large.py"]]
    for each in (first, second):
        assert "large.py" in each.prompt().context
    assert log() == ""


def test_what_a_command_printed_costs_nothing_but_its_reading(client: MakeClient):
    someone = client()
    someone.start()
    output = {"stdout": "a line of output\n" * (SIZE // 17), "stderr": "", "interrupted": False}
    assert someone.event("PostToolUse", tool_name="Bash", tool_use_id=tool_use(), tool_response=output).quiet
    assert someone.touches == []
    assert log() == ""
