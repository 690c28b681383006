"""What was settled and is there again: by `git stash pop`, `git reset` and the like."""

import subprocess
import time
from pathlib import Path

import pytest

from context_sync.state import touches
from context_sync.touches import settlement
from tests.rehearse import Client, git
from tests.scenes import attempt, bash, open_names


@pytest.mark.parametrize(
    ("away", "back"),
    [
        pytest.param("git stash -q", "git stash pop -q", id="a stash that is popped"),
        pytest.param("git commit -qam wip", "git reset -q HEAD~1", id="a commit that is taken back"),
    ],
)
@pytest.mark.parametrize("who", ["the session", "another session", "the user"])
def test_what_is_there_again_is_held_and_reported(
    two: tuple[Client, Client], project: Path, away: str, back: str, who: str
):
    first, second = two
    calc = project / "calc.py"
    first.edit(calc, "a + b", "b + a")
    for command in (away, back):
        if who == "the user":
            subprocess.run(["bash", "-c", command], cwd=project, check=True)
        else:
            bash(first if who == "the session" else second, command)
    assert b'"deny"' in attempt(second, calc, "b + a", "sum((a, b))").output
    second.edit(calc, "b + a", "sum((a, b))")
    assert "`add`" in first.prompt().context


def test_a_deletion_that_is_there_again_is_its_session_s(two: tuple[Client, Client]):
    first, second = two
    bash(first, "rm calc.py")
    bash(second, "git stash -q")
    assert not open_names(first)
    bash(second, "git stash pop -q")
    assert open_names(first) == {"add", "sub"}
    assert not second.touches


def test_what_two_sessions_did_is_there_again(third: Client, two: tuple[Client, Client], project: Path):
    first, second = two
    calc = project / "calc.py"
    first.edit(calc, "a + b", "b + a")
    second.edit(calc, "a - b", "0 - b + a")
    bash(third, "git stash -q")
    assert not open_names(first) | open_names(second)
    for _ in range(3):
        bash(third, "git stash pop -q")
        assert (open_names(first), open_names(second)) == ({"add"}, {"sub"})
        bash(third, "git stash -q")
        assert not open_names(first) | open_names(second)
    assert len(touches.read(first.session).touches) <= 4


def test_what_a_session_took_back_is_not_there_again_when_another_goes_on(
    two: tuple[Client, Client], third: Client, project: Path
):
    first, second = two
    calc = project / "calc.py"
    second.edit(calc, "a - b", "0 - b + a")
    first.edit(calc, "a + b", "sum((a, b))")
    first.edit(calc, "sum((a, b))", "a + b")
    assert attempt(third, calc, "a + b", "0").quiet
    assert not open_names(first)


def test_a_conflict_that_is_there_again_is_reported(two: tuple[Client, Client], third: Client, project: Path):
    first, second = two
    first.edit(project / "calc.py", "a + b", "b + a")
    second.edit(project / "calc.py", "b + a", "sum((a, b))")
    bash(third, "git stash -q")
    assert [each.prompt().context.count("is working on the same code") for each in two] == [0, 0]
    bash(third, "git stash pop -q")
    assert ["`add`" in each.prompt().context for each in two] == [True, True]


def test_what_was_stashed_before_is_not_there_again_as_the_user_resolves_what_came_after(
    two: tuple[Client, Client], project: Path
):
    first, second = two
    first.edit(project / "calc.py", "a + b", "b + a")
    bash(second, "git stash -q")
    first.edit(project / "calc.py", "a + b", "b + a")
    settlement.resolve(touches.read(first.session).touches[0].repository, None, time.time())
    bash(second, "true")
    assert not open_names(first)
    assert attempt(second, project / "calc.py", "b + a", "sum((a, b))").quiet


def test_what_is_there_again_is_noted_once(two: tuple[Client, Client], project: Path):
    first, second = two
    first.edit(project / "calc.py", "a + b", "b + a")
    for command in ("git stash -q", "git stash pop -q"):
        bash(second, command)
    noted = len(touches.read(first.session).touches)
    for _ in range(3):
        attempt(second, project / "calc.py", "b + a", "0")
    assert len(touches.read(first.session).touches) == noted


def test_what_was_committed_does_not_come_back_with_the_same_text(two: tuple[Client, Client], project: Path):
    first, second = two
    calc = project / "calc.py"
    first.edit(calc, "a + b", "b + a")
    git(project, "commit", "--quiet", "--all", "--message=one")
    assert attempt(second, calc, "b + a", "sum((a, b))").quiet
    second.edit(calc, "b + a", "sum((a, b))")
    git(project, "commit", "--quiet", "--all", "--message=two")
    assert attempt(second, calc, "a - b", "b").quiet
    second.edit(calc, "sum((a, b))", "b + a")  # the text that `first` left, and not HEAD's
    assert first.prompt().context == ""
    assert not open_names(first)


def test_who_came_to_the_text_of_another_s_stashed_work_holds_it_alone(
    two: tuple[Client, Client], third: Client, project: Path
):
    first, second = two
    calc = project / "calc.py"
    first.edit(calc, "a + b", "b + a")
    bash(second, "git stash -q")
    second.edit(calc, "a + b", "b + a")
    assert b'session "second"' in attempt(third, calc, "b + a", "0").output.replace(b'\\"', b'"')
    assert attempt(third, calc, "b + a", "0").quiet
