"""Whose a command's write is when it cannot be known, and where it is looked for."""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from context_sync.state import files
from tests.rehearse import CALC, NOBODY, Client, git, log, tool_use
from tests.scenes import INSTANT, bash, named, running

ADD, SUB = "s/a + b/b + a/", "s/a - b/b - a/"


def found(who: Client) -> list[tuple[str, str, set[str]]]:
    return [(touch.path, touch.attribution, {each.name for each in touch.symbols}) for touch in who.touches]


def test_what_one_of_two_commands_wrote_is_shared_by_both(two: tuple[Client, Client]):
    first, second = two
    with running(first):
        bash(second, f"sed -i '{SUB}' calc.py")
        assert found(second) == [("calc.py", "shared", {"sub"})]
    assert found(first) == found(second)
    assert first.touches[0].after == second.touches[0].after


def test_a_shared_write_is_recorded_once_for_each(two: tuple[Client, Client]):
    first, second = two
    with running(first):
        bash(second, f"sed -i '{SUB}' calc.py")
    for each in (first, second, first):
        bash(each, "true")
    assert [found(each) for each in two] == [[("calc.py", "shared", {"sub"})]] * 2


def test_what_nobody_else_can_have_written_is_of_the_session_alone(two: tuple[Client, Client]):
    first, second = two
    bash(second, f"sed -i '{SUB}' calc.py")
    bash(first, "true")
    assert (found(first), found(second)) == ([], [("calc.py", "sole", {"sub"})])


def test_an_edit_while_another_command_runs_is_of_its_session(two: tuple[Client, Client], project: Path):
    first, second = two
    with running(first):
        second.edit(project / "calc.py", "a - b", "b - a")
    assert (found(first), found(second)) == ([], [("calc.py", "sole", {"sub"})])


def test_what_was_shared_is_shared_though_the_other_has_run_more_since(two: tuple[Client, Client]):
    first, second = two
    with running(first):
        bash(second, f"sed -i '{SUB}' calc.py")
        bash(second, "true")
    assert found(first) == [("calc.py", "shared", {"sub"})]


def test_what_a_command_commits_is_its_own_though_another_was_recorded_meanwhile(two: tuple[Client, Client]):
    first, second = two
    with running(first):
        subprocess.run(f"sed -i '{SUB}' calc.py && git commit -qam sub", shell=True, cwd=first.folder, check=True)
        second.event("PreToolUse", tool_name="Bash", tool_use_id=tool_use(), tool_input={"command": "true"})
        bash(second, "true")
    assert [(path, names) for path, _, names in found(first)] == [("calc.py", {"sub"})]


def test_what_a_dead_recorder_did_not_find_is_of_unknown_origin(two: tuple[Client, Client], project: Path):
    first, _ = two
    first.event("PreToolUse", tool_name="Bash", tool_use_id=tool_use(), tool_input={"command": "make"})
    (project / "calc.py").write_text(CALC.replace("a - b", "b - a"))
    files.mark(files.path("gate", first.session, "recording", str(NOBODY)))
    first.stop()
    assert found(first) == [("calc.py", "unknown", {"sub"})]


def worktree(project: Path, _: Path) -> tuple[Path, Path]:
    git(project, "worktree", "add", "-q", "-b", "other", str(project.parent / "tree"))
    return project, project.parent / "tree"


def below(project: Path, other: Path) -> tuple[Path, Path]:
    return project.parent, other


def beside(project: Path, other: Path) -> tuple[Path, Path]:
    return project, other


def submodule(project: Path, other: Path) -> tuple[Path, Path]:
    git(project, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other), "sub")
    git(project, "commit", "--quiet", "--message=sub")
    return project, project / "sub"


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """Another repository."""
    folder = tmp_path / "other"
    folder.mkdir()
    git(folder, "init", "--quiet")
    (folder / "calc.py").write_text(CALC)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=calc", at=time.time() - 3600)
    return folder


