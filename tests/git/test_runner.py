import os
from pathlib import Path

import pytest

from context_sync.git import commits, differences, objects, refs, runner, three_way
from tests.rehearse import git as run


@pytest.mark.parametrize("where", ["no repository", "not there", "broken"])
def test_when_git_fails_nothing_is_guessed(tmp_path: Path, project: Path, where: str):
    folder = project if where == "broken" else tmp_path / "folder"
    if where == "no repository":
        folder.mkdir()
    if where == "broken":
        (project / ".git" / "index").write_bytes(b"broken")
        (project / ".git" / "HEAD").write_text("ref: refs/heads/gone\n")
        (project / ".git" / "config").write_text("[broken")
    assert differences.uncommitted(str(folder), ["calc.py"]) is None
    assert differences.dirty(str(folder)) is None
    assert differences.differing(str(folder), "HEAD", ["calc.py"]) is None
    assert commits.last_commits(str(folder), "HEAD", ["calc.py"], 0.0) == {}
    assert objects.time_of(str(folder), "HEAD") == 0
    assert objects.text_at(str(folder), "HEAD", "calc.py") is None
    assert runner.run(str(folder), "status") == b""
    assert refs.head_of(str(folder)) == ""
    assert commits.merge_base(str(folder), "HEAD", "HEAD") == ""
    assert commits.commits_made(str(folder), "HEAD", 0.0) == []
    assert commits.paths_of(str(folder), "HEAD") == []


@pytest.mark.parametrize("path", ["../outside", "/etc/passwd", "nul\0byte", "lone\ud800"])
def test_an_invalid_path_has_no_answer(project: Path, path: str):
    assert differences.uncommitted(str(project), [path]) is None
    assert differences.differing(str(project), "HEAD", [path]) is None
    assert objects.text_at(str(project), "HEAD", path) is None


def test_nothing_that_a_repository_configures_is_run(project: Path, tmp_path: Path):
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    trap.chmod(0o755)
    (project / ".gitattributes").write_text("*.py diff=trap\n")
    for name in ("core.fsmonitor", "core.pager", "diff.external", "diff.trap.command", "diff.trap.textconv"):
        run(project, "config", name, str(trap))
    for name in ("post-index-change", "post-checkout", "pre-commit"):
        (project / ".git" / "hooks").mkdir(exist_ok=True)
        (project / ".git" / "hooks" / name).symlink_to(trap)
    (project / "calc.py").write_text("changed")
    worktree, paths = str(project), ["calc.py"]
    for found in (
        differences.uncommitted(worktree, paths),
        differences.dirty(worktree),
        differences.differing(worktree, "HEAD", paths),
        differences.line_counts(worktree, paths),
        differences.changed_since(worktree, "HEAD"),
        commits.last_commits(worktree, "HEAD", paths, 0.0),
        refs.head_of(worktree),
        three_way.merge_file(b"1", b"2", b"3"),
    ):
        assert found
    assert not (tmp_path / "sprung").exists()


def test_a_look_takes_no_lock_and_writes_nothing(project: Path):
    (project / "calc.py").touch()
    before = {path: path.stat().st_mtime_ns for path in (project / ".git").rglob("*")}
    (project / ".git" / "index.lock").touch()
    assert differences.uncommitted(str(project), ["calc.py"]) == set()
    assert differences.dirty(str(project)) == set()
    (project / ".git" / "index.lock").unlink()
    after = {path: path.stat().st_mtime_ns for path in (project / ".git").rglob("*")}
    assert after | {project / ".git": 0} == before | {project / ".git": 0}


def test_a_git_that_does_not_answer_is_given_up(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    slow = tmp_path / "git"
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(runner, "TIME_LIMIT", 0.1)
    assert differences.uncommitted(str(project), ["calc.py"]) is None
    assert three_way.merge_file(b"1", b"2", b"3") is None
