import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.rehearse import CALC, Client, Heard, commands, encoded, git, log, result, tool_use

MakeClient = Callable[..., Client]
EVENTS = ("SessionStart", "UserPromptSubmit", "PreToolUse", "PostToolUse", "PostToolBatch", "Stop", "SessionEnd")

# Not even the session is known from these.
SENSELESS = [
    pytest.param(b"", id="empty"),
    pytest.param(b"\n", id="a blank line"),
    pytest.param(b"no JSON at all", id="not JSON"),
    pytest.param(b'{"session_id": "abc", "cwd": "/tm', id="cut in the middle"),
    pytest.param(b'["session_id"]', id="a list"),
    pytest.param(b"null", id="null"),
    pytest.param(b"{}", id="no fields"),
    pytest.param(b'{"session_id": 5}', id="a number as session id"),
    pytest.param(b'{"session_id": ""}', id="an empty session id"),
    pytest.param(b'{"session_id": "../../escape"}', id="a path as session id"),
    pytest.param(b'{"session_id": "a' + b"b" * 400 + b'"}', id="an endless session id"),
    pytest.param(b'{"session_id": "\xff\xfe"}', id="bytes that are not UTF-8"),
    pytest.param(b"\x00" * 2000, id="NUL bytes"),
    pytest.param(b"[" * 200_000, id="ever deeper lists"),
    pytest.param(b'{"a":' * 100_000, id="ever deeper objects"),
]

# The session is known, the rest is not as it should be.
STRANGE = [
    pytest.param({}, id="nothing but the session"),
    pytest.param({"cwd": 5, "transcript_path": [], "source": {}, "session_title": 1.5}, id="fields of wrong type"),
    pytest.param({"cwd": None, "transcript_path": None}, id="null fields"),
    pytest.param({"cwd": "/does/not/exist", "transcript_path": "/does/not/exist.jsonl"}, id="paths that do not exist"),
    pytest.param({"cwd": "relative", "transcript_path": "relative.jsonl"}, id="relative paths"),
    pytest.param({"cwd": "/nul\0byte", "transcript_path": "/nul\0byte.jsonl"}, id="NUL in paths"),
    pytest.param({"cwd": "/lone/\ud800", "transcript_path": "/lone/\udfff"}, id="lone surrogates in paths"),
    pytest.param({"cwd": "/x" * 5000, "transcript_path": "/y" * 5000}, id="paths longer than the system takes"),
    pytest.param({"cwd": "/dev/null", "transcript_path": "/dev/null"}, id="devices"),
    pytest.param({"cwd": "/tmp", "transcript_path": "/tmp"}, id="a folder as transcript"),
    pytest.param({"session_title": "\x1b[31m\ud800 \u202e<system>" * 50}, id="a title of control characters"),
    pytest.param({"tool_name": "Teleport", "tool_input": {"file_path": "/x"}}, id="an unknown tool"),
    pytest.param({"tool_name": ["Edit"], "tool_input": "text", "tool_response": 7}, id="a tool of wrong types"),
    pytest.param({"agent_id": 7, "tool_use_id": {}}, id="ids of wrong type"),
    pytest.param({"hook_event_name": "Unheard", "future": {"deep": [1, {"x": None}]}}, id="fields from the future"),
]

# What the tool Edit might answer with.
RESPONSES = [
    pytest.param({}, id="no answer"),
    pytest.param({"structuredPatch": "text"}, id="a text as patch"),
    pytest.param({"structuredPatch": [None, 5, {"oldStart": "x"}]}, id="a patch of wrong types"),
    pytest.param({"structuredPatch": [{"oldStart": 1e999, "newStart": 1, "lines": []}]}, id="an endless line number"),
    pytest.param({"structuredPatch": [{"oldStart": -9, "newStart": -9, "lines": ["+x", "-y"]}]}, id="negative lines"),
    pytest.param(
        {"structuredPatch": [{"oldStart": 10**9, "newStart": 10**9, "lines": ["+x", "-y"]}]}, id="lines behind the end"
    ),
    pytest.param({"originalFile": 5, "oldString": None, "newString": []}, id="texts of wrong type"),
    pytest.param({"originalFile": "def f():\n  pass", "oldString": "absent", "newString": "x"}, id="a text not found"),
    pytest.param({"originalFile": "\ud800\udfff", "oldString": "\ud800", "newString": "x"}, id="lone surrogates"),
    pytest.param({"originalFile": "\0\x01\x02" * 500, "oldString": "\0", "newString": "\x1b"}, id="a binary text"),
    pytest.param({"edits": [5, None], "originalFileContents": "x"}, id="edits of wrong type"),
]


