"""What a write causes of which it is not known who made it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.rehearse import Client, git, log
from tests.scenes import attempt, bash, running

CHANGE = "sed -i 's/a - b/b - a/' calc.py"


@pytest.fixture
def shared(two: tuple[Client, Client]) -> tuple[Client, Client]:
    """Two sessions that may both have changed `sub`."""
    first, second = two
    with running(first):
        bash(second, CHANGE)
    assert [[touch.attribution for touch in each.touches] for each in two] == [["shared"], ["shared"]]
    return two


def test_those_who_may_have_made_one_write_do_not_hear_of_each_other(shared: tuple[Client, Client]):
    for each in shared:
        assert each.batch().quiet
        assert each.stop().quiet
        assert each.prompt().quiet
    assert log() == ""


def test_a_write_that_may_be_anothers_denies_no_edit_and_is_reported_as_what_may_be(
    shared: tuple[Client, Client], third: Client, project: Path
):
    assert attempt(third, project / "calc.py", "b - a", "0").quiet
    third.edit(project / "calc.py", "b - a", "0")
    assert third.stop().quiet
    context = third.prompt().context
    assert context.count('" (branch ') == context.count("may have changed this file") == 2
    assert "sub" not in context
    for each in shared:
        assert "changed this file, as this one may have" in each.prompt().context
        assert each.prompt().quiet


@pytest.mark.usefixtures("shared")
def test_in_another_worktree_it_counts_for_the_file_alone(client: Callable[..., Client], project: Path, tmp_path: Path):
    git(project, "worktree", "add", "--quiet", "-b", "there", str(tmp_path / "there"))
    there = client(tmp_path / "there")
    there.start()
    assert attempt(there, tmp_path / "there" / "calc.py", "a - b", "0").quiet
    there.edit(tmp_path / "there" / "calc.py", "a - b", "0")
    assert there.stop().quiet
    context = there.prompt().context
    assert context.count("may have changed this file") == 2
    assert "would conflict" not in context


def test_a_sole_edit_beside_it_counts_as_ever(shared: tuple[Client, Client], third: Client, project: Path):
    first, _ = shared
    first.edit(project / "calc.py", "a + b", "b + a")
    assert b'"deny"' in attempt(third, project / "calc.py", "b + a", "0").output
