import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from context_sync.claude.transcripts import conversation
from context_sync.claude.transcripts.activity import Activity, Command, Prompt, Reply, Task
from context_sync.claude.transcripts.conversation import Reader
from tests.summaries.records import SKIPPED, Conversation


def activities(dialogue: Conversation, reader: Reader | None = None) -> list[Activity]:
    reader = reader or Reader()
    return [each for line in dialogue.lines for each in reader.read(line.encode() + b"\n")]


def summary_of(of: Conversation) -> list[tuple[object, ...]]:
    """The activity in a conversation, without times; for a reply, its text."""
    return [
        ("Reply", conversation.said(each)[1])
        if isinstance(each, Reply)
        else (type(each).__name__, *(value for name, value in each._asdict().items() if name != "at"))
        for each in activities(of)
    ]


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        pytest.param(Conversation().prompt("fix it"), [("Prompt", "fix it")], id="a request"),
        pytest.param(
            Conversation().prompt([{"type": "text", "text": "see"}, {"type": "image", "source": {}}]),
            [("Prompt", "see")],
            id="a request with an image",
        ),
        pytest.param(
            Conversation().queued("also lint"), [("Prompt", "also lint")], id="a request in the middle of a turn"
        ),
        pytest.param(
            Conversation().queued("done", "task-notification"), [], id="a notification in the middle of a turn"
        ),
        pytest.param(Conversation().prompt("x", isMeta=True), [], id="a text of Claude Code"),
        pytest.param(
            Conversation().prompt("<task-notification>\n<task-id>1</task-id>", origin={"kind": "task-notification"}),
            [],
            id="a notification",
        ),
        pytest.param(Conversation().prompt("<bash-input>ls</bash-input>"), [], id="a shell command of the user"),
        pytest.param(
            Conversation().prompt("<div> is not closed"), [("Prompt", "<div> is not closed")], id="a tag of hers"
        ),
        pytest.param(
            Conversation().prompt("[Request interrupted by user for tool use]"), [], id="an interruption is no request"
        ),
        pytest.param(
            Conversation().prompt(
                "<command-name>/review</command-name>\n<command-message>x</command-message>\n"
                "<command-args>the parser</command-args>"
            ),
            [("Prompt", "/review the parser")],
            id="a command with arguments",
        ),
        pytest.param(
            Conversation().prompt("<command-name>/model</command-name>\n<command-args>opus</command-args>"),
            [],
            id="a command that configures Claude Code",
        ),
        pytest.param(Conversation().reply("Done."), [("Reply", "Done.")], id="a reply"),
        pytest.param(Conversation().think("hm"), [], id="a thought"),
        pytest.param(
            Conversation().fail("API Error: overloaded"),
            [("Trouble", "API Error: overloaded")],
            id="an error of the API",
        ),
        pytest.param(Conversation().ask("Which?", "Beta"), [("Answer", "Which?", "Beta")], id="an answer"),
        pytest.param(
            Conversation().call("ExitPlanMode").result("approved", {"plan": "# Plan\n1. Go", "isAgent": False}),
            [("Plan", "# Plan\n1. Go")],
            id="an accepted plan",
        ),
        pytest.param(
            Conversation().call("ExitPlanMode").result("approved", {"plan": None}), [], id="an empty plan is no plan"
        ),
        pytest.param(
            Conversation()
            .call("ExitPlanMode", plan="# Plan")
            .result("It was rejected. To tell you how to proceed, the user said:\nuse Beta", failed=True),
            [("Answer", "ExitPlanMode # Plan", "use Beta")],
            id="a rejected plan, and why",
        ),
        pytest.param(
            Conversation()
            .call("TodoWrite", todos=[])
            .result("ok", {"newTodos": [{"content": "a", "status": "pending"}]}),
            [("TaskList", (Task("0", "a", "pending"),))],
            id="a list of todos",
        ),
        pytest.param(
            Conversation()
            .call("TaskCreate", subject="a")
            .result("ok", {"task": {"id": "1", "subject": "a"}})
            .call("TaskUpdate", taskId="1", status="completed")
            .result("ok", {"taskId": "1", "statusChange": {"from": "pending", "to": "completed"}}),
            [("Task", "1", "a", "pending"), ("Task", "1", "", "completed")],
            id="a task that is done",
        ),
        pytest.param(Conversation().run("make", "ok\n"), [("Command", "make", 0, "ok\n")], id="a command"),
        pytest.param(
            Conversation().run("make", "no\n", 2), [("Command", "make", 2, "no\n")], id="a command that fails"
        ),
        pytest.param(
            Conversation().call("Bash", command="make").result("It was refused.", failed=True),
            [],
            id="a refused command",
        ),
        pytest.param(
            Conversation().call("Bash", command="make").result("started", {"stdout": "", "backgroundTaskId": "b1"}),
            [("Command", "make", None, "started")],
            id="a command in the background",
        ),
        pytest.param(
            Conversation().edit("/p/a.py", " x", "-y", "+z", "+w"), [("Change", "/p/a.py", 2, 1)], id="an edit"
        ),
        pytest.param(
            Conversation()
            .call("Write", file_path="/p/a")
            .result("ok", {"type": "create", "filePath": "/p/a", "content": "1\n2\n"}),
            [("Change", "/p/a", 2, 0)],
            id="a new file",
        ),
        pytest.param(
            Conversation()
            .call("MultiEdit", file_path="/p/a", edits=[])
            .result("ok", {"filePath": "/p/a", "edits": [], "structuredPatch": [{"lines": ["+x"]}]}),
            [("Change", "/p/a", 1, 0)],
            id="several edits at once, as old clients made them",
        ),
        pytest.param(
            Conversation()
            .call("NotebookEdit", notebook_path="/p/a.ipynb")
            .result("ok", {"notebook_path": "/p/a.ipynb", "new_source": "1\n2", "old_source": "3"}),
            [("Change", "/p/a.ipynb", 2, 1)],
            id="a cell of a notebook",
        ),
        pytest.param(
            Conversation().call("Edit", file_path="/p/a").result("no match", failed=True), [], id="a failed edit"
        ),
        pytest.param(
            Conversation(sidechain=True).edit("/p/a.py", " x", "-y", "+z", "+w", " v"),
            [("Change", "/p/a.py", 2, 1)],
            id="an edit of a subagent",
        ),
        pytest.param(
            Conversation(sidechain=True).call("Write", file_path="/p/a", content="1\n2\n").result("ok"),
            [("Change", "/p/a", 2, 0)],
            id="a new file of a subagent",
        ),
        pytest.param(
            Conversation(sidechain=True).call("Edit", file_path="/p/a").result("no match", failed=True),
            [],
            id="a failed edit of a subagent",
        ),
        pytest.param(
            Conversation(sidechain=True).run("make", "no\n", 2), [("Command", "make", 2, "no\n")], id="its command"
        ),
        pytest.param(Conversation().compact("Before: x"), [("Compaction", "Before: x")], id="a compaction"),
        pytest.param(Conversation().title("Invoices"), [("Title", "Invoices", "title")], id="a title"),
        pytest.param(
            Conversation().title("Fix invoices", "ai-title", "aiTitle"),
            [("Title", "Fix invoices", "summary")],
            id="a title by Claude Code",
        ),
    ],
)
def test_what_a_record_tells(record: Conversation, expected: list[tuple[object, ...]]) -> None:
    assert summary_of(record) == expected


