import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.rehearse import CALC, HOOKS, Client, commands, log, state

MakeClient = Callable[..., Client]
SHELLS = [
    pytest.param(("/bin/sh",), id="sh"),
    *(
        pytest.param((found, *rest), id=name)
        for name, *rest in (["dash"], ["bash"], ["bash", "--posix"], ["busybox", "sh"], ["zsh", "--emulate", "sh"])
        if (found := shutil.which(name))
    ),
]


@pytest.fixture
def started(tmp_path: Path) -> Path:
    """A Python that notes with which event it is started; `commands(python=...)` registers it."""
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\necho "$6" >> "{tmp_path}/started"\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    return tmp_path / "started"


def runs(started: Path) -> list[str]:
    """The events for which Python was started since the last call."""
    found = started.read_text().split() if started.exists() else []
    started.unlink(missing_ok=True)
    return found


def pre_tool_use(client: Client, path: Path):
    tool_input = {"file_path": str(path), "old_string": "b + a", "new_string": "0"}
    return client.event("PreToolUse", tool_name="Edit", tool_use_id="toolu_1", tool_input=tool_input)


@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell_plays_the_whole_story(client: MakeClient, project: Path, shell: tuple[str, ...]):
    first, second = client(shell=shell), client(shell=shell)
    assert first.start().quiet
    assert "another Claude Code session is live" in second.start().context
    for each in (first, second):
        assert each.prompt().quiet
    assert pre_tool_use(first, project / "calc.py").quiet
    assert first.edit(project / "calc.py", "a + b", "b + a").quiet
    assert b'"deny"' in pre_tool_use(second, project / "calc.py").output
    assert pre_tool_use(second, project / "calc.py").quiet
    assert second.edit(project / "calc.py", "b + a", "a + b + 0").quiet
    assert "`add` in calc.py" in first.batch().context
    assert first.stop().quiet
    assert second.stop().quiet
    for each in (first, second):
        assert each.end().quiet
    assert log() == ""


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\x00\xff\n\n" * 9000, id="NUL bytes"),
        pytest.param(b'{"file_path":"' + b"x" * 40_000, id="a path without end"),
        pytest.param(b'{"file_path":"\\"', id="an escape at the end"),
    ],
)
def test_no_shell_complains_of_senseless_input(client: MakeClient, shell: tuple[str, ...], payload: bytes):
    client().start()
    someone = client(shell=shell)
    someone.start()
    assert someone.send("PreToolUse", payload).quiet


def test_alone_in_a_repository_only_recording_starts_python(client: MakeClient, project: Path, started: Path):
    someone = client(hooks=commands(python=str(started.with_name("python"))))
    someone.start()
    assert runs(started) == ["SessionStart"]
    for _ in range(2):
        someone.prompt()
        pre_tool_use(someone, project / "calc.py")
        someone.batch()
        someone.stop()
    assert runs(started) == []
    someone.edit(project / "calc.py", "a + b", "b + a")
    assert runs(started) == ["PostToolUse"]
    someone.batch()
    someone.stop()
    someone.prompt()
    assert runs(started) == []
    someone.end()
    assert runs(started) == ["SessionEnd"]


def test_beside_another_session_python_starts_only_for_what_it_holds(client: MakeClient, project: Path, started: Path):
    (project / "other.py").write_text(CALC)
    someone, other = client(hooks=commands(python=str(started.with_name("python")))), client()
    someone.start()
    other.start()
    runs(started)
    pre_tool_use(someone, project / "calc.py")
    assert runs(started) == []
    other.edit(project / "calc.py", "a + b", "b + a")
    pre_tool_use(someone, project / "other.py")
    someone.prompt()
    someone.batch()
    someone.stop()
    assert runs(started) == []
    pre_tool_use(someone, project / "calc.py")
    assert runs(started) == ["PreToolUse"]
    other.end()
    pre_tool_use(someone, project / "calc.py")
    assert runs(started) == []