PLACES = [
    pytest.param(worktree, id="another worktree"),
    pytest.param(below, id="a repository below the folder"),
    pytest.param(beside, id="another repository"),
    pytest.param(submodule, id="a submodule"),
]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("command", ["sed -i 's/a - b/b - a/' {}/calc.py", "cd {} && sed -i 's/a - b/b - a/' calc.py"])
def test_a_command_is_looked_at_where_it_writes(
    client: Callable[..., Client], project: Path, other: Path, place: Callable[..., tuple[Path, Path]], command: str
):
    folder, target = place(project, other)
    who = client(folder)
    who.start()
    bash(who, command.format(target))
    (touch,) = who.touches
    assert (touch.worktree, touch.path, touch.attribution) == (str(target), "calc.py", "sole")
    assert named(who) == {"sub"}


def test_a_script_is_looked_at_where_its_session_has_edited(client: Callable[..., Client], project: Path, other: Path):
    who = client(project)
    who.start()
    who.edit(other / "calc.py", "a + b", "b + a")
    (project / "run").write_text(f"sed -i '{SUB}' {other}/calc.py")
    bash(who, "sh run")
    assert [(touch.tool, touch.worktree) for touch in who.touches if touch.path == "calc.py"] == [
        ("Edit", str(other)),
        ("Bash", str(other)),
    ]
    assert who.touches[-1].path == "calc.py"
    assert named(who) == {"sub"}


def test_a_commit_in_another_repository_is_seen(client: Callable[..., Client], project: Path, other: Path):
    who = client(project)
    who.start()
    bash(who, f"cd {other} && sed -i '{SUB}' calc.py && git commit -qam sub")
    assert [(touch.worktree, touch.path) for touch in who.touches] == [(str(other), "calc.py")]
    assert named(who) == {"sub"}


def test_those_who_edited_in_a_checkout_are_asked_whose_a_write_there_is(
    client: Callable[..., Client], project: Path, other: Path
):
    first, second = client(project), client(other)
    for each in (first, second):
        each.start()
    first.edit(other / "calc.py", "a + b", "b + a")
    with running(first):
        bash(second, f"sed -i '{SUB}' calc.py")
    assert found(second) == [("calc.py", "shared", {"sub"})]
    assert found(first)[-1] == ("calc.py", "shared", {"sub"})


def ran(who: Client, changed: Path, **diff: object) -> None:
    """A command ends of which Claude Code says that it changed a file."""
    files_ = [{"filePath": str(changed), "hunks": []}]
    who.event(
        "PostToolUse",
        tool_name="Bash",
        tool_use_id=tool_use(),
        tool_input={"command": "sh run"},
        tool_response={"stdout": "", "bashEditDiff": {"files": files_, "changedFiles": [str(changed)], **diff}},
    )


def begun(who: Client) -> None:
    who.event("PreToolUse", tool_name="Bash", tool_use_id=tool_use(), tool_input={"command": "sh run"})


def test_what_claude_code_says_leads_to_another_repository(client: Callable[..., Client], project: Path, other: Path):
    who = client(project)
    who.start()
    begun(who)
    (other / "calc.py").write_text(CALC.replace("a - b", "b - a"))
    ran(who, other / "calc.py")
    assert [(touch.worktree, touch.path, touch.attribution) for touch in who.touches] == [
        (str(other), "calc.py", "sole")
    ]


@pytest.mark.parametrize(
    ("diff", "beside", "expected"),
    [
        pytest.param({}, False, [("calc.py", "sole", {"sub"})], id="alone it counts whatever the time of the file"),
        pytest.param({"shared": True}, False, [], id="something else ran in the session"),
        pytest.param({}, True, [], id="another session ran a tool"),
    ],
)
def test_what_claude_code_says_attributes_nothing_while_another_session_runs(
    two: tuple[Client, Client], project: Path, diff: dict[str, object], beside: bool, expected: list[object]
):
    first, second = two
    (project / "calc.py").write_text(CALC.replace("a - b", "b - a"))  # as by a clock that is behind: before it began
    bash(second, "true")
    time.sleep(INSTANT)
    begun(first)
    if beside:
        with running(second):
            ran(first, project / "calc.py", **diff)
    else:
        ran(first, project / "calc.py", **diff)
    assert found(first) == expected
    assert log() == ""