@pytest.mark.parametrize(
    ("written", "read"),
    [
        pytest.param(r"\ud83d", "\ufffd", id="a first half"),
        pytest.param(r"\uDE00", "\ufffd", id="a second half"),
        pytest.param(r"\ude00\ud83d", "\ufffd\ufffd", id="in the wrong order"),
        pytest.param(r"\ud83d\ud83d\ude00", "\ufffd\U0001f600", id="before a whole pair"),
        pytest.param(r"\\ud83d \ud83d", "\\ud83d \ufffd", id="beside an escaped backslash"),
    ],
)
def test_half_of_a_surrogate_pair_is_read_as_a_replacement_character(written: str, read: str) -> None:
    cut = [line.replace("QQ", written).encode() + b"\n" for line in Conversation().prompt("fix QQ it").lines]

    [found] = [each for line in cut for each in Reader().read(line)]

    assert isinstance(found, Prompt)
    assert found.text == f"fix {read} it"


@pytest.mark.parametrize("line", SKIPPED)
def test_what_tells_nothing_is_not_decoded(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation.orjson, "loads", lambda _: pytest.fail("decoded"))
    assert not Reader().read(line.encode())


def test_a_result_that_nobody_waits_for_is_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    read = Conversation().call("Read", file_path="/p/a").result("x" * 50_000, {"type": "text", "file": {}})
    monkeypatch.setattr(conversation.orjson, "loads", lambda _: pytest.fail("decoded"))
    assert activities(read) == []


