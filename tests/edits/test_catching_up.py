import json
from collections.abc import Callable
from pathlib import Path

import pytest

from context_sync.claude.hooks import payloads
from context_sync.claude.transcripts import reader
from context_sync.edits import recorder
from context_sync.events import dispatch, session_end, session_start
from context_sync.hotpath import deadlines
from context_sync.state import files, positions, sessions
from tests import rehearse
from tests.rehearse import CALC, Client, change, encoded, log, result, stamp, tool_use

MakeClient = Callable[..., Client]


def symbols(client: Client) -> list[str]:
    return [symbol.name for touch in client.touches for symbol in touch.symbols]


def recorder_killed(client: Client) -> None:
    """Leave what a recorder leaves that was killed at its work."""
    files.mark(files.path("gate", client.session, "recording", str(rehearse.NOBODY)))


LATER = [
    pytest.param(lambda each: each.bash("true"), id="a command"),
    pytest.param(lambda each: each.end(), id="the end"),
    pytest.param(lambda each: each.start("resume"), id="a resumption"),
    pytest.param(lambda each: each.start("compact"), id="a compaction"),
    pytest.param(lambda each: (recorder_killed(each), each.stop()), id="the end of a turn, when a recorder was killed"),
]


@pytest.mark.parametrize("later", LATER)
def test_an_edit_that_no_hook_saw_is_recorded_once(
    client: MakeClient, project: Path, later: Callable[[Client], object]
):
    someone, other = client(), client()
    for each in (someone, other):
        each.start()
    someone.edit(project / "calc.py", "a + b", "b + a", hook=False)
    for _ in range(2):
        later(someone)
    assert symbols(someone) == ["add"]
    assert log() == ""


def test_an_edit_that_hook_and_transcript_tell_is_recorded_once(client: MakeClient, project: Path):
    someone = client()
    someone.start()
    someone.edit(project / "calc.py", "a + b", "b + a")
    someone.edit(project / "calc.py", "a - b", "b - a", hook=False)
    someone.edit(project / "calc.py", "b + a", "a + b + 0")
    someone.bash("true")
    someone.end()
    someone.start("resume")
    assert symbols(someone) == ["add", "sub", "add"]


def test_an_edit_reported_by_the_transcript_after_the_hook_is_recorded_once(client: MakeClient, project: Path):
    someone = client()
    someone.start()
    response, used = change(project / "calc.py", "a + b", "b + a"), tool_use()
    tool = {"tool_name": "Edit", "tool_use_id": used, "tool_input": {}, "tool_response": response}
    assert someone.event("PostToolUse", **tool).quiet
    someone.append(result(used, response))
    someone.bash("true")
    assert symbols(someone) == ["add"]


def test_only_new_bytes_are_read(client: MakeClient, project: Path):
    someone = client()
    someone.start()
    someone.edit(project / "calc.py", "a + b", "b + a")
    assert positions.read(someone.session) == {str(someone.transcript): someone.transcript.stat().st_size}
    old = someone.transcript.read_bytes()
    (read_already,) = [touch.tool_use for touch in someone.touches]
    someone.transcript.write_bytes(old.replace(read_already.encode(), tool_use().encode()))
    someone.edit(project / "calc.py", "a - b", "b - a")
    assert symbols(someone) == ["add", "sub"]
    assert positions.read(someone.session) == {str(someone.transcript): someone.transcript.stat().st_size}


def test_a_cut_last_line_is_left_for_later(client: MakeClient, project: Path):
    someone = client()
    someone.start()
    someone.append({"type": "user", "message": {"content": "go"}})
    whole = someone.transcript.stat().st_size
    line = encoded(result(tool_use(), change(project / "calc.py", "a + b", "b + a")))
    with someone.transcript.open("ab") as stream:
        stream.write(line[:-30])
    someone.end()
    someone.start("resume")
    assert symbols(someone) == []
    assert positions.read(someone.session) == {str(someone.transcript): whole}
    with someone.transcript.open("ab") as stream:
        stream.write(line[-30:])
    someone.end()
    assert symbols(someone) == ["add"]


def test_a_transcript_that_was_replaced_by_a_shorter_one_is_read_again(client: MakeClient, project: Path):
    someone = client()
    someone.start()
    someone.append(*[{"type": "user", "message": {"content": "x" * 500}}] * 20)
    someone.edit(project / "calc.py", "a + b", "b + a")
    kept = someone.transcript.read_bytes().splitlines(keepends=True)[-1]
    someone.transcript.write_bytes(kept)
    someone.edit(project / "calc.py", "a - b", "b - a", hook=False)
    someone.end()
    assert symbols(someone) == ["add", "sub"]


