"""What counts as settled, and what is there again: by git, in scenes of two or three sessions."""

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from context_sync.state import touches
from tests.rehearse import Client, Heard, git, tool_use

MakeClient = Callable[..., Client]

INSTANT = 0.15  # seconds that the client's clock and a file's may be apart


@pytest.fixture
def two(client: MakeClient) -> tuple[Client, Client]:
    first, second = client(), client()
    first.start(session_title="first")
    second.start(session_title="second")
    return first, second


@pytest.fixture
def apart(client: MakeClient, project: Path) -> tuple[Client, Client]:
    """Two sessions, the second in a worktree of its own."""
    tree = project.parent / "tree"
    git(project, "worktree", "add", "--quiet", "-b", "other", str(tree))
    first, second = client(), client(tree)
    first.start(session_title="first")
    second.start(session_title="second")
    return first, second


def attempt(who: Client, path: Path, old: str, new: str) -> Heard:
    return who.event(
        "PreToolUse",
        tool_name="Edit",
        tool_use_id=tool_use(),
        tool_input={"file_path": str(path), "old_string": old, "new_string": new},
    )


def bash(who: Client, command: str) -> None:
    time.sleep(INSTANT)
    who.event("PreToolUse", tool_name="Bash", tool_use_id=tool_use(), tool_input={"command": command})
    who.bash(command)


def named(who: Client) -> set[str]:
    """The definitions of the last touch."""
    return {symbol.name for symbol in who.touches[-1].symbols}


def open_names(who: Client) -> set[str]:
    history = touches.read(who.session)
    return {each.name for touch in history.touches if not history.is_settled(touch) for each in touch.symbols}


@pytest.mark.parametrize(
    ("away", "back"),
    [
        pytest.param("git stash -q", "git stash pop -q", id="a stash that is popped"),
        pytest.param("git commit -qam wip", "git reset -q HEAD~1", id="a commit that is taken back"),
    ],
)
@pytest.mark.parametrize("who", ["the session", "another session", "a person"])
def test_what_is_there_again_is_held_and_told(
    two: tuple[Client, Client], project: Path, away: str, back: str, who: str
):
    first, second = two
    calc = project / "calc.py"
    first.edit(calc, "a + b", "b + a")
    for command in (away, back):
        if who == "a person":
            subprocess.run(["bash", "-c", command], cwd=project, check=True)
        else:
            bash(first if who == "the session" else second, command)
    assert b'"deny"' in attempt(second, calc, "b + a", "sum((a, b))").output
    second.edit(calc, "b + a", "sum((a, b))")
    assert "`add`" in first.prompt().told


def test_a_deletion_that_is_there_again_is_its_session_s(two: tuple[Client, Client]):
    first, second = two
    bash(first, "rm calc.py")
    bash(second, "git stash -q")
    assert not open_names(first)
    bash(second, "git stash pop -q")
    assert open_names(first) == {"add", "sub"}
    assert not second.touches


def test_what_two_sessions_did_is_there_again(client: MakeClient, two: tuple[Client, Client], project: Path):
    first, second = two
    third = client()
    third.start()
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


def test_another_s_part_of_a_file_is_committed(two: tuple[Client, Client], client: MakeClient, project: Path):
    first, second = two
    third = client()
    third.start()
    calc = project / "calc.py"
    first.edit(calc, "a + b", "b + a")
    second.edit(calc, "a - b", "0 - b + a")
    time.sleep(1.1)  # a commit's time is a whole second
    hunks = git(project, "diff", "-U0", "--", "calc.py").split("@@ -")
    (project / "part.diff").write_text(hunks[0] + "@@ -" + hunks[2])
    bash(second, "git apply --cached --unidiff-zero part.diff && rm part.diff && git commit -qm part")
    assert b'"deny"' in attempt(third, calc, "b + a", "sum((a, b))").output
    assert attempt(third, calc, "0 - b + a", "a - b").quiet


def test_a_pull_with_newer_commits_leaves_what_is_not_committed(
    two: tuple[Client, Client], project: Path, tmp_path: Path
):
    first, second = two
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", str(project), str(clone))
    first.edit(project / "calc.py", "a + b", "b + a")
    time.sleep(1.1)  # as above
    theirs = clone / "calc.py"
    theirs.write_text(theirs.read_text().replace("a - b", "0 - b + a"))
    git(clone, "commit", "--quiet", "--all", "--message=newer")
    bash(second, f"git pull -q --rebase --autostash {clone} main")
    assert b'"deny"' in attempt(second, project / "calc.py", "b + a", "sum((a, b))").output


