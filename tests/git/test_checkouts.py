from pathlib import Path

import pytest

from context_sync.git import checkouts, differences, refs
from context_sync.git.checkouts import Checkout
from tests.rehearse import git as run


def test_the_root_and_every_folder_below_have_one_checkout(project: Path):
    expected = Checkout(str(project / ".git"), str(project), str(project / ".git"))
    assert checkouts.checkout_of(str(project)) == expected
    assert checkouts.checkout_of(str(project / "sub")) == expected
    assert checkouts.checkout_of(str(project / "sub" / "not" / "yet" / "there")) == expected


def test_a_worktree_belongs_to_the_repository_of_the_checkout(project: Path, worktree: Path):
    checkout = checkouts.checkout_of(str(worktree / "sub"))
    assert checkout == Checkout(str(project / ".git"), str(worktree), str(project / ".git" / "worktrees" / "feature"))
    assert refs.branch_of(checkout) == "topic/feature"


def test_the_innermost_worktree_counts(project: Path):
    inner = project / ".claude" / "worktrees" / "feat"
    run(project, "worktree", "add", "--quiet", "-b", "feat", str(inner))
    checkout = checkouts.checkout_of(str(inner / "sub"))
    assert checkout
    assert (checkout.repository, checkout.worktree) == (str(project / ".git"), str(inner))


def test_a_link_leads_to_the_real_folder(project: Path, tmp_path: Path):
    (tmp_path / "link").symlink_to(project / "sub")
    checkout = checkouts.checkout_of(str(tmp_path / "link"))
    assert checkout
    assert checkout.worktree == str(project)


def test_a_git_folder_elsewhere_is_found(tmp_path: Path):
    work = tmp_path / "work"
    run(tmp_path, "init", "--quiet", f"--separate-git-dir={tmp_path / 'elsewhere'}", str(work))
    checkout = checkouts.checkout_of(str(work))
    assert checkout == Checkout(str(tmp_path / "elsewhere"), str(work), str(tmp_path / "elsewhere"))


def test_the_environment_of_a_git_hook_does_not_change_the_checkout(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    run(tmp_path, "init", "--quiet", "other")
    (project / "calc.py").write_text("changed")
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "other" / ".git"))
    checkout = checkouts.checkout_of(str(project))
    assert checkout
    assert checkout.worktree == str(project)
    assert differences.uncommitted(str(project), ["calc.py"]) == {"calc.py"}


def test_what_was_read_once_counts_as_long_as_it_is_so(project: Path, worktree: Path, tmp_path: Path):
    assert [checkouts.checkout_of(str(each)) for each in (project, worktree)].count(None) == 0
    marker = (worktree / ".git").read_text()
    run(tmp_path, "init", "--quiet", f"--separate-git-dir={tmp_path / 'elsewhere'}", str(tmp_path / "work"))
    (worktree / ".git").write_text(f"gitdir: {tmp_path / 'elsewhere'}\n")
    moved = checkouts.checkout_of(str(worktree))
    assert moved
    assert moved.repository == str(tmp_path / "elsewhere")
    (worktree / ".git").write_text(marker)
    assert checkouts.checkout_of(str(worktree)) != moved
    (project / ".git" / "worktrees").rename(tmp_path / "gone")
    assert checkouts.checkout_of(str(worktree)) is None
    (project / ".git").rename(tmp_path / "gone too")
    assert checkouts.checkout_of(str(project)) is None


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
def test_without_a_repository_there_is_no_checkout(tmp_path: Path, make):
    folder = tmp_path / "folder"
    folder.mkdir()
    make(folder)
    assert checkouts.checkout_of(str(folder)) is None


@pytest.mark.parametrize("make", BROKEN[1:])
def test_a_broken_repository_does_not_hide_the_one_around_it(project: Path, make):
    make(project / "sub")
    checkout = checkouts.checkout_of(str(project / "sub"))
    assert checkout
    assert checkout.worktree == str(project)