@pytest.mark.parametrize(
    "content", [b"", b"\x00" * 5000, b"{\n[\n\xff\n" * 100, b'{"toolUseResult":{"structuredPatch":\n']
)
def test_a_transcript_of_rubbish_disturbs_nothing(client: MakeClient, project: Path, content: bytes):
    someone = client()
    someone.transcript.parent.mkdir(parents=True)
    someone.transcript.write_bytes(content)
    assert someone.start("resume").quiet
    with someone.transcript.open("ab") as stream:
        stream.write(b"\n")
    someone.edit(project / "calc.py", "a + b", "b + a", hook=False)
    someone.bash("true")
    assert symbols(someone) == ["add"]
    assert log() == ""


def test_edits_from_before_the_session_are_not_its_own(client: MakeClient, project: Path):
    someone = client()
    someone.start()
    old = result(tool_use(), change(project / "calc.py", "a + b", "b + a"))
    someone.append(old | {"timestamp": stamp(1_700_000_000)})
    someone.edit(project / "calc.py", "a - b", "b - a", hook=False)
    someone.end()
    assert symbols(someone) == ["sub"]


def test_a_multi_edit_of_an_old_transcript_is_one_edit_of_all_its_places(client: MakeClient, project: Path):
    someone = client()
    someone.start()
    response = {
        "filePath": str(project / "calc.py"),
        "edits": [{"old_string": "a + b", "new_string": "b + a"}, {"old_string": "a - b", "new_string": "b - a"}],
        "originalFileContents": CALC,
        "userModified": False,
    }
    someone.append(result(tool_use(), response))
    someone.end()
    assert [(touch.tool, [symbol.name for symbol in touch.symbols]) for touch in someone.touches] == [
        ("MultiEdit", ["add", "sub"])
    ]


def test_a_large_original_that_the_client_cut_out_is_an_edit_of_the_file(client: MakeClient, project: Path):
    someone = client()
    someone.start()
    someone.append(result(tool_use(), change(project / "calc.py", "a + b", "b + a") | {"originalFile": None}))
    someone.end()
    assert [(touch.path, touch.symbols, touch.after) for touch in someone.touches] == [("calc.py", (), "")]


def test_a_session_without_a_transcript_reads_no_file_of_the_project(client: MakeClient, project: Path):
    (project / "subagents").mkdir()
    someone = client()
    someone.start()
    someone.append(
        result(tool_use(), change(project / "calc.py", "a + b", "b + a")), to=project / "subagents" / "agent.jsonl"
    )
    for fields in ({"transcript_path": ""}, {"transcript_path": None}):
        assert someone.send("SessionStart", encoded(someone.payload("SessionStart", **fields))).quiet
        assert someone.send("SessionEnd", encoded(someone.payload("SessionEnd", **fields))).quiet
    assert someone.touches == []


def subagents(client: Client) -> Path:
    return client.transcript.with_suffix("") / "subagents"


def test_an_edit_of_a_subagent_is_one_of_its_session(client: MakeClient, project: Path):
    someone = client()
    someone.start()
    someone.edit(project / "calc.py", "a + b", "b + a", agent="ae8c61cb")
    assert [(touch.session, touch.agent) for touch in someone.touches] == [(someone.session, "ae8c61cb")]


def test_an_edit_of_a_subagent_that_no_hook_saw_is_caught_up(client: MakeClient, project: Path):
    """As clients up to the one that is pinned wrote it: with the structured result."""
    someone = client()
    someone.start()
    transcript, calc = subagents(someone) / "agent-ae8c61cb.jsonl", project / "calc.py"
    someone.append(asked("t1", "Edit", file_path=str(calc), old_string="a + b", new_string="b + a"), to=transcript)
    someone.append(result("t1", change(calc, "a + b", "b + a"), agent="ae8c61cb"), to=transcript)
    (subagents(someone) / "agent-ae8c61cb.meta.json").write_text(json.dumps({"agentType": "general-purpose"}))
    someone.end()
    assert [(touch.agent, touch.symbols[0].name) for touch in someone.touches] == [("ae8c61cb", "add")]
    assert positions.read(someone.session)[str(transcript)] == transcript.stat().st_size


def asked(used: str, tool: str, **tool_input: object) -> dict[str, object]:
    """The record of what a subagent's model asked for."""
    content = [{"type": "tool_use", "name": tool, "input": tool_input, "id": used}]
    message = {"role": "assistant", "content": content}
    return {"isSidechain": True, "agentId": "ae8c61cb", "message": message, "type": "assistant", "timestamp": stamp()}