def test_python_starts_once_for_what_there_is_to_tell(client: MakeClient, project: Path, started: Path):
    someone, other = client(hooks=commands(python=str(started.with_name("python")))), client()
    someone.start()
    other.start()
    someone.edit(project / "calc.py", "a + b", "b + a")
    other.edit(project / "calc.py", "b + a", "a + b + 0")
    runs(started)
    assert someone.batch().context
    assert runs(started) == ["PostToolBatch"]
    someone.batch()
    someone.stop()
    someone.prompt()
    assert runs(started) == []


def test_an_older_client_that_does_not_tell_the_session_is_served(client: MakeClient, project: Path):
    first, second = (client(extra={"CLAUDE_CODE_SESSION_ID": ""}) for _ in range(2))
    first.start()
    second.start()
    first.edit(project / "calc.py", "a + b", "b + a")
    second.edit(project / "calc.py", "b + a", "a + b + 0")
    assert "`add`" in first.batch().context


@pytest.mark.parametrize("value", ["../../../etc", "a b", "*", "$(touch gone)", "x;touch gone", "\n"])
def test_a_session_id_that_is_no_name_is_left_to_python(client: MakeClient, project: Path, value: str):
    someone = client(extra={"CLAUDE_CODE_SESSION_ID": value})
    assert someone.prompt().quiet
    assert not (project / "gone").exists()
    assert os.listdir(state("gate")) == [someone.session]


def test_switched_off_nothing_is_written_and_nothing_is_said(client: MakeClient, project: Path, isolated_home: Path):
    first, second = client(extra={"CONTEXT_SYNC": "0"}), client(extra={"CONTEXT_SYNC": "0"})
    for each in (first, second):
        assert each.start().quiet
        assert each.prompt().quiet
    for each, old, new in ((first, "a + b", "b + a"), (second, "b + a", "a + b + 0")):
        assert pre_tool_use(each, project / "calc.py").quiet
        assert each.edit(project / "calc.py", old, new).quiet
    for each in (first, second):
        assert each.batch().quiet
        assert each.stop().quiet
        assert each.end().quiet
    assert not state().exists()
    assert list(isolated_home.rglob("*context-sync*")) == []


def test_switched_off_in_one_session_the_others_go_on(client: MakeClient, project: Path):
    first, second, third = client(), client(), client(extra={"CONTEXT_SYNC": "0"})
    for each in (first, second, third):
        each.start()
    third.edit(project / "calc.py", "a - b", "b - a")
    first.edit(project / "calc.py", "a + b", "b + a")
    assert first.batch().quiet
    second.edit(project / "calc.py", "b + a", "a + b + 0")
    assert "`add`" in first.batch().context


def test_the_handler_alone_is_switched_off_too(client: MakeClient):
    someone = client()
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(HOOKS / "run.py"), "SessionStart"],
        input=json.dumps(someone.payload("SessionStart")).encode(),
        env=someone.environment() | {"CONTEXT_SYNC": "0"},
        capture_output=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == (b"", b"")
    assert not state().exists()


def test_the_gate_started_as_a_program_does_the_same(client: MakeClient, project: Path):
    someone = client(hooks={event: f"{HOOKS}/gate {event}" for event in commands()})
    someone.extra = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    assert someone.start().quiet
    assert someone.edit(project / "calc.py", "a + b", "b + a").quiet
    assert [touch.path for touch in someone.touches] == ["calc.py"]


def test_a_quiet_event_leaves_the_time_of_the_session_and_of_the_event(client: MakeClient):
    someone = client()
    someone.start()
    seen, receipt = state("gate", someone.session, "seen"), state("receipts", "UserPromptSubmit")
    os.utime(seen, (1, 1))
    before = time.time() - 1  # the clock of files is a little behind
    someone.prompt()
    assert seen.stat().st_mtime > before
    assert receipt.stat().st_mtime > before
