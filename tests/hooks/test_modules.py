import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.rehearse import HOOKS, Client, change, encoded

MakeClient = Callable[..., Client]
PYTHON = (sys.executable, "-I", "-S", "-X", "utf8", "-X", "importtime")

# What starts with the interpreter or costs nothing.
CORE = frozenset(["abc", "annotationlib", "errno", "gc", "genericpath", "itertools", "os", "posixpath", "stat"])
PROCESSES = frozenset(["select"])
LOCKS = frozenset(["fcntl"])  # what changes a file that others change too
# What tree-sitter itself brings along, `re` and `enum`, and what they do.
TREES = frozenset(
    ["bisect", "collections", "copyreg", "enum", "functools", "keyword", "operator", "re", "reprlib", "types"]
)
TYPES = frozenset(["contextlib", "typing", "warnings"])


def loaded(client: Client, event: str, **fields: object) -> set[str]:
    """The modules that a handler loads, beside those that every Python starts with; ours by their full names."""
    done = subprocess.run(
        [*PYTHON, str(HOOKS / "run.py"), event],
        input=encoded(client.payload(event, **fields)),
        env=client.environment(),
        cwd=client.folder,
        capture_output=True,
        check=True,
    )
    nothing = subprocess.run([*PYTHON, "-c", ""], capture_output=True, check=True)
    names = imported(done.stderr) - imported(nothing.stderr)
    return {name if name.startswith("context_sync") else name.partition(".")[0] for name in names}


def imported(report: bytes) -> set[str]:
    lines = [line for line in report.decode().splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip() for line in lines[1:]} - {"encodings.ascii"}


def foreign(names: set[str]) -> set[str]:
    """The modules of others; those beginning with `_` are halves of others."""
    return {name for name in names if not name.startswith(("context_sync", "_"))} - CORE


QUIET = [
    pytest.param("UserPromptSubmit", {"prompt": "go on"}, frozenset(), id="a prompt"),
    pytest.param("PostToolBatch", {}, frozenset(), id="a batch"),
    pytest.param("Stop", {}, frozenset(), id="the end of a turn"),
    pytest.param("SessionStart", {"source": "startup"}, LOCKS | PROCESSES | TREES | TYPES, id="a start"),
    pytest.param("SessionEnd", {"reason": "other"}, LOCKS | PROCESSES, id="an end"),
    pytest.param(
        "PostToolUse",
        {"tool_name": "Bash", "tool_input": {"command": "true"}},
        PROCESSES,
        id="a command",
    ),
]


@pytest.mark.parametrize(("event", "fields", "allowed"), QUIET)
def test_an_event_with_nothing_to_say_loads_next_to_nothing(
    client: MakeClient, event: str, fields: dict[str, object], allowed: frozenset[str]
):
    someone = client()
    someone.start()
    names = loaded(someone, event, **fields)
    assert foreign(names) <= allowed
    assert not {name for name in names if name.startswith("context_sync.symbols.")} - {"context_sync.symbols.hunks"}


def test_an_edit_loads_the_trees_and_no_process(client: MakeClient, project: Path):
    someone = client()
    someone.start()
    response = change(project / "calc.py", "a + b", "b + a")
    names = loaded(someone, "PostToolUse", tool_name="Edit", tool_use_id="toolu_1", tool_response=response)
    assert "context_sync.symbols.resolver" in names
    assert foreign(names) <= LOCKS | TREES


def test_an_alert_loads_git_and_no_trees_of_the_same_folder(client: MakeClient, project: Path):
    someone, other = client(), client()
    for each, old, new in ((someone, "a + b", "b + a"), (other, "b + a", "a + b + 0")):
        each.start()
        each.edit(project / "calc.py", old, new)
    assert foreign(loaded(someone, "PostToolBatch")) <= LOCKS | PROCESSES


def test_the_guard_loads_nothing_while_nobody_else_holds_the_file(client: MakeClient, project: Path):
    someone = client()
    someone.start()
    assert foreign(attempted(someone, project / "calc.py", "a + b")) <= frozenset()


@pytest.mark.parametrize(
    ("written", "parsers"),
    [
        pytest.param("", frozenset(), id="while the text is the one that was recorded"),
        pytest.param("\n\n# somebody's\n", TREES, id="once it is another one"),
    ],
)
def test_a_denial_loads_the_trees_for_a_text_of_which_no_outline_is_known(
    client: MakeClient, project: Path, written: str, parsers: frozenset[str]
):
    someone, other = client(), client()
    for each in (someone, other):
        each.start()
    other.edit(project / "calc.py", "a + b", "b + a")
    with (project / "calc.py").open("a") as stream:
        stream.write(written)
    names = attempted(someone, project / "calc.py", "b + a")
    assert "context_sync.domain.wording" in names, "it is denied"
    assert foreign(names) <= LOCKS | PROCESSES | parsers
    assert ("context_sync.symbols.parsing" in names) == bool(parsers)


def attempted(client: Client, file: Path, old: str) -> set[str]:
    edit = {"file_path": str(file), "old_string": old, "new_string": "a + b + 0"}
    return loaded(client, "PreToolUse", tool_name="Edit", tool_input=edit)
