from pathlib import Path

import pytest

from context_sync.git import checkouts, differences, refs
from context_sync.git.checkouts import Place
from tests.rehearse import git as run


def test_the_root_and_every_folder_below_are_one_place(project: Path):
    expected = Place(str(project / ".git"), str(project), str(project / ".git"))
    assert checkouts.place_of(str(project)) == expected
    assert checkouts.place_of(str(project / "sub")) == expected
    assert checkouts.place_of(str(project / "sub" / "not" / "yet" / "there")) == expected


def test_a_worktree_belongs_to_the_repository_of_the_checkout(project: Path, worktree: Path):
    place = checkouts.place_of(str(worktree / "sub"))
    assert place == Place(str(project / ".git"), str(worktree), str(project / ".git" / "worktrees" / "feature"))
    assert refs.branch_of(place) == "topic/feature"


def test_the_innermost_worktree_counts(project: Path):
    inner = project / ".claude" / "worktrees" / "feat"
    run(project, "worktree", "add", "--quiet", "-b", "feat", str(inner))
    place = checkouts.place_of(str(inner / "sub"))
    assert place
    assert (place.repository, place.worktree) == (str(project / ".git"), str(inner))


def test_a_link_leads_to_the_real_place(project: Path, tmp_path: Path):
    (tmp_path / "link").symlink_to(project / "sub")
    place = checkouts.place_of(str(tmp_path / "link"))
    assert place
    assert place.worktree == str(project)


def test_a_git_folder_elsewhere_is_found(tmp_path: Path):
    work = tmp_path / "work"
    run(tmp_path, "init", "--quiet", f"--separate-git-dir={tmp_path / 'elsewhere'}", str(work))
    place = checkouts.place_of(str(work))
    assert place == Place(str(tmp_path / "elsewhere"), str(work), str(tmp_path / "elsewhere"))


def test_the_environment_of_a_git_hook_changes_no_place(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    run(tmp_path, "init", "--quiet", "other")
    (project / "calc.py").write_text("changed")
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "other" / ".git"))
    place = checkouts.place_of(str(project))
    assert place
    assert place.worktree == str(project)
    assert differences.uncommitted(str(project), ["calc.py"]) == {"calc.py"}


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
    assert checkouts.place_of(str(folder)) is None


@pytest.mark.parametrize("make", BROKEN[1:])
def test_a_broken_repository_does_not_hide_the_one_around_it(project: Path, make):
    make(project / "sub")
    place = checkouts.place_of(str(project / "sub"))
    assert place
    assert place.worktree == str(project)
