"""What is over by git: committed, merged or taken back, in scenes of two or three sessions."""

import time
from pathlib import Path

from context_sync.git import checkouts
from context_sync.touches import settlement
from tests.rehearse import Client, git
from tests.scenes import attempt, bash, open_names


def test_another_s_part_of_a_file_is_committed(two: tuple[Client, Client], third: Client, project: Path):
    first, second = two
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


def test_what_the_user_took_back_is_not_held_against_its_session(two: tuple[Client, Client], project: Path):
    first, second = two
    first.edit(project / "calc.py", "a + b", "b + a")
    git(project, "checkout", "--", "calc.py")
    second.edit(project / "calc.py", "a - b", "b - a")
    assert first.prompt().context == ""


def test_what_a_session_took_back_before_it_went_on_elsewhere_is_not_held(two: tuple[Client, Client], project: Path):
    first, second = two
    calc = project / "calc.py"
    first.edit(calc, "a - b", "0 - b + a")
    first.edit(calc, "a + b", "b + a")
    first.edit(calc, "b + a", "a + b")
    assert open_names(first) == {"sub"}
    assert attempt(second, calc, "a + b", "0").quiet
    assert b'"deny"' in attempt(second, calc, "0 - b + a", "0").output


def test_what_another_s_edit_took_back_is_reported_once_to_its_session(two: tuple[Client, Client], project: Path):
    first, second = two
    calc = project / "calc.py"
    new = "def new(a):\n    return a\n\n\n"
    first.edit(calc, "def sub", f"{new}def sub")
    first.edit(calc, "a - b", "b - a")
    assert b"`new`" in attempt(second, calc, new, "").output
    second.edit(calc, new, "")
    assert [each.batch().context for each in (second, second)] == ["", ""]
    assert "`new`" in first.prompt().context
    assert first.prompt().context == ""


def test_what_another_s_edit_took_back_is_reported_when_it_goes_on_there(two: tuple[Client, Client], project: Path):
    first, second = two
    calc = project / "calc.py"
    first.edit(calc, "a + b", "b + a")
    second.edit(calc, "a - b", "0 - b + a")
    second.edit(calc, "b + a\n\n", "a + b\n\n")
    second.edit(calc, "0 - b + a", "a - b - 0")
    assert "`add`" in first.prompt().context


def test_what_is_merged_is_not_held_where_the_other_goes_on_elsewhere_in_the_file(
    apart: tuple[Client, Client], project: Path
):
    here, there = apart
    there.edit(there.folder / "calc.py", "a + b", "b + a")
    bash(there, "git commit -qam add")
    bash(here, "git merge -q feature")
    there.edit(there.folder / "calc.py", "a - b", "0 - b + a")
    assert attempt(here, project / "calc.py", "b + a", "0").quiet


def test_what_the_user_resolved_while_it_was_stashed_stays_resolved(
    apart: tuple[Client, Client],
):
    here, there = apart
    here.edit(here.folder / "calc.py", "a + b", "b + a")
    bash(here, "git stash -q")
    place = checkouts.checkout_of(str(here.folder))
    assert place
    assert settlement.resolve(place.repository, {"calc.py"}, time.time()) == {"calc.py"}
    bash(here, "git stash pop -q")
    there.edit(there.folder / "calc.py", "a + b", "sum((a, b))")
    assert there.prompt().context == ""