def test_what_a_person_took_back_is_not_held_against_its_session(two: tuple[Client, Client], project: Path):
    first, second = two
    first.edit(project / "calc.py", "a + b", "b + a")
    git(project, "checkout", "--", "calc.py")
    second.edit(project / "calc.py", "a - b", "b - a")
    assert first.prompt().told == ""


def test_what_a_session_took_back_before_it_went_on_elsewhere_is_not_held(two: tuple[Client, Client], project: Path):
    first, second = two
    calc = project / "calc.py"
    first.edit(calc, "a - b", "0 - b + a")
    first.edit(calc, "a + b", "b + a")
    first.edit(calc, "b + a", "a + b")
    assert open_names(first) == {"sub"}
    assert attempt(second, calc, "a + b", "0").quiet
    assert b'"deny"' in attempt(second, calc, "0 - b + a", "0").output


def test_what_another_s_edit_took_back_is_told_once_and_only_to_its_session(two: tuple[Client, Client], project: Path):
    first, second = two
    calc = project / "calc.py"
    new = "def new(a):\n    return a\n\n\n"
    first.edit(calc, "def sub", f"{new}def sub")
    first.edit(calc, "a - b", "b - a")
    assert b"`new`" in attempt(second, calc, new, "").output
    second.edit(calc, new, "")
    assert [each.batch().told for each in (second, second)] == ["", ""]
    assert "`new`" in first.prompt().told
    assert first.prompt().told == ""


def test_what_another_s_edit_took_back_is_told_also_when_it_goes_on_there(two: tuple[Client, Client], project: Path):
    first, second = two
    calc = project / "calc.py"
    first.edit(calc, "a + b", "b + a")
    second.edit(calc, "a - b", "0 - b + a")
    second.edit(calc, "b + a\n\n", "a + b\n\n")
    second.edit(calc, "0 - b + a", "a - b - 0")
    assert "`add`" in first.prompt().told


def test_what_a_session_took_back_is_not_there_again_when_another_goes_on(
    two: tuple[Client, Client], client: MakeClient, project: Path
):
    first, second = two
    third = client()
    third.start()
    calc = project / "calc.py"
    second.edit(calc, "a - b", "0 - b + a")
    first.edit(calc, "a + b", "sum((a, b))")
    first.edit(calc, "sum((a, b))", "a + b")
    assert attempt(third, calc, "a + b", "0").quiet
    assert not open_names(first)


def test_a_collision_that_is_there_again_is_told(two: tuple[Client, Client], client: MakeClient, project: Path):
    first, second = two
    third = client()
    third.start(session_title="third")
    first.edit(project / "calc.py", "a + b", "b + a")
    second.edit(project / "calc.py", "b + a", "sum((a, b))")
    bash(third, "git stash -q")
    assert [each.prompt().told.count("works on the same code") for each in two] == [0, 0]
    bash(third, "git stash pop -q")
    assert ["`add`" in each.prompt().told for each in two] == [True, True]


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
    assert first.prompt().told == ""
    assert not open_names(first)


def test_what_is_merged_is_not_held_where_the_other_goes_on_elsewhere_in_the_file(
    apart: tuple[Client, Client], project: Path
):
    here, there = apart
    there.edit(there.folder / "calc.py", "a + b", "b + a")
    bash(there, "git commit -qam add")
    bash(here, "git merge -q other")
    there.edit(there.folder / "calc.py", "a - b", "0 - b + a")
    assert attempt(here, project / "calc.py", "b + a", "0").quiet


def test_what_was_stashed_in_a_worktree_is_not_told_as_its_session_s(
    apart: tuple[Client, Client], client: MakeClient, project: Path
):
    here, there = apart
    third = client(there.folder)
    third.start(session_title="third")
    third.edit(there.folder / "calc.py", "a + b", "b + a")
    bash(third, "git stash -q")
    there.edit(there.folder / "calc.py", "a - b", "0 - b + a")
    here.edit(project / "calc.py", "a - b", "1 - b + a")
    told = here.prompt().told
    assert '"second"' in told
    assert '"third"' not in told


