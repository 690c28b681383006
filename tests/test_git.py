import os
import subprocess
import time
from pathlib import Path

import pytest

from context_sync import git
from context_sync.git import Place
from tests.rehearse import git as run

CALC = "one\ntwo\nthree\nfour\nfive\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    run(folder, "init", "--quiet")
    (folder / "sub").mkdir()
    (folder / "calc.py").write_text(CALC)
    (folder / "sub" / "calc.py").write_text(CALC)
    commit(folder, "first")
    return folder


def commit(folder: Path, message: str) -> str:
    run(folder, "add", "--all")
    run(folder, "commit", "--quiet", "--allow-empty", f"--message={message}")
    return run(folder, "rev-parse", "HEAD").strip()


@pytest.fixture
def worktree(project: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "feature"
    run(project, "worktree", "add", "--quiet", "-b", "topic/feature", str(folder))
    return folder


def test_the_root_and_every_folder_below_are_one_place(project: Path):
    expected = Place(str(project / ".git"), str(project), str(project / ".git"))
    assert git.place_of(str(project)) == expected
    assert git.place_of(str(project / "sub")) == expected
    assert git.place_of(str(project / "sub" / "not" / "yet" / "there")) == expected


def test_a_worktree_belongs_to_the_repository_of_the_checkout(project: Path, worktree: Path):
    place = git.place_of(str(worktree / "sub"))
    assert place == Place(str(project / ".git"), str(worktree), str(project / ".git" / "worktrees" / "feature"))
    assert git.branch_of(place) == "topic/feature"


def test_the_innermost_worktree_counts(project: Path):
    inner = project / ".claude" / "worktrees" / "feat"
    run(project, "worktree", "add", "--quiet", "-b", "feat", str(inner))
    place = git.place_of(str(inner / "sub"))
    assert place
    assert (place.repository, place.worktree) == (str(project / ".git"), str(inner))


def test_a_link_leads_to_the_real_place(project: Path, tmp_path: Path):
    (tmp_path / "link").symlink_to(project / "sub")
    place = git.place_of(str(tmp_path / "link"))
    assert place
    assert place.worktree == str(project)


def test_a_git_folder_elsewhere_is_found(tmp_path: Path):
    work = tmp_path / "work"
    run(tmp_path, "init", "--quiet", f"--separate-git-dir={tmp_path / 'elsewhere'}", str(work))
    place = git.place_of(str(work))
    assert place == Place(str(tmp_path / "elsewhere"), str(work), str(tmp_path / "elsewhere"))


def test_the_environment_of_a_git_hook_changes_no_place(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    run(tmp_path, "init", "--quiet", "other")
    (project / "calc.py").write_text("changed")
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "other" / ".git"))
    place = git.place_of(str(project))
    assert place
    assert place.worktree == str(project)
    assert git.uncommitted(str(project), ["calc.py"]) == {"calc.py"}


BROKEN = [
    pytest.param(lambda _: None, id="nothing"),
    pytest.param(lambda folder: (folder / ".git").mkdir(), id="an empty folder"),
    pytest.param(lambda folder: (folder / ".git").write_text(""), id="an empty file"),
    pytest.param(lambda folder: (folder / ".git").write_bytes(b"\xff\xfe\0"), id="a file of bytes"),
    pytest.param(lambda folder: (folder / ".git").write_text("gitdir: /not/there\n"), id="a file that leads nowhere"),
    pytest.param(lambda folder: (folder / ".git").symlink_to("nowhere"), id="a link that leads nowhere"),
    pytest.param(lambda folder: (folder / ".git").symlink_to(".git"), id="a link to itself"),
]


@pytest.mark.parametrize("make", BROKEN)
def test_without_a_repository_there_is_no_place(tmp_path: Path, make):
    folder = tmp_path / "folder"
    folder.mkdir()
    make(folder)
    assert git.place_of(str(folder)) is None


@pytest.mark.parametrize("make", BROKEN[1:])
def test_a_broken_repository_does_not_hide_the_one_around_it(project: Path, make):
    make(project / "sub")
    place = git.place_of(str(project / "sub"))
    assert place
    assert place.worktree == str(project)


def branch(folder: Path) -> str:
    place = git.place_of(str(folder))
    assert place
    return git.branch_of(place)


