import json
import os
import shlex
import signal
import stat
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from context_sync.summaries import generation
from context_sync.views import documents, roster
from tests.client.api import MessagesAPI, Request, Step, step, text, tool
from tests.client.environment import Home
from tests.client.session import Session
from tests.client.stream import Block
from tests.client.terminal import Terminal
from tests.end_to_end.stage import context_sync, edits, read, recorded, until, written

pytestmark = pytest.mark.client

SUMMARY = {
    "task": "Turns the sum around.",
    "decisions": ["b comes first"],
    "progress": ["add in calc.py"],
    "next": ["sub"],
    "blockers": [],
}
SECONDS = 180.0
GIVEN = tool("StructuredOutput", **SUMMARY)


class SummarisingAPI(MessagesAPI):
    """A Messages API that answers whoever asks for a summary with `blocks`, for as long as it takes."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks: Callable[[], Sequence[Block]] = lambda: [GIVEN]
        self.stop = ""
        self.asked: list[Request] = []

    def answer(self, request: Request) -> dict[str, Any]:
        answer = super().answer(request)
        return answer | {"stop_reason": self.stop} if self.stop and _is_for_summary(request) else answer

    def _blocks(self, request: Request, chosen: Step | None) -> Sequence[Block]:
        if not _is_for_summary(request):
            return super()._blocks(request, chosen)
        self.asked.append(request)
        return self.blocks()


def _is_for_summary(request: Request) -> bool:
    return any(each.get("name") == "StructuredOutput" for each in request.body.get("tools", []))


@pytest.fixture
def api() -> Iterator[SummarisingAPI]:
    with SummarisingAPI() as server:
        yield server


@pytest.fixture
def done(client: Path, api: SummarisingAPI, home: Home, project: Path) -> str:
    """A session that changed a function and was left idle; the model makes summaries."""
    configure(home, summary_command=str(client))
    with Session(client, home, project, options=("--name", "sums")) as session:
        api.script(session.id, *edits(project / "calc.py", "a + b", "b + a"))
        session.ask("turn the sum around")
        recorded(home, session.id)
    return session.id


def configure(home: Home, **keys: str) -> None:
    file = home.folder / ".config" / "context-sync" / "config.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(f"{name} = {json.dumps(value)}\n" for name, value in keys.items()))


def show(home: Home, session: str) -> dict[str, Any]:
    return json.loads(context_sync(home, "show", session, "--json"))


def left_behind(home: Home) -> list[str]:
    """What tells of sessions in Claude Code's folder, and of the child's own folder anywhere."""
    return sorted(str(path) for path in (home.claude / "projects").rglob("*")) + sorted(
        str(path) for path in (home.claude / "context-sync" / "sessions").iterdir()
    )


def test_a_summary_is_made_by_the_real_client_and_leaves_no_session(home: Home, api: SummarisingAPI, done: str) -> None:
    before = left_behind(home)

    context = show(home, "sums")
    again = show(home, done)

    assert {name: context[name] for name in SUMMARY} == SUMMARY
    assert (context["summary_by"], "failure" in context) == ("claude", False)
    assert [(file["path"], file["symbols"], file["added"], file["removed"]) for file in context["files"]] == [
        ("calc.py", ["add"], 1, 1)
    ]
    assert context["last_reply"] == "Changed."
    assert again["summary_at"] == context["summary_at"]
    (request,) = api.asked
    assert "user: turn the sum around" in "\n".join(request.texts())
    assert [each["name"] for each in request.body["tools"] if each["name"] in ("Bash", "Edit", "Read", "Write")] == []
    assert left_behind(home) == before
    stored = home.claude / "context-sync" / "summaries"
    assert {stat.S_IMODE(path.stat().st_mode) for path in stored.iterdir()} == {0o600}


@pytest.mark.parametrize(
    ("blocks", "stop", "failure"),
    [
        pytest.param([text("I cannot.")], "refusal", "the model refused", id="a refusal"),
        pytest.param(
            [tool("StructuredOutput", task=7)], "", "Claude Code failed: Failed to provide valid", id="bad JSON"
        ),
        pytest.param([text("It works on sums.")], "", "no answer in the form", id="prose"),
    ],
)
def test_when_the_model_fails_the_transcript_speaks(
    home: Home, api: SummarisingAPI, done: str, blocks: list[Block], stop: str, failure: str
) -> None:
    api.blocks, api.stop = lambda: blocks, stop
    context = show(home, done)
    assert failure in context["failure"]
    assert (context["task"], context["summary_by"]) == ("turn the sum around", "transcript")
    assert context["files"][0]["symbols"] == ["add"]


def test_a_client_that_crashes_is_named(
    home: Home, api: SummarisingAPI, client: Path, done: str, tmp_path: Path
) -> None:
    script, running = tmp_path / "crashing", tmp_path / "running"
    script.write_text(
        f'#!/bin/sh\nexec 3<&0\n{shlex.quote(str(client))} "$@" <&3 &\necho $! >{shlex.quote(str(running))}; wait $!\n'
    )
    script.chmod(stat.S_IRWXU)
    configure(home, summary_command=str(script))

    def crash() -> list[Block]:
        until(lambda: running.exists() and running.read_text().endswith("\n"), "the script says whom it runs")
        os.kill(int(running.read_text()), signal.SIGKILL)
        return [GIVEN]

    api.blocks = crash
    context = show(home, done)
    assert context["failure"].startswith("Claude Code ended with status 137 and without an answer")
    assert context["task"] == "turn the sum around"


def test_a_model_that_takes_too_long_is_given_up(
    home: Home, api: SummarisingAPI, done: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = home.environment()
    for name in list(os.environ):
        monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(generation, "TIME_LIMIT", 2.0)
    given_up = threading.Event()
    api.blocks = lambda: (given_up.wait(SECONDS), [GIVEN])[1]
    began = time.monotonic()
    context = documents.session_context(roster.called(done))
    given_up.set()
    assert context["failure"] == "Claude Code took longer than 2 seconds"
    assert time.monotonic() - began < SECONDS


def test_a_session_that_asks_and_plans_is_understood_without_a_model(
    client: Path, api: SummarisingAPI, home: Home, project: Path
) -> None:
    home.trust(project)
    configure(home, summary="off")
    environment = {"CLAUDE_CODE_ENABLE_TODO_TOOLS": "1"}
    question = {"question": "Which way?", "header": "Way", "multiSelect": False}
    options = [{"label": "Left", "description": "l"}, {"label": "Right", "description": "r"}]
    with Terminal(client, home, project, options=("--name", "ways"), environment=environment) as terminal:
        api.script(
            terminal.id,
            step(tool("TaskCreate", subject="Turn add", description="x")),
            step(tool("TaskCreate", subject="Turn sub", description="x")),
            step(tool("TaskUpdate", taskId="1", status="completed")),
            step(read(project / "calc.py")),
            step(tool("Write", file_path=str(project / "calc.py"), content="def add(a, b):\n    return b + a\n")),
            step(tool("AskUserQuestion", questions=[{**question, "options": options}])),
            step(text("I go right. Shall I test it?")),
        )
        terminal.ask("turn the functions around")
        terminal.wait_for("Which way?")
        asking = "waits for the user's answer"
        until(lambda: show(home, "ways")["status"] == asking, "the question is in the transcript")
        terminal.press_until("2", lambda screen: "Shall I test it?" in screen, "the next question")
        recorded(home, terminal.id)
        until(lambda: show(home, "ways")["status"] == "idle", "the end of the turn is in the transcript")
        context = show(home, "ways")
    assert api.asked == []
    assert (context["summary_by"], context["task"], context["status"]) == (
        "transcript",
        "turn the functions around",
        "idle",
    )
    assert context["decisions"] == ["Which way? Right"]
    assert (context["progress"], context["next"]) == (["Turn add"], ["Turn sub"])
    assert context["questions"] == ["Shall I test it?"]
    assert [(file["path"], file["removed"]) for file in context["files"]] == [("calc.py", 5)]


def test_a_new_session_is_shown_who_else_is_there_and_on_what(
    client: Path, api: SummarisingAPI, home: Home, project: Path, worktree: Path
) -> None:
    with Session(client, home, project, options=("--name", "sums")) as first:
        first.ask("turn the sum around")
        written(home, first.id, "turn the sum around")
        assert "live in this repository" not in "\n".join(api.requests(first.id)[-1].texts())
        with Session(client, home, worktree) as second:
            second.ask("hello")
            context = next(each for each in api.requests(second.id)[-1].texts() if "live in this repository" in each)
            note = context[context.index("context-sync:") :]
            assert '- "sums" (branch main, in another worktree): turn the sum around' in note
            assert len(note.split("\n\n")[0]) <= 600
    assert api.asked == []


def test_a_session_without_hooks_is_found_by_its_transcript(
    client: Path, api: SummarisingAPI, home: Home, project: Path
) -> None:
    configure(home, summary="off")
    with Session(client, home, project, environment={"CONTEXT_SYNC": "0"}) as session:
        api.script(session.id, *edits(project / "calc.py", "a + b", "b + a"))
        session.ask("turn the sum around")
        written(home, session.id, "Changed.")
        context = show(home, session.id[:8])
        changed = json.loads(context_sync(home, "changes", "--project", str(project), "--json"))
    assert (context["task"], context["branch"]) == ("turn the sum around", "main")
    assert [(file["path"], file["added"], file["removed"]) for file in changed["files"]] == [("calc.py", 1, 1)]