def test_ignored_files_of_two_worktrees_never_merge(apart: tuple[Client, Client]):
    for port, each in enumerate(apart):
        git(each.folder, "config", "core.excludesFile", str(each.folder / "excluded"))
        (each.folder / "excluded").write_text(".env.py\nexcluded\n")
        (each.folder / ".env.py").write_text("def port():\n    return 8\n")
        each.edit(each.folder / ".env.py", "return 8", f"return {port}")
    assert attempt(apart[1], apart[1].folder / ".env.py", "return 1", "return 3").quiet
    assert [each.batch().told for each in apart] == ["", ""]


def test_an_ignored_file_that_two_sessions_share_collides(two: tuple[Client, Client], project: Path):
    (project / ".git" / "info" / "exclude").write_text(".env.py\n")
    (project / ".env.py").write_text("def port():\n    return 8\n")
    for number, each in enumerate(two):
        each.edit(project / ".env.py", f"return {8 + number}", f"return {9 + number}")
    assert "`port`" in two[0].batch().told


def test_after_a_merge_a_new_collision_is_new(apart: tuple[Client, Client], monkeypatch: pytest.MonkeyPatch):
    here, there = apart
    here.edit(here.folder / "calc.py", "a + b", "b + a")
    there.edit(there.folder / "calc.py", "a + b", "sum((a, b))")
    assert all("`add`" in each.batch().told for each in apart)
    monkeypatch.setenv("GIT_COMMITTER_DATE", f"@{int(time.time()) + 1} +0000")  # a commit's time is a whole second
    for each in (there, here):
        git(each.folder, "commit", "--quiet", "--all", "--message=mine")
    git(here.folder, "merge", "--quiet", "-X", "ours", "other", "--message=merged")
    git(there.folder, "merge", "--quiet", "main")
    time.sleep(2)
    here.edit(here.folder / "calc.py", "b + a", "b + a + 1")
    there.edit(there.folder / "calc.py", "b + a", "b + a + 2")
    assert "`add`" in here.batch().told


def test_what_the_guard_said_is_not_said_again(apart: tuple[Client, Client], project: Path):
    here, there = apart
    calc = there.folder / "calc.py"
    there.edit(calc, "return a + b\n\n\ndef sub(a, b):\n", "return b + a\n\n\ndef sub(a, b):\n    pass\n")
    there.edit(calc, "    pass\n    return a - b", "    pass\n    return b - a")
    here.edit(project / "calc.py", "a - b", "a - b - 0")
    assert b"`add`, `sub`" in attempt(here, project / "calc.py", "a + b", "0").output
    here.edit(project / "calc.py", "a + b", "0")
    assert here.prompt().told == ""


def test_what_the_guard_said_is_not_said_again_as_something_weaker(apart: tuple[Client, Client], project: Path):
    here, there = apart
    here.edit(project / "calc.py", "def add", "def new(a):\n    return a\n\n\ndef add")
    there.edit(there.folder / "calc.py", "a - b", "b - a")
    there.edit(there.folder / "calc.py", "a + b", "b + a")
    here.edit(project / "calc.py", "return a\n", "return a + 0\n")
    assert b"`sub`" in attempt(here, project / "calc.py", "a - b", "0").output
    assert here.prompt().told == ""


def test_an_edit_that_takes_another_s_work_away_is_told(two: tuple[Client, Client], project: Path):
    first, second = two
    first.edit(project / "calc.py", "a + b", "b + a")
    second.edit(project / "calc.py", "b + a", "a + b")
    assert "took away uncommitted changes" in first.prompt().told
    assert first.prompt().told == ""


def test_a_link_is_no_way_around_the_guard(two: tuple[Client, Client], project: Path):
    first, second = two
    os.symlink("calc.py", project / "alias.py")
    first.edit(project / "calc.py", "a + b", "b + a")
    assert b'"deny"' in attempt(second, project / "alias.py", "b + a", "0").output


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
    assert first.touches == []
    first.end()
    second.edit(project / "calc.py", "a + b", "b + a")
    assert second.touches


@pytest.mark.parametrize("state", ["asks its person", "was denied", "was refused"])
def test_a_command_is_laid_to_its_session_while_another_only_wants_to(
    two: tuple[Client, Client], project: Path, state: str
):
    first, second = two
    second.edit(project / "calc.py", "a - b", "b - a")
    first.edit(project / "calc.py", "a + b", "b + a")
    if state == "asks its person":
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