def test_the_branch(project: Path):
    assert branch(project) == "main"
    run(project, "checkout", "--quiet", "-b", "topic/größe")
    assert branch(project) == "topic/größe"
    head = git.head_of(str(project))
    run(project, "checkout", "--quiet", "--detach")
    assert branch(project) == f"detached at {head[:8]}"
    assert git.branch_of(Place("/x", "/x", "")) == ""


def test_a_repository_without_commits_has_a_branch_and_no_commit(tmp_path: Path):
    run(tmp_path, "init", "--quiet", "fresh")
    fresh = tmp_path / "fresh"
    (fresh / "new.py").write_text("new")
    assert branch(fresh) == "main"
    assert git.head_of(str(fresh)) == ""
    assert git.uncommitted(str(fresh), ["new.py"]) == {"new.py"}
    assert git.dirty(str(fresh)) == {"new.py"}
    assert git.line_counts(str(fresh), ["new.py"]) == {}


UNCOMMITTED = [
    pytest.param("true", set(), id="untouched"),
    pytest.param("echo x >> calc.py", {"calc.py"}, id="changed"),
    pytest.param("echo x >> calc.py; git add calc.py", {"calc.py"}, id="changed and staged"),
    pytest.param("echo x >> calc.py; git commit -qam x", set(), id="changed and committed"),
    pytest.param("echo x >> calc.py; git checkout -q calc.py", set(), id="changed and reverted"),
    pytest.param("echo x >> calc.py; git stash -q", set(), id="changed and put away"),
    pytest.param("touch calc.py", set(), id="only its time changed"),
    pytest.param("chmod +x calc.py", {"calc.py"}, id="only its mode changed"),
    pytest.param("rm calc.py", {"calc.py"}, id="deleted"),
    pytest.param("git rm -q calc.py", {"calc.py"}, id="deleted and staged"),
    pytest.param("git rm -q calc.py; git commit -qm x", set(), id="deleted and committed"),
    pytest.param("git mv calc.py moved.py", {"calc.py", "moved.py"}, id="renamed"),
    pytest.param("echo x > new.py", {"new.py"}, id="new"),
    pytest.param("echo x > new.py; rm new.py", set(), id="new and gone"),
    pytest.param("echo '*.log' > .gitignore; echo x > a.log", {"a.log"}, id="ignored"),
    pytest.param("mkdir d; echo x > d/deep.py", {"d/deep.py"}, id="new in a new folder"),
    pytest.param("echo x > '[a].py'", {"[a].py"}, id="a name like a pattern"),
    pytest.param("echo x > ':(top)x'", {":(top)x"}, id="a name like a path of git"),
    pytest.param("echo x > 'größe \"x\".py'", {'größe "x".py'}, id="a name to be quoted"),
]
ASKED = ["calc.py", "moved.py", "new.py", "a.log", "d/deep.py", "[a].py", ":(top)x", 'größe "x".py', "never.py"]


@pytest.mark.parametrize(("change", "uncommitted"), UNCOMMITTED)
def test_what_is_not_as_head_has_it(project: Path, change: str, uncommitted: set[str]):
    subprocess.run(["bash", "-c", change], cwd=project, check=True)
    assert git.uncommitted(str(project), ASKED) == uncommitted


@pytest.mark.parametrize(("change", "uncommitted"), UNCOMMITTED)
def test_what_is_dirty_is_the_same_but_for_what_is_ignored(project: Path, change: str, uncommitted: set[str]):
    subprocess.run(["bash", "-c", change], cwd=project, check=True)
    assert git.dirty(str(project)) == uncommitted - {"a.log"} | ({".gitignore"} if "gitignore" in change else set())


def test_another_file_of_the_same_name_does_not_count(project: Path):
    (project / "sub" / "calc.py").write_text("changed")
    assert git.uncommitted(str(project), ["calc.py"]) == set()
    assert git.uncommitted(str(project), ["sub/calc.py"]) == {"sub/calc.py"}


@pytest.mark.parametrize("where", ["no repository", "not there", "broken"])
def test_where_git_cannot_tell_it_does_not_guess(tmp_path: Path, project: Path, where: str):
    folder = project if where == "broken" else tmp_path / "folder"
    if where == "no repository":
        folder.mkdir()
    if where == "broken":
        (project / ".git" / "index").write_bytes(b"broken")
        (project / ".git" / "HEAD").write_text("ref: refs/heads/gone\n")
        (project / ".git" / "config").write_text("[broken")
    assert git.uncommitted(str(folder), ["calc.py"]) is None
    assert git.dirty(str(folder)) is None
    assert git.differing(str(folder), "HEAD", ["calc.py"]) is None
    assert git.last_commits(str(folder), "HEAD", ["calc.py"], 0.0) == {}
    assert git.time_of(str(folder), "HEAD") == 0
    assert git.text_at(str(folder), "HEAD", "calc.py") is None
    assert git.run(str(folder), "status") == b""
    assert git.head_of(str(folder)) == ""
    assert git.merge_base(str(folder), "HEAD", "HEAD") == ""
    assert git.commits_made(str(folder), "HEAD", 0.0) == []
    assert git.paths_of(str(folder), "HEAD") == []