def denied(heard: Heard) -> None:
    assert heard.code == 0
    assert json.loads(heard.output)["hookSpecificOutput"]["permissionDecision"] == "deny"


@pytest.mark.parametrize("payload", SENSELESS)
def test_a_payload_that_makes_no_sense_is_recorded_as_a_crash_and_nothing_else(client: MakeClient, payload: bytes):
    someone = client()
    for event in ("SessionStart", "PreToolUse", "PostToolUse"):
        assert someone.send(event, payload).quiet
        assert json.loads(log().splitlines()[-1])["where"] == event
    assert len(log().splitlines()) == 3


@pytest.mark.parametrize("event", EVENTS)
def test_no_event_is_disturbed_by_senseless_input(client: MakeClient, event: str):
    someone = client()
    assert someone.send(event, b"{").quiet
    assert someone.event(event).quiet


@pytest.mark.parametrize("fields", STRANGE)
def test_a_strange_payload_disturbs_no_event(client: MakeClient, fields: dict[str, object]):
    someone = client()
    for event in EVENTS:
        assert someone.send(event, encoded({"session_id": someone.session} | fields)).calm


@pytest.mark.parametrize("response", RESPONSES)
def test_a_strange_answer_of_the_tool_is_an_edit_of_the_file(
    client: MakeClient, project: Path, response: dict[str, object]
):
    someone = client()
    someone.start()
    heard = someone.event(
        "PostToolUse",
        tool_name="Edit",
        tool_use_id="toolu_1",
        tool_input={"file_path": str(project / "calc.py")},
        tool_response=response,
    )
    assert heard.quiet
    assert log() == ""
    assert [touch.path for touch in someone.touches] == ["calc.py"]


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("nul\0byte.py", id="NUL"),
        pytest.param("lone\ud800.py", id="a lone surrogate"),
        pytest.param(5, id="a number"),
        pytest.param("", id="empty"),
    ],
)
def test_an_edit_of_an_impossible_path_does_not_stop_later_ones(client: MakeClient, project: Path, path: object):
    someone = client()
    someone.start()
    response = {"filePath": path, "structuredPatch": [], "originalFile": "", "content": "x", "type": "create"}
    someone.append(result(tool_use(), response))
    assert someone.edit(project / "calc.py", "a + b", "b + a").quiet
    assert log() == ""
    assert [touch.path for touch in someone.touches] == ["calc.py"]


def test_a_payload_of_20_megabytes_is_read(client: MakeClient, project: Path):
    before = "def first():\n    return 1\n" + "# filler\n" * 2_300_000
    lines = ["-def first():", "-    return 1", "+def first(x):", "+    return x"]
    someone = client()
    someone.start()
    payload = encoded(
        someone.payload(
            "PostToolUse",
            tool_name="Edit",
            tool_use_id="toolu_large",
            tool_input={"file_path": str(project / "large.py")},
            tool_response={
                "filePath": str(project / "large.py"),
                "originalFile": before,
                "oldString": "def first():\n    return 1",
                "newString": "def first(x):\n    return x",
                "structuredPatch": [{"oldStart": 1, "oldLines": 2, "newStart": 1, "newLines": 2, "lines": lines}],
            },
        )
    )
    assert len(payload) > 20_000_000
    assert someone.send("PostToolUse", payload).quiet
    assert [touch.path for touch in someone.touches] == ["large.py"]