def answered(used: str, text: str = "The file has been updated.", **block: object) -> dict[str, object]:
    """The record of the answer, without the structured result (2.1.328)."""
    content = [{"tool_use_id": used, "type": "tool_result", "content": text, **block}]
    message = {"role": "user", "content": content}
    return {"isSidechain": True, "agentId": "ae8c61cb", "type": "user", "message": message, "timestamp": stamp()}


def test_a_subagents_edit_without_a_structured_result_is_caught_up(client: MakeClient, project: Path):
    someone = client()
    someone.start()
    calc, transcript = str(project / "calc.py"), subagents(someone) / "agent-ae8c61cb.jsonl"
    someone.append(asked("t1", "Edit", file_path=calc, old_string="a + b", new_string="b + a"), to=transcript)
    someone.bash("true")
    assert someone.touches == []
    someone.append(answered("t1"), to=transcript)
    someone.append(asked("t2", "Write", file_path=calc, content="x"), answered("t2", is_error=True), to=transcript)
    someone.append(asked("t3", "Read", file_path=calc), answered("t3"), to=transcript)
    someone.append(asked("t4", "Write", content="x"), answered("t4"), to=transcript)
    someone.append(asked("t5", "Write", file_path=calc, content="x"), to=transcript)
    for _ in range(2):
        someone.bash("true")
    found = [(touch.tool, touch.path, touch.agent, touch.tool_use) for touch in someone.touches]
    assert found == [("Edit", "calc.py", "ae8c61cb", "t1")]
    someone.append(answered("t5"), to=transcript)
    someone.end()
    assert [touch.tool_use for touch in someone.touches] == ["t1", "t5"]


def test_a_subagents_edit_that_a_hook_saw_is_recorded_once(client: MakeClient, project: Path):
    someone = client()
    someone.start()
    calc, transcript = project / "calc.py", subagents(someone) / "agent-ae8c61cb.jsonl"
    someone.append(asked("t1", "Edit", file_path=str(calc), old_string="a + b", new_string="b + a"), to=transcript)
    fields = {"tool_name": "Edit", "tool_use_id": "t1", "tool_input": {}, "agent_id": "ae8c61cb"}
    someone.event("PostToolUse", **fields, tool_response=change(calc, "a + b", "b + a"))
    someone.append(answered("t1"), to=transcript)
    someone.end()
    assert symbols(someone) == ["add"]


def long_past(client: Client, number: int) -> list[str]:
    """Have the transcript tell of so many edits that no hook saw, and return their tool uses."""
    before = "".join(f"def f{each}(a):\n    return a + {each}\n\n\n" for each in range(number))
    used = [f"toolu_{each}" for each in range(number)]
    for each, name in enumerate(used):
        patch = {"oldStart": 4 * each + 2, "newStart": 4 * each + 2, "lines": ["-x", "+y"]}
        edit = {
            "filePath": str(client.folder / "large.py"),
            "originalFile": before,
            "oldString": f"a + {each}\n",
            "newString": "a\n",
            "structuredPatch": [patch],
        }
        client.append(result(name, edit))
    return used


@pytest.mark.usefixtures("project")
def test_a_long_past_is_caught_up_step_by_step(client: MakeClient, monkeypatch: pytest.MonkeyPatch):
    someone = client()
    used = long_past(someone, 3 * reader.BATCH + 2)
    monkeypatch.setenv("CLAUDE_PID", str(someone.pid))
    reached = []
    for name, module in (("SessionStart", session_start), ("SessionEnd", session_end)) * 2:
        assert 0 < 2 * module.PATIENCE < dispatch.HANDLERS[name][1]
        event = payloads.read(name, encoded(someone.payload(name, source="resume")))
        assert event
        with monkeypatch.context() as hasty:
            hasty.setattr(module, "PATIENCE", 0.0)
            module.handle(event)
        reached.append(len(someone.touches))
    assert reached == [reader.BATCH, 2 * reader.BATCH, 3 * reader.BATCH, len(used)]
    assert [touch.tool_use for touch in someone.touches] == used


def test_what_is_caught_up_is_not_undone_when_the_time_is_over(client: MakeClient, monkeypatch: pytest.MonkeyPatch):
    someone = client()
    someone.start()
    used = long_past(someone, 2 * reader.BATCH)
    session = sessions.load(someone.session)
    assert session

    def run_out(*_: object) -> None:
        raise deadlines.OutOfTimeError

    steps = iter((recorder.record, run_out))
    with monkeypatch.context() as slow:
        slow.setattr(recorder, "record", lambda *context: next(steps)(*context))
        with pytest.raises(deadlines.OutOfTimeError):
            recorder.catch_up(session)
    assert [touch.tool_use for touch in someone.touches] == used[: reader.BATCH]
    assert someone.end().quiet
    assert [touch.tool_use for touch in someone.touches] == used
    assert log() == ""
