"""Repositories in unusual states: nothing is told that is not true, and nothing breaks."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from context_sync.awareness import detection
from context_sync.conflicts import Conflict
from context_sync.state import sessions
from tests.rehearse import CALC, Client, git, log

MakeClient = Callable[..., Client]


def conflicts(one: Client, other: Client) -> list[Conflict]:
    mine, theirs = sessions.load(one.session), sessions.load(other.session)
    assert mine
    assert theirs
    return detection.between(mine, theirs)


@pytest.fixture
def pair(project: Path, tmp_path: Path, client: MakeClient) -> tuple[Client, Client]:
    """Two sessions, the second in a worktree of its own."""
    other = tmp_path / "other"
    git(project, "worktree", "add", "--quiet", "-b", "other", str(other))
    first, second = client(), client(folder=other)
    first.start()
    second.start()
    return first, second


def clash(first: Client, second: Client) -> None:
    first.edit(first.folder / "calc.py", "a + b", "b + a")
    second.edit(second.folder / "calc.py", "a + b", "sum((a, b))")


def levels(first: Client, second: Client) -> list[str]:
    return [conflict.level for conflict in conflicts(first, second)]


def commit(folder: Path, message: str) -> None:
    git(folder, "commit", "--quiet", "--all", f"--message={message}")


def test_a_worktree_deleted_under_a_live_session_holds_nothing(pair: tuple[Client, Client]):
    clash(*pair)
    assert levels(*pair) == ["merge"]
    shutil.rmtree(pair[1].folder)
    assert levels(*pair) == []
    assert pair[0].prompt().told == ""


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
    pair: tuple[Client, Client], action: Callable[[Client, Client], object], left: list[str]
):
    clash(*pair)
    action(*pair)
    assert levels(*pair) == left


@pytest.mark.parametrize("way", ["merge", "rebase", "cherry-pick", "squash"])
def test_a_change_that_is_present_on_the_other_side_ends_it(pair: tuple[Client, Client], way: str):
    first, second = pair
    first.edit(first.folder / "calc.py", "a + b", "b + a")
    commit(first.folder, "turned")
    second.edit(second.folder / "calc.py", "a - b", "-b + a")
    commit(second.folder, "turned, too")
    assert levels(*pair) == ["file"]
    match way:
        case "merge":
            git(second.folder, "merge", "--quiet", "main")
        case "rebase":
            git(second.folder, "rebase", "--quiet", "main")
        case "cherry-pick":
            git(second.folder, "cherry-pick", "main")
        case "squash":
            git(second.folder, "merge", "--quiet", "--squash", "main")
    assert levels(*pair) == []


@pytest.mark.parametrize("way", ["merge", "rebase"])
def test_in_the_middle_of_a_merge_or_a_rebase(pair: tuple[Client, Client], way: str):
    first, second = pair
    clash(*pair)
    commit(first.folder, "turned")
    commit(second.folder, "sum")
    stopped = subprocess.run(["git", way, "main"], cwd=second.folder, capture_output=True, check=False)
    assert stopped.returncode
    assert "<<<<<<<" in (second.folder / "calc.py").read_text()
    assert set(levels(*pair)) <= {"merge", "symbol"}
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


def test_a_sparse_checkout_misses_nothing_and_invents_nothing(pair: tuple[Client, Client]):
    first, second = pair
    (first.folder / "lib").mkdir()
    (first.folder / "lib" / "far.py").write_text(CALC)
    git(first.folder, "add", "--all")
    commit(first.folder, "far")
    git(second.folder, "merge", "--quiet", "main")
    git(second.folder, "sparse-checkout", "set", "--cone")
    assert not (second.folder / "lib").exists()
    first.edit(first.folder / "lib" / "far.py", "a + b", "b + a")
    clash(*pair)
    assert [(each.path, each.level) for each in conflicts(*pair)] == [("calc.py", "merge")]
    assert second.bash("true").quiet
    assert [touch.path for touch in second.touches] == ["calc.py"]