@pytest.mark.parametrize(
    "order", [pytest.param(1, id="the path first"), pytest.param(-1, id="the path behind a long text")]
)
def test_a_large_payload_is_handed_over_whole(client: MakeClient, project: Path, order: int):
    first, second = client(), client()
    first.start()
    second.start()
    assert first.edit(project / "calc.py", "a + b", "b + a").quiet
    write = {
        "file_path": str(project / "calc.py"),
        "why": [["at length"]] * 40_000,  # not in the content, which takes time to parse: a hook has little
        "content": CALC.replace("a + b", "0"),
    }
    write = dict(list(write.items())[::order])
    denied(second.event("PreToolUse", tool_name="Write", tool_use_id="toolu_w", tool_input=write))
    assert log() == ""


def test_a_client_that_does_not_close_its_end_is_given_up(client: MakeClient):
    someone = client()
    reader, writer = os.pipe()
    command = commands()["PreToolUse"]
    environment = someone.environment()
    try:
        done = subprocess.run(
            ["/bin/sh", "-c", command], stdin=reader, capture_output=True, timeout=180, env=environment, check=False
        )
    finally:
        os.close(reader)
        os.close(writer)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert "OutOfTimeError" in log()


@pytest.mark.parametrize("stream", ["stdin", "stdout", "stderr"])
@pytest.mark.parametrize("event", ["SessionStart", "PostToolUse"])
def test_a_closed_stream_disturbs_nothing(client: MakeClient, event: str, stream: str):
    someone = client()
    number = {"stdin": 0, "stdout": 1, "stderr": 2}[stream]
    someone.options = {"preexec_fn": lambda: os.close(number)}
    heard = someone.event(event)
    assert (heard.code, heard.output) == (0, b"")


def test_an_edit_through_a_symbolic_link_is_one_of_the_file_behind_it(client: MakeClient, project: Path):
    (project / "alias.py").symlink_to("calc.py")
    someone = client()
    someone.start()
    someone.edit(project / "alias.py", "a + b", "b + a")
    assert [touch.path for touch in someone.touches] == ["calc.py"]


def test_a_symbolic_link_to_itself_disturbs_nothing(client: MakeClient, project: Path):
    (project / "loop.py").symlink_to("loop.py")
    someone = client()
    someone.start()
    tool = {"tool_name": "Edit", "tool_use_id": "toolu_1", "tool_input": {"file_path": str(project / "loop.py")}}
    assert someone.event("PreToolUse", **tool).quiet
    assert someone.event("PostToolUse", **tool, tool_response={}).quiet


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("größe.py", id="letters beyond ASCII"),
        pytest.param("with space.py", id="a space"),
        pytest.param('quo"te.py', id="a quotation mark"),
        pytest.param("back\\slash.py", id="a backslash"),
        pytest.param("new\nline.py", id="a line break"),
        pytest.param("star*[a-z]?.py", id="a pattern"),
        pytest.param("$(touch gone)`touch gone`.py", id="a shell command"),
        pytest.param("-rf.py", id="an option"),
        pytest.param("n" * 250 + ".py", id="the longest name"),
    ],
)
def test_any_name_of_a_file_is_recorded_and_found_by_the_gate(client: MakeClient, project: Path, name: str):
    file = project / name
    file.write_text(CALC)
    first, second = client(), client()
    first.start()
    second.start()
    assert first.edit(file, "a + b", "b + a").quiet
    assert [touch.path for touch in first.touches] == [name]
    edit = {"file_path": str(file), "old_string": "b + a", "new_string": "a + b + 0"}
    denied(second.event("PreToolUse", tool_name="Edit", tool_use_id="toolu_1", tool_input=edit))
    assert not (project / "gone").exists()
    assert log() == ""


def test_a_name_that_is_not_utf8_disturbs_nothing(client: MakeClient, project: Path):
    folder = os.fsencode(project) + b"/\xff\xfe"
    os.mkdir(folder)
    with open(folder + b"/calc.py", "w") as stream:
        stream.write(CALC)
    someone = client(project)
    someone.folder = Path(os.fsdecode(folder))
    assert someone.start().quiet
    response = {"filePath": os.fsdecode(folder + b"/calc.py"), "structuredPatch": [], "originalFile": None}
    assert someone.event("PostToolUse", tool_name="Write", tool_use_id="toolu_1", tool_response=response).quiet
    assert log() == ""
    assert [os.fsencode(touch.path) for touch in someone.touches] == [b"\xff\xfe/calc.py"]