def test_what_a_command_commits_of_another_session_is_not_laid_to_it(two: tuple[Client, Client], project: Path):
    first, second = two
    first.edit(project / "calc.py", "a + b", "b + a")
    bash(second, "sed -i 's/a - b/a - b - 0/' calc.py && git commit -qam both")
    assert named(second) == {"sub"}


def test_a_file_that_is_deleted_takes_along_what_was_added(two: tuple[Client, Client], project: Path):
    first, second = two
    first.edit(project / "calc.py", "def sub", "def new(a):\n    return a\n\n\ndef sub")
    bash(second, "rm calc.py")
    assert named(second) == {"add", "new", "sub"}


@pytest.mark.parametrize("who", ["its session", "a person"])
def test_what_was_stashed_is_not_laid_to_the_next_command(two: tuple[Client, Client], project: Path, who: str):
    first, second = two
    first.edit(project / "calc.py", "a + b", "b + a")
    if who == "a person":
        git(project, "stash", "--quiet")
    else:
        bash(first, "git stash -q")
    bash(second, "sed -i 's/a - b/a - b - 0/' calc.py")
    assert named(second) == {"sub"}


def test_a_loss_is_told_also_when_the_same_command_writes_another_file(two: tuple[Client, Client], project: Path):
    first, second = two
    first.edit(project / "calc.py", "a + b", "b + a")
    bash(
        second,
        "git checkout -q -- calc.py && printf 'from calc import add\n\n\ndef more(a):\n    add(a, a)\n' >more.py",
    )
    assert "took away uncommitted changes" in first.prompt().told


def test_a_command_that_leaves_the_file_as_an_earlier_edit_did_is_seen(
    two: tuple[Client, Client], client: MakeClient, project: Path
):
    first, second = two
    third = client()
    third.start(session_title="third")
    first.edit(project / "calc.py", "a + b", "b + a")
    second.edit(project / "calc.py", "a - b", "a - b - 0")
    bash(third, "sed -i 's/a - b - 0/a - b/' calc.py")
    assert '"third"' in second.prompt().told


def test_what_was_known_before_a_file_was_taken_back_is_forgotten(two: tuple[Client, Client], project: Path):
    first, _ = two
    first.edit(project / "calc.py", "def add", "def plus")
    bash(first, "git checkout -q -- calc.py")
    bash(first, "sed -i 's/def add/def sum/' calc.py")
    assert named(first) == {"add", "sum"}


def test_what_takes_too_long_to_compare_is_told_by_file(apart: tuple[Client, Client]):
    text = "".join(f"def function{number}(a):\n    return a + {number}\n\n\n" for number in range(6_000))
    for each in apart:
        (each.folder / "many.py").write_text(text)
        git(each.folder, "add", "many.py")
        git(each.folder, "commit", "--quiet", "--message=many")
    git(apart[0].folder, "merge", "--quiet", "-X", "ours", "other", "--message=merged")
    git(apart[1].folder, "merge", "--quiet", "main")
    for number, each in enumerate(apart):
        bash(each, f"sed -i 's/a + /{number} + a + /' many.py")
        each.edit(each.folder / "calc.py", "a + b", f"b + a + {number}")
    told = apart[0].batch().told
    assert "many.py" in told
    assert "`add`" in told


def test_a_file_too_large_to_compare_is_told(apart: tuple[Client, Client]):
    for number, each in enumerate(apart):
        (each.folder / "large.txt").write_text(f"{number}\n" * 10_000_000)
        bash(each, f"sed -i '1s/.*/{number} changed/' large.txt")
    assert "large.txt" in apart[0].batch().told


def test_who_came_to_the_text_of_another_s_stashed_work_holds_it_alone(
    two: tuple[Client, Client], client: MakeClient, project: Path
):
    first, second = two
    third = client()
    third.start()
    calc = project / "calc.py"
    first.edit(calc, "a + b", "b + a")
    bash(second, "git stash -q")
    second.edit(calc, "a + b", "b + a")
    assert b'session "second"' in attempt(third, calc, "b + a", "0").output.replace(b'\\"', b'"')
    assert attempt(third, calc, "b + a", "0").quiet
