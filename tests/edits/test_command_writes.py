"""What commands wrote, and which session it is attributed to."""

from pathlib import Path

import pytest

from tests.rehearse import Client, git
from tests.scenes import attempt, bash, named


@pytest.mark.parametrize(
    ("made", "path"),
    [
        pytest.param("git init -q vendor/lib && touch vendor/lib/f", "vendor/lib/", id="a repository"),
        pytest.param("git worktree add -q .claude/worktrees/x -b x", ".claude/worktrees/x/", id="a worktree"),
    ],
)
def test_what_is_made_inside_a_repository_is_none_of_its_files(
    two: tuple[Client, Client], project: Path, made: str, path: str
):
    first, second = two
    bash(first, made)
    assert (project / path).is_dir()
    assert [touch for touch in first.touches if touch.worktree == str(project)] == []
    first.end()
    second.edit(project / "calc.py", "a + b", "b + a")
    assert second.touches


@pytest.mark.parametrize("state", ["awaits permission", "was denied", "was refused"])
def test_a_command_is_attributed_to_its_session_while_another_only_wants_to(
    two: tuple[Client, Client], project: Path, state: str
):
    first, second = two
    second.edit(project / "calc.py", "a - b", "b - a")
    first.edit(project / "calc.py", "a + b", "b + a")
    if state == "awaits permission":
        second.event("PreToolUse", tool_name="Bash", tool_use_id="x", tool_input={"command": "rm -rf build"})
    else:
        attempt(second, project / "calc.py", "b + a" if state == "was denied" else "b - a", "0")
    if state == "was refused":
        second.batch()
        second.stop()
    bash(first, "sed -i 's/b - a/b - a - 0/' calc.py")
    assert named(first) == {"sub"}


def test_the_second_write_of_a_new_file_is_of_what_it_changed(two: tuple[Client, Client]):
    first, second = two
    bash(first, "mv calc.py moved.py")
    bash(second, "sed -i 's/a - b/a - b - 0/' moved.py")
    assert named(second) == {"sub"}


def test_what_a_command_commits_of_another_session_is_not_attributed_to_it(two: tuple[Client, Client], project: Path):
    first, second = two
    first.edit(project / "calc.py", "a + b", "b + a")
    bash(second, "sed -i 's/a - b/a - b - 0/' calc.py && git commit -qam both")
    assert named(second) == {"sub"}


def test_a_file_that_is_deleted_takes_along_what_was_added(two: tuple[Client, Client], project: Path):
    first, second = two
    first.edit(project / "calc.py", "def sub", "def new(a):\n    return a\n\n\ndef sub")
    bash(second, "rm calc.py")
    assert named(second) == {"add", "new", "sub"}


@pytest.mark.parametrize("who", ["its session", "the user"])
def test_what_was_stashed_is_not_attributed_to_the_next_command(two: tuple[Client, Client], project: Path, who: str):
    first, second = two
    first.edit(project / "calc.py", "a + b", "b + a")
    if who == "the user":
        git(project, "stash", "--quiet")
    else:
        bash(first, "git stash -q")
    bash(second, "sed -i 's/a - b/a - b - 0/' calc.py")
    assert named(second) == {"sub"}


def test_a_command_that_leaves_the_file_as_an_earlier_edit_did_is_seen(
    two: tuple[Client, Client], third: Client, project: Path
):
    first, second = two
    first.edit(project / "calc.py", "a + b", "b + a")
    second.edit(project / "calc.py", "a - b", "a - b - 0")
    bash(third, "sed -i 's/a - b - 0/a - b/' calc.py")
    assert '"third"' in second.prompt().context


def test_what_was_known_before_a_file_was_taken_back_is_forgotten(two: tuple[Client, Client], project: Path):
    first, _ = two
    first.edit(project / "calc.py", "def add", "def plus")
    bash(first, "git checkout -q -- calc.py")
    bash(first, "sed -i 's/def add/def sum/' calc.py")
    assert named(first) == {"add", "sum"}


def test_what_was_known_of_a_session_that_is_gone_is_not_attributed_to_the_next_command(two: tuple[Client, Client]):
    first, second = two
    bash(second, "rm calc.py")
    bash(first, "git stash -q")
    bash(first, "mv calc.py moved.py")
    second.kill()
    bash(first, "mv moved.py again.py")
    assert {touch.path for touch in first.touches} == {"moved.py", "again.py"}


def test_a_file_that_is_deleted_takes_along_what_a_stash_had_brought_back(two: tuple[Client, Client]):
    first, second = two
    bash(first, "sed -i '/def sub/,$d' calc.py")
    first.end()
    bash(second, "git stash -q")
    bash(second, "rm calc.py")
    assert named(second) == {"add", "sub"}


def test_of_what_is_there_again_only_what_is_written_again_is_attributed_to_the_next(
    two: tuple[Client, Client], project: Path
):
    first, second = two
    first.edit(project / "calc.py", "def add(a, b):\n    return a", "def plus(a, b):\n    return a")
    bash(first, "git stash -q")
    bash(first, "git stash pop -q")
    bash(second, "sed -i 's/a + b/a + b + 0/' calc.py")
    assert named(second) == {"plus"}