def test_files_outside_the_repository_are_recorded_where_they_are(client: MakeClient, tmp_path: Path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "notes.py").write_text(CALC)
    someone = client()
    someone.start()
    someone.edit(outside / "notes.py", "a + b", "b + a")
    (touch,) = someone.touches
    assert (touch.repository, touch.worktree, touch.path) == (str(outside), str(outside), "notes.py")


def test_the_clients_own_files_are_not_recorded(client: MakeClient, isolated_home: Path):
    plan = isolated_home / ".claude" / "plans" / "plan.md"
    plan.parent.mkdir(parents=True)
    plan.write_text("a + b")
    someone = client()
    someone.start()
    someone.edit(plan, "a + b", "b + a")
    assert someone.touches == []


def test_a_session_at_home_without_git_works(client: MakeClient, isolated_home: Path):
    (isolated_home / "todo.py").write_text(CALC)
    first, second = client(isolated_home), client(isolated_home)
    assert first.start().calm
    assert "another Claude Code session is live" in second.start().context
    first.edit(isolated_home / "todo.py", "a + b", "b + a")
    second.edit(isolated_home / "todo.py", "b + a", "a + b + 0")
    assert "`add` in todo.py" in first.batch().context


def test_a_detached_head_is_named(client: MakeClient, project: Path):
    commit = git(project, "rev-parse", "HEAD").strip()
    git(project, "checkout", "--quiet", "--detach")
    first, second = client(), client()
    first.start()
    second.start()
    first.edit(project / "calc.py", "a + b", "b + a")
    second.edit(project / "calc.py", "b + a", "a + b + 0")
    assert f"branch detached at {commit[:8]}" in first.batch().context


def test_a_submodule_is_a_repository_of_its_own(client: MakeClient, project: Path, tmp_path: Path):
    library = tmp_path / "library"
    git(tmp_path, "clone", "--quiet", str(project), str(library))
    git(project, "-c", "protocol.file.allow=always", "submodule", "add", "--quiet", str(library), "lib")
    someone = client()
    someone.start()
    someone.edit(project / "lib" / "calc.py", "a + b", "b + a")
    (touch,) = someone.touches
    assert (touch.repository, touch.path) == (str(project / ".git" / "modules" / "lib"), "calc.py")
    assert touch.worktree == str(project / "lib")


def test_git_that_is_missing_disturbs_nothing(client: MakeClient, project: Path, tmp_path: Path):
    bare = tmp_path / "bin"
    bare.mkdir()
    for name in ("sh", "cat", "head", "dd"):
        (bare / name).symlink_to(Path("/bin", name))
    first, second = client(extra={"PATH": str(bare)}), client(extra={"PATH": str(bare)})
    first.start()
    second.start()
    first.edit(project / "calc.py", "a + b", "b + a")
    second.edit(project / "calc.py", "b + a", "a + b + 0")
    assert "`add` in calc.py" in first.batch().context
    assert log() == ""


def test_a_repository_that_git_refuses_disturbs_nothing(client: MakeClient, project: Path):
    (project / ".git" / "config").write_text("[broken")
    first, second = client(), client()
    first.start()
    second.start()
    first.edit(project / "calc.py", "a + b", "b + a")
    second.edit(project / "calc.py", "b + a", "a + b + 0")
    assert "`add` in calc.py" in first.batch().context
    assert log() == ""


def test_a_folder_that_is_gone_disturbs_nothing(client: MakeClient, project: Path, tmp_path: Path):
    worktree = tmp_path / "worktree"
    git(project, "worktree", "add", "--quiet", str(worktree))
    someone = client(worktree)
    someone.start()
    someone.edit(worktree / "calc.py", "a + b", "b + a")
    git(project, "worktree", "remove", "--force", str(worktree))
    gone = someone.payload("UserPromptSubmit")
    someone.folder = project
    assert someone.send("UserPromptSubmit", encoded(gone)).quiet
    assert someone.send("PostToolUse", encoded(gone | {"tool_name": "Bash"})).quiet
    assert log() == ""
