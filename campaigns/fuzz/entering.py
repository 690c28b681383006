"""What must hold of a hook whatever it is given: hypothesis makes the payloads, `doorway` takes them in."""

import json
import os
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from campaigns.fuzz import doorway
from campaigns.fuzz.mutations import STRANGE, TOKEN
from context_sync.domain.messages import ID_LENGTH, LETTERS, LONGEST_ANSWER, Message, length
from context_sync.state import files, inspection, mailbox
from tests.rehearse import CALC, Client, encoded, git, log

EVENTS = (
    "SessionStart",
    "UserPromptSubmit",
    "PreToolUse",
    "PostToolUse",
    "PostToolUseFailure",
    "PostToolBatch",
    "Stop",
)
TOOLS = ("Edit", "Write", "MultiEdit", "NotebookEdit", "Bash", "mcp__x__y")
ODD_LETTERS = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")

ODD = st.sampled_from(STRANGE)
TEXT = st.sampled_from(["a + b", "b + a", "def add", "", "a\r\nb", "\ud800", TOKEN, "x" * 3000, "\0"])
PATH = st.sampled_from(
    [
        *("{project}/calc.py", "calc.py", "{project}/new.py", "{project}/n.ipynb", "{project}", "{project}/.git/HEAD"),
        *("/proc/self/environ", "/dev/zero", "{project}/a\nb.py", "{project}/nul\0.py", "../../x", "{state}/swept", ""),
    ]
)
FOLDER = st.sampled_from(  # Claude Code is in one, so it can exist
    ["{project}", "{project}/.git", "/proc/self", "/nowhere", "relative", "", "/" + "x" * 3000, "{project}/a\nb"]
)
HUNK = st.fixed_dictionaries(
    {"oldStart": st.integers(-1, 9) | ODD, "newStart": st.integers(0, 9), "lines": st.lists(TEXT) | ODD}
)
EDIT = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("file_path", "filePath", "notebook_path"), PATH | ODD),
        **dict.fromkeys(("old_string", "oldString", "new_string", "newString", "content", "originalFile"), TEXT | ODD),
        "edits": st.lists(st.fixed_dictionaries({"old_string": TEXT, "new_string": TEXT})) | ODD,
        "structuredPatch": st.lists(HUNK) | ODD,
        "replace_all": st.booleans() | ODD,
        "command": TEXT,
        "type": st.sampled_from(["create", "update"]),
    },
)
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "cwd": FOLDER | ODD.filter(lambda value: not isinstance(value, str)),
        "transcript_path": st.sampled_from(["{transcript}", "/dev/null", "{project}", "/nowhere.jsonl"]) | ODD,
        "session_title": TEXT | ODD,
        "source": st.sampled_from(["startup", "resume", "clear", "compact", "fork"]) | ODD,
        "prompt": TEXT | ODD,
        "agent_id": st.sampled_from(["", "agent-1"]) | ODD,
        "duration_ms": st.integers(0, 10**6) | ODD,
        "stop_hook_active": st.booleans() | ODD,
        "tool_calls": ODD,
    },
)
USE = st.fixed_dictionaries(
    {"tool_name": st.sampled_from(TOOLS) | ODD, "tool_use_id": st.uuids().map(str), "tool_input": EDIT | ODD},
    optional={"tool_response": EDIT | ODD},
)


class Stage:
    """Two sessions in a repository, of which each holds something, and one has mail."""

    def __init__(self, folder: Path) -> None:
        self.project = folder / "project"
        self.project.mkdir()
        git(self.project, "init", "--quiet")
        (self.project / "calc.py").write_text(CALC)
        git(self.project, "add", "--all")
        git(self.project, "-c", "user.name=T", "-c", "user.email=t@t", "commit", "--quiet", "--message=calc")
        self.clients = [Client(self.project), Client(self.project)]
        for client in self.clients:
            client.start()
        self.clients[0].edit(self.project / "calc.py", "a + b", f"a + b  # {TOKEN}")
        self.clients[1].edit(self.project / "calc.py", "a - b", "b - a")
        self.before = self.contents()
        self.entered = 0

    def contents(self) -> dict[str, bytes]:
        """What is in the project."""
        found = [path for path in self.project.rglob("*") if path.is_file()]
        return {str(path): path.read_bytes() for path in found}

    def enter(self, number: int, event: str, fields: dict[str, Any]) -> None:
        """Have a session's hook called, and look at everything that it may do."""
        self.entered += 1
        client = self.clients[number]
        name = "".join(LETTERS[self.entered // len(LETTERS) ** each % len(LETTERS)] for each in range(ID_LENGTH))
        mailbox.store(Message(name, 1.0, "sender", "\x1b[2J", "main", client.session, "me", "text \x1b[2J"))
        places = {"project": self.project, "transcript": client.transcript, "state": files.path()}
        payload = encoded(client.payload(event, **filled(fields, places)))
        heard = doorway.enter(event, payload, client.environment(), self.project)
        assert heard.code == 0
        assert heard.errors == b""
        assert heard.output.count(b"\n") <= 1
        if heard.output:
            context(event, heard.output)
        crashes = log()
        Path(os.environ["XDG_STATE_HOME"], "context-sync", "context-sync.log").unlink(missing_ok=True)
        assert crashes == "", crashes
        assert self.contents() == self.before, "the project was changed"
        assert list(inspection.broken()) == []

    def end(self) -> None:
        for client in self.clients:
            client.kill()


def context(event: str, output: bytes) -> None:
    """What Claude Code reads is one answer to this event, bounded, without a secret and with letters alone."""
    ((kind, answer),) = json.loads(output).items()
    assert kind == "hookSpecificOutput"
    assert answer.pop("hookEventName") == event
    decision = answer.pop("permissionDecision", "deny")
    assert decision == "deny"
    ((_, text),) = answer.items()
    assert 0 < length(text) <= LONGEST_ANSWER
    assert TOKEN not in text, text
    assert not [letter for letter in text.replace("\n", "") if unicodedata.category(letter) in ODD_LETTERS]


def filled(value: Any, places: dict[str, Any]) -> Any:
    """Put the places of the stage into a payload."""
    if isinstance(value, str):
        for name, place in places.items():
            value = value.replace("{" + name + "}", str(place))
        return value
    if isinstance(value, dict):
        return {name: filled(each, places) for name, each in value.items()}
    return [filled(each, places) for each in value] if isinstance(value, list) else value


@contextmanager
def entering(folder: Path) -> Iterator[Callable[[], None]]:
    """Yield the property: no payload makes a hook fail, say too much or change anything that is not its own."""
    stage = Stage(folder)

    @given(st.integers(0, 1), st.sampled_from(EVENTS), FIELDS, USE)
    def enter(number: int, event: str, fields: dict[str, Any], use: dict[str, Any]) -> None:
        stage.enter(number, event, {**fields, **(use if "Tool" in event else {})})

    try:
        yield enter
    finally:
        stage.end()


def at_home() -> Path:
    """Return the folder in which the stage is to be built."""
    return Path(os.environ["HOME"])