@pytest.mark.parametrize("path", ["../outside", "/etc/passwd", "nul\0byte", "lone\ud800"])
def test_a_path_that_is_none_is_not_told(project: Path, path: str):
    assert git.uncommitted(str(project), [path]) is None
    assert git.differing(str(project), "HEAD", [path]) is None
    assert git.text_at(str(project), "HEAD", path) is None


def test_the_last_commit_of_each_file(project: Path):
    def commits(since: float = 0.0) -> dict[str, int]:
        return git.last_commits(str(project), git.head_of(str(project)), ["calc.py", "sub/calc.py", "never.py"], since)

    first = git.time_of(str(project), "HEAD")
    assert abs(first - time.time()) < 60
    assert commits() == {"calc.py": first, "sub/calc.py": first}
    (project / "calc.py").write_text("changed\n")
    dated(project, first + 100)
    assert commits() == {"calc.py": first + 100, "sub/calc.py": first}
    assert commits(first + 50.5) == {"calc.py": first + 100}
    (project / "calc.py").write_text("not committed\n")
    assert commits(first + 100.5) == {}
    assert git.time_of(str(project), git.head_of(str(project))) == first + 100


def test_a_file_of_a_merge_was_last_committed_where_it_was_changed(project: Path):
    first = git.time_of(str(project), "HEAD")
    run(project, "checkout", "--quiet", "-b", "side")
    (project / "calc.py").write_text("side\n")
    dated(project, first + 10)
    run(project, "checkout", "--quiet", "main")
    (project / "sub" / "calc.py").write_text("main\n")
    dated(project, first + 20)
    run(project, "merge", "--quiet", "--no-edit", "side")
    found = git.last_commits(str(project), "HEAD", ["calc.py", "sub/calc.py"], 0.0)
    assert found == {"calc.py": first + 10, "sub/calc.py": first + 20}


def dated(folder: Path, at: int) -> None:
    """Commit everything, at a time that is told."""
    command = ["git", "commit", "--quiet", "--all", "--message=dated"]
    subprocess.run(command, cwd=folder, env=os.environ | {"GIT_COMMITTER_DATE": f"@{at} +0000"}, check=True)


def test_how_many_lines_changed(project: Path):
    (project / "calc.py").write_text("one\nTWO\nthree\n")
    (project / "binary").write_bytes(b"\0\0")
    run(project, "add", "binary")
    assert git.line_counts(str(project), ["calc.py", "sub/calc.py", "binary"]) == {"calc.py": (1, 3)}


def test_the_texts_of_a_commit(project: Path):
    (project / "größe.bin").write_bytes(b"\0\n\xff" * 10)
    (project / "empty").write_bytes(b"")
    head = commit(project, "second")
    paths = ["calc.py", "never.py", "größe.bin", "sub", "empty", "two\nlines", "with space", "sub/calc.py"]
    (project / "calc.py").write_text("changed")
    assert git.texts_at(str(project), head, paths) == {
        "calc.py": CALC.encode(),
        "never.py": None,
        "größe.bin": b"\0\n\xff" * 10,
        "sub": None,
        "empty": b"",
        "two\nlines": None,
        "with space": None,
        "sub/calc.py": CALC.encode(),
    }
    assert git.text_at(str(project), head, "calc.py") == CALC.encode()
    assert git.text_at(str(project), head, "sub") is None


def test_what_differs_from_a_commit(project: Path):
    base = git.head_of(str(project))
    (project / "calc.py").write_text("committed")
    commit(project, "second")
    (project / "new.py").write_text("untracked")
    paths = ["calc.py", "sub/calc.py", "new.py", "never.py"]
    assert git.differing(str(project), base, paths) == {"calc.py", "new.py"}
    assert git.differing(str(project), "HEAD", paths) == {"new.py"}
    assert git.differing(str(project), "0" * 40, paths) is None
    assert git.changed_since(str(project), base) == ["calc.py", "new.py"]
    assert git.changed_between(str(project), base, "HEAD") == ["calc.py"]
    assert git.paths_of(str(project), "HEAD") == ["calc.py"]
    assert git.paths_of(str(project), base) == ["calc.py", "sub/calc.py"]