def test_records_of_old_versions_are_read() -> None:
    common = {"parentUuid": None, "isSidechain": False, "userType": "external", "cwd": "/p", "sessionId": "s"}
    old = {**common, "version": "1.0.60", "gitBranch": "main"}
    asked = {
        **old,
        "type": "user",
        "message": {"role": "user", "content": "hi"},
        "timestamp": "2025-07-01T10:00:00.000Z",
    }
    blocks = [{"type": "text", "text": "I edit."}, {"type": "tool_use", "id": "t1", "name": "Edit", "input": {}}]
    message = {"id": "m", "type": "message", "role": "assistant", "content": blocks}
    said = {**old, "message": message, "type": "assistant", "timestamp": "2025-07-01T10:00:01.000Z"}
    shown_as = Conversation().raw(json.dumps(asked, separators=(",", ":"))).raw(json.dumps(said, separators=(",", ":")))
    reader = Reader()

    found = activities(shown_as, reader)

    assert found[0] == Prompt(1751364000.0, "hi")
    assert [conversation.said(each)[1] for each in found[1:] if isinstance(each, Reply)] == ["I edit."]
    assert [call.tool for call in reader.calls] == ["Edit"]


def test_a_tool_at_work_is_known_until_its_result_or_the_next_request() -> None:
    reader = Reader()
    activities(Conversation().ask("Which?"), reader)
    assert [(call.tool, call.about) for call in reader.calls] == [("AskUserQuestion", "Which?")]
    activities(Conversation().prompt("never mind"), reader)
    assert reader.calls == []


def test_a_tool_is_followed_into_what_is_read_later() -> None:
    shown_as = Conversation().run("make", "ok")
    first = Reader()
    assert not first.read(shown_as.lines[0].encode())
    second = Reader(first.calls)
    (command,) = second.read(shown_as.lines[1].encode())
    assert isinstance(command, Command)
    assert (command.text, command.code) == ("make", 0)


@given(st.data())
def test_no_line_is_too_strange(data: st.DataObject) -> None:
    lines = Conversation().prompt("a").ask("b", "c").run("d", "e", 1).edit("/f", "+g").compact("h").lines
    line = data.draw(st.sampled_from(lines)).encode()
    start = data.draw(st.integers(0, len(line)))
    end = data.draw(st.integers(start, len(line)))
    Reader().read(line[:start] + data.draw(st.binary(max_size=8)) + line[end:])


@pytest.mark.parametrize(
    "line",
    [
        '{"type":"user"}',
        '{"type":"user","message":null}',
        '{"type":"user","message":{"role":"user","content":[{"type":"text"}]}}',
        '{"type":"user","message":{"role":"user","content":7}}',
        '{"type":"assistant","message":{"role":"assistant","content":[7]}}',
        '{"type":"custom-title","customTitle":7}',
        "[]",
        "",
    ],
)
def test_a_record_of_another_shape_tells_nothing(line: str) -> None:
    assert not Reader().read(line.encode() + b"\n")


def test_a_broken_reply_has_no_text() -> None:
    (line,) = Conversation().reply("Done.").lines
    (reply,) = Reader().read(line.replace('"stop_reason"', "oops").encode())
    assert isinstance(reply, Reply)
    assert conversation.said(reply) == (0.0, "")


def test_a_line_that_is_too_long_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation, "MAX_LINE", 1000)
    assert summary_of(Conversation().prompt("x" * 1000).prompt("short")) == [("Prompt", "short")]
