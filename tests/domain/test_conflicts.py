from typing import Any

import pytest

from context_sync.domain import conflicts
from context_sync.domain.records import Symbol, Touch


def touch(at: float, *symbols: str, session: str = "me", path: str = "a.py", **fields: Any) -> Touch:
    known = Touch(
        at=at,
        session=session,
        tool="Edit",
        repository="/project/.git",
        worktree="/project",
        path=path,
        symbols=tuple(Symbol(name, "function", 1, 2) for name in symbols),
        after="",
        agent="",
        tool_use="",
    )
    return known._replace(**fields)


def theirs(at: float, *symbols: str, **fields: Any) -> Touch:
    return touch(at, *symbols, session="other", **fields)


CASES = [
    pytest.param([], [], [], id="nothing"),
    pytest.param([touch(1, "f")], [], [], id="one side only"),
    pytest.param([touch(1, "f")], [theirs(2, "f", path="b.py")], [], id="other files"),
    pytest.param([touch(1, "f")], [theirs(2, "f", repository="/else")], [], id="other repositories"),
    pytest.param([touch(1, "f")], [theirs(2, "f")], [("a.py", "symbol", ("f",), 1, 2)], id="one function"),
    pytest.param([touch(1, "f")], [theirs(2, "g")], [("a.py", "file", (), 1, 2)], id="two functions"),
    pytest.param([touch(1)], [theirs(2)], [("a.py", "file", (), 1, 2)], id="no function at all"),
    pytest.param([touch(1, "C.f")], [theirs(2, "D.f")], [("a.py", "file", (), 1, 2)], id="methods of one name"),
    pytest.param(
        [touch(1, "f", "g", "h")], [theirs(2, "h", "f")], [("a.py", "symbol", ("f", "h"), 1, 2)], id="several functions"
    ),
    pytest.param(
        [touch(1, "f"), touch(5, "g")],
        [theirs(2, "f"), theirs(3, "f"), theirs(9, "h")],
        [("a.py", "symbol", ("f",), 1, 3)],
        id="the times are those of the function",
    ),
    pytest.param(
        [touch(1, "f"), touch(5, "g")], [theirs(2, "h")], [("a.py", "file", (), 5, 2)], id="or those of the file"
    ),
    pytest.param(
        [touch(1, "f", path="b.py"), touch(2, "f")],
        [theirs(3, "f"), theirs(4, "x", path="b.py")],
        [("a.py", "symbol", ("f",), 2, 3), ("b.py", "file", (), 1, 4)],
        id="two files in the order of paths",
    ),
    pytest.param(
        [touch(1, "f", worktree="/one")],
        [theirs(2, "f", worktree="/two")],
        [("a.py", "symbol", ("f",), 1, 2)],
        id="two worktrees",
    ),
]


@pytest.mark.parametrize(("mine", "others", "found"), CASES)
def test_when_edits_conflict(mine: list[Touch], others: list[Touch], found: list[tuple[Any, ...]]):
    context = conflicts.between(mine, others)
    assert [(each.path, each.level, each.symbols, each.mine_at, each.theirs_at) for each in context] == found
    for each in context:
        assert (each.mine, each.theirs, each.repository) == ("me", "other", "/project/.git")


@pytest.mark.parametrize(("mine", "others", "found"), CASES)
def test_both_sides_see_the_same(mine: list[Touch], others: list[Touch], found: list[tuple[Any, ...]]):
    context = conflicts.between(others, mine)
    assert [(each.path, each.level, each.symbols, each.theirs_at, each.mine_at) for each in context] == found


def test_each_side_has_its_worktree():
    (found,) = conflicts.between([touch(1, worktree="/one")], [theirs(2, worktree="/two")])
    assert (found.mine_worktree, found.theirs_worktree) == ("/one", "/two")


def test_levels_rise():
    assert sorted(conflicts.LEVELS, key=conflicts.rank) == ["file", "symbol", "merge", "dependency"]
    with pytest.raises(ValueError, match="not in tuple"):
        conflicts.rank("catastrophe")
