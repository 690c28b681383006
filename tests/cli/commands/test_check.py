"""`context-sync check` between real worktrees and branches."""

import json
from pathlib import Path

import pytest

from tests.cli.stage import INVOICE, git
from tests.rehearse import CommandLine


@pytest.fixture
def branch(shop: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "rounding"
    git(shop, "worktree", "add", "-b", "rounding", str(folder))
    return folder


@pytest.mark.parametrize(
    ("here", "there", "status", "levels"),
    [
        pytest.param(("return 1", "return 1"), ("return 1", "return 7"), 0, [], id="one side unchanged"),
        pytest.param(("return 1", "return 5"), ("return 1", "return 7"), 1, ["merge"], id="the same line"),
        pytest.param(("return 1", "return 5"), ("return 2", "return 7"), 0, ["file"], id="different methods"),
        pytest.param(("return 1", "return 5"), ("return 1", "return 5"), 0, [], id="the same change"),
    ],
)
@pytest.mark.parametrize("committed", [False, True], ids=["uncommitted", "committed"])
def test_check_says_what_would_conflict(
    command_line: CommandLine,
    shop: Path,
    branch: Path,
    here: tuple[str, str],
    there: tuple[str, str],
    status: int,
    levels: list[str],
    committed: bool,
) -> None:
    spaced = INVOICE.replace("    def tax", "\n\n\n\n    def tax")
    for folder in (shop, branch):
        (folder / "invoice.py").write_text(spaced)
    git(shop, "commit", "-am", "space")
    git(branch, "reset", "--hard", "main")
    (shop / "invoice.py").write_text(spaced.replace(*here))
    (branch / "invoice.py").write_text(spaced.replace(*there))
    if committed and spaced.replace(*there) != spaced:
        git(branch, "commit", "-am", "there")
    done = command_line("check", "--json", cwd=shop)
    (found,) = json.loads(done.stdout)
    assert found["against"] == str(branch)
    assert [conflict["level"] for conflict in found["conflicts"]] == levels
    assert done.returncode == status


def test_check_against_a_branch(command_line: CommandLine, shop: Path, branch: Path) -> None:
    (branch / "invoice.py").write_text(INVOICE.replace("return 1", "return 7"))
    git(branch, "commit", "-am", "seven")
    (shop / "invoice.py").write_text(INVOICE.replace("return 1", "return 5"))
    done = command_line("check", "--against", "rounding", cwd=shop)
    assert done.returncode == 1
    assert done.stdout == (
        "rounding: 1 conflict\n"
        "  merge: `Invoice.total` in invoice.py changed on both sides. Merging the two\n"
        "    now would conflict: line 3 here, line 3 there.\n"
    )


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        pytest.param(["--against", "nowhere"], "nowhere is no worktree and no branch", id="an unknown branch"),
        pytest.param(["--against", "--all"], "--all is no worktree and no branch", id="an option in place of a name"),
    ],
)
def test_check_refuses(command_line: CommandLine, shop: Path, arguments: list[str], error: str) -> None:
    done = command_line("check", *arguments, cwd=shop)
    assert (done.returncode, done.stdout) == (1, "")
    assert error in done.stderr


def test_check_gives_no_all_clear_where_git_cannot_be_run(
    command_line: CommandLine, shop: Path, branch: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    done = command_line("check", cwd=shop)
    assert (done.returncode, done.stdout) == (1, "")
    assert "git does not list the worktrees of this repository: run `context-sync doctor`." in done.stderr
    assert branch.is_dir()


def test_check_alone_and_without_git(command_line: CommandLine, shop: Path, tmp_path: Path) -> None:
    done = command_line("check", cwd=shop)
    assert (done.returncode, done.stdout) == (0, "This is the only worktree of the repository: nothing to check.\n")
    assert "not in a git repository" in command_line("check", cwd=tmp_path).stderr