def test_the_common_ancestor_of_two_branches(project: Path, worktree: Path):
    base = git.head_of(str(project))
    here, there = commit(project, "here"), commit(worktree, "there")
    assert git.merge_base(str(project), here, there) == base
    assert git.head_of(str(worktree)) == there
    assert git.commit_of(str(project), "topic/feature") == there
    assert git.commit_of(str(project), "no-such-branch") == ""
    assert git.commit_of(str(project), "--all") == ""
    assert sorted(git.worktrees(str(worktree))) == sorted([str(project), str(worktree)])
    run(project, "checkout", "--quiet", "--orphan", "unrelated")
    assert git.merge_base(str(project), commit(project, "unrelated"), there) == ""


def test_only_the_commits_that_were_made_here_are_told(project: Path, worktree: Path):
    since = git.head_of(str(project))
    elsewhere = commit(worktree, "elsewhere")
    mine = [commit(project, "one"), commit(project, "two")]
    assert git.commits_made(str(project), since, time.time() - 60) == mine
    assert git.commits_made(str(project), mine[0], time.time() - 60) == mine[1:]
    assert git.commits_made(str(project), since, time.time() + 60) == []
    run(project, "merge", "--quiet", "--no-edit", "topic/feature")
    assert elsewhere not in git.commits_made(str(project), since, time.time() - 60)


MERGES = [
    pytest.param(b"1\n2\n3\n", b"0\n1\n2\n3\n", b"1\n2\n3\n4\n", b"0\n1\n2\n3\n4\n", 0, id="apart"),
    pytest.param(b"1\n2\n3\n", b"1\nx\n3\n", b"1\nx\n3\n", b"1\nx\n3\n", 0, id="the same on both sides"),
    pytest.param(b"1\n2\n3\n", b"1\nx\n3\n", b"1\ny\n3\n", None, 1, id="the same line"),
    pytest.param(b"", b"x\n", b"y\n", None, 1, id="both new"),
    pytest.param(b"\0a", b"\0b", b"\0c", b"", 1, id="binary"),
    pytest.param(b"<<<<<<< a\n", b"<<<<<<< a\nx\n", b"<<<<<<< a\n", b"<<<<<<< a\nx\n", 0, id="marks in the text"),
]


@pytest.mark.parametrize(("base", "mine", "theirs", "text", "conflicts"), MERGES)
def test_a_merge_of_three_texts(base: bytes, mine: bytes, theirs: bytes, text: bytes | None, conflicts: int):
    merged = git.merge_file(base, mine, theirs)
    assert merged
    assert merged.conflicts == conflicts
    if text is None:
        assert git.MARK_MINE in merged.text
        assert git.MARK_THEIRS in merged.text
    else:
        assert merged.text == text


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
    for told in (
        git.uncommitted(worktree, paths),
        git.dirty(worktree),
        git.differing(worktree, "HEAD", paths),
        git.line_counts(worktree, paths),
        git.changed_since(worktree, "HEAD"),
        git.last_commits(worktree, "HEAD", paths, 0.0),
        git.head_of(worktree),
        git.merge_file(b"1", b"2", b"3"),
    ):
        assert told
    assert not (tmp_path / "sprung").exists()


def test_a_look_takes_no_lock_and_writes_nothing(project: Path):
    (project / "calc.py").touch()
    before = {path: path.stat().st_mtime_ns for path in (project / ".git").rglob("*")}
    (project / ".git" / "index.lock").touch()
    assert git.uncommitted(str(project), ["calc.py"]) == set()
    assert git.dirty(str(project)) == set()
    (project / ".git" / "index.lock").unlink()
    after = {path: path.stat().st_mtime_ns for path in (project / ".git").rglob("*")}
    assert after | {project / ".git": 0} == before | {project / ".git": 0}


def test_a_git_that_does_not_answer_is_given_up(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    slow = tmp_path / "git"
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(git, "TIME_LIMIT", 0.1)
    assert git.uncommitted(str(project), ["calc.py"]) is None
    assert git.merge_file(b"1", b"2", b"3") is None
