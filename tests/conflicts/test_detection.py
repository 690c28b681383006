"""What conflicts where git and the touches say different things."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.rehearse import Client, git
from tests.scenes import attempt, bash

MakeClient = Callable[..., Client]


def test_what_was_stashed_in_a_worktree_is_not_reported_as_its_session_s(
    apart: tuple[Client, Client], client: MakeClient, project: Path
):
    here, there = apart
    third = client(there.folder)
    third.start(session_title="third")
    third.edit(there.folder / "calc.py", "a + b", "b + a")
    bash(third, "git stash -q")
    there.edit(there.folder / "calc.py", "a - b", "0 - b + a")
    here.edit(project / "calc.py", "a - b", "1 - b + a")
    context = here.prompt().context
    assert '"there"' in context
    assert '"third"' not in context


def test_whose_change_is_merged_is_not_named_for_what_another_did_there_since(
    apart: tuple[Client, Client], client: MakeClient, project: Path
):
    here, there = apart
    here.edit(project / "calc.py", "a + b", "b + a")
    bash(here, "git commit --quiet --all --message=mine")
    bash(there, "git merge --quiet main")
    third = client()
    third.start(session_title="third")
    third.edit(project / "calc.py", "b + a", "b + a + 1")
    denial = attempt(there, there.folder / "calc.py", "b + a", "b + a + 2").output
    assert b'session \\"third\\"' in denial
    assert b'session \\"here\\"' not in denial
    there.edit(there.folder / "calc.py", "b + a", "b + a + 2")
    context = there.prompt().context
    assert '"here"' not in context


def test_committed_work_that_was_not_merged_is_named(apart: tuple[Client, Client], project: Path):
    here, there = apart
    here.edit(project / "calc.py", "a + b", "b + a")
    bash(here, "git commit --quiet --all --message=mine")
    assert b'session \\"here\\"' in attempt(there, there.folder / "calc.py", "a + b", "b + a + 2").output


def test_a_file_that_was_moved_merges_with_a_change_of_it(apart: tuple[Client, Client], project: Path):
    here, there = apart
    bash(there, "mv calc.py sums.py")
    here.edit(project / "calc.py", "a + b", "b + a")
    context = there.prompt().context
    assert "would conflict" not in context
    there.edit(there.folder / "sums.py", "a + b", "sum((a, b))")
    assert "would conflict" in there.prompt().context + here.prompt().context


def test_an_edit_of_a_moved_file_conflicts_with_one_where_it_was(apart: tuple[Client, Client], project: Path):
    here, there = apart
    bash(there, "mv calc.py sums.py")
    here.edit(project / "calc.py", "a + b", "b + a")
    assert not any("would conflict" in each.prompt().context for each in apart)
    there.edit(there.folder / "sums.py", "a + b", "sum((a, b))")
    assert all("would conflict" in each.prompt().context for each in apart)


def test_what_is_added_to_a_moved_file_conflicts_with_what_is_added_where_it_was(
    apart: tuple[Client, Client], project: Path
):
    here, there = apart
    bash(there, "mv calc.py sums.py")
    end = "    return a - b\n"
    here.edit(project / "calc.py", end, f"{end}\n\ndef mul(a, b):\n    return a * b\n")
    assert not any("would conflict" in each.prompt().context for each in apart)
    there.edit(there.folder / "sums.py", end, f"{end}\n\ndef div(a, b):\n    return a / b\n")
    assert all("would conflict" in each.prompt().context for each in apart)


def test_ignored_files_of_two_worktrees_never_merge(apart: tuple[Client, Client]):
    for port, each in enumerate(apart):
        git(each.folder, "config", "core.excludesFile", str(each.folder / "excluded"))
        (each.folder / "excluded").write_text(".env.py\nexcluded\n")
        (each.folder / ".env.py").write_text("def port():\n    return 8\n")
        each.edit(each.folder / ".env.py", "return 8", f"return {port}")
    assert attempt(apart[1], apart[1].folder / ".env.py", "return 1", "return 3").quiet
    assert [each.batch().context for each in apart] == ["", ""]


def test_an_ignored_file_that_two_sessions_share_conflicts(two: tuple[Client, Client], project: Path):
    (project / ".git" / "info" / "exclude").write_text(".env.py\n")
    (project / ".env.py").write_text("def port():\n    return 8\n")
    for number, each in enumerate(two):
        each.edit(project / ".env.py", f"return {8 + number}", f"return {9 + number}")
    assert "`port`" in two[0].batch().context


def test_after_a_merge_a_new_conflict_is_new(apart: tuple[Client, Client], monkeypatch: pytest.MonkeyPatch):
    here, there = apart
    here.edit(here.folder / "calc.py", "a + b", "b + a")
    there.edit(there.folder / "calc.py", "a + b", "sum((a, b))")
    assert all("`add`" in each.batch().context for each in apart)
    monkeypatch.setenv("GIT_COMMITTER_DATE", f"@{int(time.time()) + 1} +0000")  # a commit's time is a whole second
    for each in (there, here):
        git(each.folder, "commit", "--quiet", "--all", "--message=mine")
    git(here.folder, "merge", "--quiet", "-X", "ours", "feature", "--message=merged")
    git(there.folder, "merge", "--quiet", "main")
    time.sleep(2)
    here.edit(here.folder / "calc.py", "b + a", "b + a + 1")
    there.edit(there.folder / "calc.py", "b + a", "b + a + 2")
    assert "`add`" in here.batch().context


def test_a_file_that_was_moved_merges_with_what_another_worktree_changed_in_it(apart: tuple[Client, Client]):
    here, there = apart
    bash(there, "mv calc.py moved.py")
    assert attempt(here, here.folder / "calc.py", "a + b", "b + a").quiet
    here.edit(here.folder / "calc.py", "a + b", "b + a")
    assert [each.batch().context.count("would conflict") for each in apart] == [0, 0]


def test_a_file_that_the_user_moved_merges_as_well(apart: tuple[Client, Client]):
    here, there = apart
    there.edit(there.folder / "calc.py", "a - b", "0 - b + a")
    git(there.folder, "mv", "calc.py", "moved.py")
    here.edit(here.folder / "calc.py", "a + b", "b + a")
    assert [each.prompt().context.count("would conflict") for each in apart] == [0, 0]


def test_a_moved_file_conflicts_with_what_another_worktree_changed_in_the_same_lines(apart: tuple[Client, Client]):
    here, there = apart
    bash(there, "sed 's/a + b/sum((a, b))/' calc.py > moved.py && rm calc.py")
    here.edit(here.folder / "calc.py", "a + b", "b + a")
    context = here.batch().context
    assert "`add` in calc.py" in context
    assert "would conflict: line 2 here, line 2 there" in context


def test_what_takes_too_long_to_compare_is_reported_by_file(apart: tuple[Client, Client]):
    text = "".join(f"def function{number}(a):\n    return a + {number}\n\n\n" for number in range(6_000))
    for each in apart:
        (each.folder / "many.py").write_text(text)
        git(each.folder, "add", "many.py")
        git(each.folder, "commit", "--quiet", "--message=many")
    git(apart[0].folder, "merge", "--quiet", "-X", "ours", "feature", "--message=merged")
    git(apart[1].folder, "merge", "--quiet", "main")
    for number, each in enumerate(apart):
        bash(each, f"sed -i 's/a + /{number} + a + /' many.py")
        each.edit(each.folder / "calc.py", "a + b", f"b + a + {number}")
    context = apart[0].batch().context
    assert "many.py" in context
    assert "`add`" in context


def test_a_file_too_large_to_compare_is_reported(apart: tuple[Client, Client]):
    for number, each in enumerate(apart):
        (each.folder / "large.txt").write_text(f"{number}\n" * 10_000_000)
        bash(each, f"sed -i '1s/.*/{number} changed/' large.txt")
    assert "large.txt" in apart[0].batch().context
