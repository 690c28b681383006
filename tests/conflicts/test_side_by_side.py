import time
from collections.abc import Callable
from pathlib import Path

import pytest

from context_sync.conflicts import detection, side_by_side
from context_sync.conflicts.side_by_side import Side
from context_sync.domain.conflicts import Conflict
from context_sync.domain.records import Session
from context_sync.state import sessions
from tests.rehearse import CALC, Client, git

MakeClient = Callable[..., Client]
ADD, ADD_TOO = ("-    return a + b", "+    return b + a"), ("-    return a + b", "+    return sum((a, b))")


@pytest.fixture
def worktree(project: Path, tmp_path: Path) -> Path:
    git(project, "worktree", "add", "--quiet", "-b", "other", str(tmp_path / "other"))
    return tmp_path / "other"


def session(client: Client) -> Session:
    found = sessions.load(client.session)
    assert found
    return found


def sides(one: Client, other: Client, level: str) -> tuple[Side, Side]:
    (conflict,) = [each for each in detection.between(session(one), session(other)) if each.level == level]
    assert isinstance(conflict, Conflict)
    return side_by_side.sides_of(conflict, session(one), session(other))


def lines(side: Side) -> list[tuple[str, ...]]:
    return [block.lines for block in side.blocks]


def test_between_worktrees_each_side_is_what_git_has_of_it(client: MakeClient, project: Path, worktree: Path):
    one, other = client(), client(worktree)
    for each in (one, other):
        each.start()
    one.edit(project / "calc.py", "a + b", "b + a")
    other.edit(worktree / "calc.py", "a + b", "sum((a, b))")
    other.bash("git commit --quiet --all --message=sum")
    mine, theirs = sides(one, other, "merge")
    assert (lines(mine), lines(theirs)) == ([ADD], [ADD_TOO])
    assert [mine.blocks[0].start, mine.path, mine.alone, mine.elsewhere] == [2, "calc.py", True, 0]


def test_changes_in_other_places_are_counted_and_left_out(client: MakeClient, project: Path, worktree: Path):
    one, other = client(), client(worktree)
    for each in (one, other):
        each.start()
    one.edit(project / "calc.py", "a + b", "b + a")
    one.edit(project / "calc.py", "a - b", "-b + a")
    other.edit(worktree / "calc.py", "a + b", "sum((a, b))")
    mine, theirs = sides(one, other, "merge")
    assert (lines(mine), mine.elsewhere) == ([ADD], 1)
    assert (lines(theirs), theirs.elsewhere) == ([ADD_TOO], 0)


def test_in_one_checkout_the_transcripts_tell_the_sides_apart(client: MakeClient, project: Path):
    one, other = client(), client()
    for each in (one, other):
        each.start()
    one.edit(project / "calc.py", "a + b", "b + a")
    one.edit(project / "calc.py", "a - b", "-b + a")
    other.edit(project / "calc.py", "b + a\n\n", "sum((a, b))\n\n")
    mine, theirs = sides(one, other, "symbol")
    assert (lines(mine), mine.elsewhere, mine.blocks[0].start) == ([ADD], 1, 0)
    assert lines(theirs) == [("-    return b + a", "+    return sum((a, b))")]


def test_what_was_committed_in_the_checkout_is_no_side_any_more(client: MakeClient, project: Path):
    one, other = client(), client()
    for each in (one, other):
        each.start()
    one.edit(project / "calc.py", "a + b", "a + b + 0")
    one.bash("git commit --quiet --all --message=zero")
    time.sleep(0.01)  # the transcript has milliseconds
    one.edit(project / "calc.py", "a + b + 0", "b + a")
    other.edit(project / "calc.py", "b + a", "sum((a, b))")
    mine, _ = sides(one, other, "symbol")
    assert lines(mine) == [("-    return a + b + 0", "+    return b + a")]


def test_without_a_transcript_both_sides_are_what_is_on_disk(client: MakeClient, project: Path):
    one, other = client(), client()
    for each in (one, other):
        each.start()
    one.edit(project / "calc.py", "a + b", "b + a")
    other.edit(project / "calc.py", "b + a", "sum((a, b))")
    for each in (one, other):
        each.transcript.unlink()
    mine, theirs = sides(one, other, "symbol")
    assert (mine.alone, theirs.alone) == (False, False)
    assert lines(mine) == lines(theirs) == [ADD_TOO]


def test_of_a_dependency_one_side_is_the_definition_and_the_other_its_use(
    client: MakeClient, project: Path, worktree: Path
):
    for folder in (project, worktree):
        (folder / "use.py").write_text("from calc import add\n\n\ndef total(items):\n    return 0\n")
    one, other = client(), client(worktree)
    for each in (one, other):
        each.start()
    one.edit(project / "calc.py", "add(a, b)", "add(a, b, c)")
    other.edit(worktree / "use.py", "return 0", "return add(1, 2)")
    mine, theirs = sides(one, other, "dependency")
    assert (mine.path, lines(mine)) == ("calc.py", [("-def add(a, b):", "+def add(a, b, c):")])
    assert theirs.path == "use.py"
    assert "+    return add(1, 2)" in lines(theirs)[-1]


def test_a_side_without_end_is_cut(client: MakeClient, project: Path, worktree: Path):
    one, other = client(), client(worktree)
    for each in (one, other):
        each.start()
    many = "\n".join(f"    a += {number}" for number in range(1000))
    one.edit(project / "calc.py", "    return a + b", many + "\n    return b + a")
    other.edit(worktree / "calc.py", "a + b", "sum((a, b))")
    mine, _ = sides(one, other, "merge")
    assert sum(map(len, lines(mine))) == side_by_side.MOST_LINES
    assert CALC.count("\n") < side_by_side.MOST_LINES
