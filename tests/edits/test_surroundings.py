"""Repositories in unusual states: nothing is reported that is not true, and nothing breaks."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from context_sync.conflicts import detection
from context_sync.domain.conflicts import Conflict
from context_sync.state import sessions
from tests.rehearse import CALC, Client, git, log

MakeClient = Callable[..., Client]


def conflicts(one: Client, other: Client) -> list[Conflict]:
    mine, theirs = sessions.load(one.session), sessions.load(other.session)
    assert mine
    assert theirs
    return detection.between(mine, theirs)


def clash(first: Client, second: Client) -> None:
    first.edit(first.folder / "calc.py", "a + b", "b + a")
    second.edit(second.folder / "calc.py", "a + b", "sum((a, b))")


def levels(first: Client, second: Client) -> list[str]:
    return [conflict.level for conflict in conflicts(first, second)]


def commit(folder: Path, message: str) -> None:
    git(folder, "commit", "--quiet", "--all", f"--message={message}")


def test_a_worktree_deleted_under_a_live_session_holds_nothing(apart: tuple[Client, Client]):
    clash(*apart)
    assert levels(*apart) == ["merge"]
    shutil.rmtree(apart[1].folder)
    assert levels(*apart) == []
    assert apart[0].prompt().context == ""


@pytest.mark.parametrize(
    ("action", "left"),
    [
        pytest.param(lambda _, second: commit(second.folder, "sum"), ["merge"], id="committed, not merged"),
        pytest.param(lambda _, second: git(second.folder, "checkout", "--quiet", "--", "calc.py"), [], id="reverted"),
        pytest.param(
            lambda first, second: (second.folder / "calc.py").write_bytes((first.folder / "calc.py").read_bytes()),
            [],
            id="the same on both sides",
        ),
    ],
)
def test_what_ends_a_conflict_between_worktrees(
    apart: tuple[Client, Client], action: Callable[[Client, Client], object], left: list[str]
):
    clash(*apart)
    action(*apart)
    assert levels(*apart) == left


@pytest.mark.parametrize("way", ["merge", "rebase", "cherry-pick", "squash"])
def test_a_change_that_is_present_on_the_other_side_ends_it(apart: tuple[Client, Client], way: str):
    first, second = apart
    first.edit(first.folder / "calc.py", "a + b", "b + a")
    commit(first.folder, "turned")
    second.edit(second.folder / "calc.py", "a - b", "-b + a")
    commit(second.folder, "turned, too")
    assert levels(*apart) == ["file"]
    match way:
        case "merge":
            git(second.folder, "merge", "--quiet", "main")
        case "rebase":
            git(second.folder, "rebase", "--quiet", "main")
        case "cherry-pick":
            git(second.folder, "cherry-pick", "main")
        case "squash":
            git(second.folder, "merge", "--quiet", "--squash", "main")
    assert levels(*apart) == []


@pytest.mark.parametrize("way", ["merge", "rebase"])
def test_in_the_middle_of_a_merge_or_a_rebase(apart: tuple[Client, Client], way: str):
    first, second = apart
    clash(*apart)
    commit(first.folder, "turned")
    commit(second.folder, "sum")
    stopped = subprocess.run(["git", way, "main"], cwd=second.folder, capture_output=True, check=False)
    assert stopped.returncode
    assert "<<<<<<<" in (second.folder / "calc.py").read_text()
    assert set(levels(*apart)) <= {"merge", "symbol"}
    assert second.bash("true").quiet
    assert log() == ""


def test_nested_repositories_are_two(project: Path, client: MakeClient):
    inner = project / "vendor" / "sums"
    inner.mkdir(parents=True)
    git(inner, "init", "--quiet")
    (inner / "calc.py").write_text(CALC)
    outer_client, inner_client = client(), client(folder=inner)
    outer_client.start()
    inner_client.start()
    outer_client.edit(project / "calc.py", "a + b", "b + a")
    inner_client.edit(inner / "calc.py", "a + b", "sum((a, b))")
    assert conflicts(outer_client, inner_client) == []
    outer_client.edit(inner / "calc.py", "sum((a, b))", "a + b + 0")
    assert [conflict.symbols for conflict in conflicts(outer_client, inner_client)] == [("add",)]


def test_a_sparse_checkout_misses_nothing_and_invents_nothing(apart: tuple[Client, Client]):
    first, second = apart
    (first.folder / "lib").mkdir()
    (first.folder / "lib" / "far.py").write_text(CALC)
    git(first.folder, "add", "--all")
    commit(first.folder, "far")
    git(second.folder, "merge", "--quiet", "main")
    git(second.folder, "sparse-checkout", "set", "--cone")
    assert not (second.folder / "lib").exists()
    first.edit(first.folder / "lib" / "far.py", "a + b", "b + a")
    clash(*apart)
    assert [(each.path, each.level) for each in conflicts(*apart)] == [("calc.py", "merge")]
    assert second.bash("true").quiet
    assert [touch.path for touch in second.touches] == ["calc.py"]


def test_branches_without_a_common_commit_conflict_in_the_files_that_both_touched(
    project: Path, tmp_path: Path, client: MakeClient
):
    strange = tmp_path / "strange"
    git(project, "worktree", "add", "--quiet", "--detach", str(strange))
    git(strange, "checkout", "--quiet", "--orphan", "strange")
    commit(strange, "a second root")
    first, second = client(), client(folder=strange)
    first.start()
    second.start()
    clash(first, second)
    assert levels(first, second) == ["symbol"]


def test_a_use_of_what_another_changed_in_the_same_checkout_is_reported_to_both(project: Path, client: MakeClient):
    (project / "main.py").write_text("from calc import add\n\n\ndef main():\n    return add(1, 2)\n")
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message=main")
    first, second = client(), client()
    first.start()
    second.start()
    first.edit(project / "calc.py", "def add(a, b):", "def add(a, b, c):")
    second.edit(project / "main.py", "add(1, 2)", "add(3, 4)")
    assert levels(first, second) == ["dependency"]
    for each in (first, second):
        context = each.batch().context
        assert "`add`" in context
        assert "`main` in main.py, line 5" in context


def test_without_a_repository_a_command_is_attributed_to_nobody(project: Path, client: MakeClient):
    someone = client()
    someone.start()
    shutil.rmtree(project / ".git" / "objects")
    someone.bash("sed -i 's/a + b/b + a/' calc.py")
    assert someone.touches == []
    assert log() == ""


def test_what_two_commands_at_once_may_have_written_is_shared(project: Path, client: MakeClient):
    busy = subprocess.Popen(["sh", "-c", "read go; sleep 600 & wait"], stdin=subprocess.PIPE)
    assert busy.stdin
    first, second = client(), client(process=busy)
    first.start()
    second.start()
    first.edit(project / "calc.py", "a - b", "b - a")
    second.edit(project / "calc.py", "b - a", "a - b")
    for each in (first, second):
        each.event("PreToolUse", tool_name="Bash", tool_use_id="toolu_1", tool_input={"command": "make"})
    with busy.stdin as said:
        said.write(b"go\n")
    command = found_child(busy.pid)
    try:
        first.bash("sed -i 's/a + b/b + a/' calc.py")
    finally:
        os.kill(command, signal.SIGKILL)
    assert [(touch.tool, touch.attribution) for touch in first.touches] == [("Edit", "sole"), ("Bash", "shared")]
    assert [touch.tool for touch in second.touches] == ["Edit"]


def found_child(pid: int) -> int:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        context = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True).stdout
        if context:
            return int(context.split()[0])
        time.sleep(0.01)
    raise AssertionError("the command does not run")
