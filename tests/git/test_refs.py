import shutil
import time
from pathlib import Path

import pytest

from context_sync.git import checkouts, differences, refs
from context_sync.git.checkouts import Checkout
from tests.rehearse import git as run


def branch(folder: Path) -> str:
    checkout = checkouts.checkout_of(str(folder))
    assert checkout
    return refs.branch_of(checkout)


def test_the_branch(project: Path):
    assert branch(project) == "main"
    run(project, "checkout", "--quiet", "-b", "topic/größe")
    assert branch(project) == "topic/größe"
    head = refs.head_of(str(project))
    run(project, "checkout", "--quiet", "--detach")
    assert branch(project) == f"detached at {head[:8]}"
    assert refs.branch_of(Checkout("/x", "/x", "")) == ""


def test_a_repository_without_commits_has_a_branch_and_no_commit(tmp_path: Path):
    run(tmp_path, "init", "--quiet", "fresh")
    fresh = tmp_path / "fresh"
    (fresh / "new.py").write_text("new")
    assert branch(fresh) == "main"
    assert refs.head_of(str(fresh)) == ""
    assert differences.uncommitted(str(fresh), ["new.py"]) == {"new.py"}
    assert differences.dirty(str(fresh)) == {"new.py"}
    assert differences.line_counts(str(fresh), ["new.py"]) == {}


def test_the_worktrees_are_known_to_an_older_git_too(
    project: Path, worktree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    both = sorted([str(project), str(worktree)])
    assert sorted(refs.worktrees(str(worktree))) == both
    (tmp_path / "older").mkdir()
    older = tmp_path / "older" / "git"
    older.write_text(f'#!/bin/sh\ncase $* in *"worktree list"*-z*) exit 129 ;; esac\nexec {shutil.which("git")} "$@"\n')
    older.chmod(0o755)
    monkeypatch.setenv("PATH", f"{older.parent}:/usr/bin:/bin")
    assert sorted(refs.worktrees(str(worktree))) == both


def test_the_commit_before_a_time(project: Path):
    first, now = refs.head_of(str(project)), time.time()
    run(project, "commit", "--quiet", "--allow-empty", "--message=next", at=now)
    assert refs.head_before(str(project), now) == first
    assert refs.head_before(str(project), now + 2) == refs.head_of(str(project)) != first
    assert refs.head_before(str(project), 1_000_000_000.0) == first
