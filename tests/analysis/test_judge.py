import pytest

from context_sync.analysis.changes import Change
from context_sync.analysis.judge import judge
from context_sync.domain.verdicts import ConflictRange, Range, Verdict
from tests.analysis.pairs import Case, judged

BASE = """\
def one():
    a = 1
    b = 2
    c = 3
    d = 4
    return a


def two():
    x = 1
    return x


class Three:
    def four(self):
        return 4

    def five(self):
        return 5
"""

COMMENTED = """\
class A {
  /** One. */

  one() {
    return 1;
  }

  /** Two. */

  two() {
    return 2;
  }
}
"""

FILE = {"a.py": BASE}

LEVELS = [
    Case("different functions", FILE, {"a.py": "a = 1⇒a = 10"}, {"a.py": "x = 1⇒x = 10"}, ["file"]),
    Case("the same line", FILE, {"a.py": "a = 1⇒a = 10"}, {"a.py": "a = 1⇒a = 11"}, ["merge one"]),
    Case("one function, lines apart", FILE, {"a.py": "a = 1⇒a = 10"}, {"a.py": "d = 4⇒d = 40"}, ["symbol one"]),
    Case("two methods of a class", FILE, {"a.py": "return 4⇒return 40"}, {"a.py": "return 5⇒return 50"}, ["file"]),
    Case("the same change", FILE, {"a.py": "a = 1⇒a = 10"}, {"a.py": "a = 1⇒a = 10"}, []),
    Case(
        "the same change and another",
        FILE,
        {"a.py": "a = 1⇒a = 10"},
        {"a.py": BASE.replace("= 1\n", "= 10\n")},
        [],
    ),
    Case("different files", FILE | {"b.py": "y = 1\n"}, {"a.py": "a = 1⇒a = 10"}, {"b.py": "y = 1⇒y = 2"}, []),
    Case(
        "both create the file differently",
        {},
        {"n.py": "def f():\n    return 1\n"},
        {"n.py": "def f():\n    return 2\n"},
        ["merge f"],
    ),
    Case("both create the file alike", {}, {"n.py": "x = 1\n"}, {"n.py": "x = 1\n"}, []),
    Case("one deletes what the other changes", FILE, {"a.py": None}, {"a.py": "a = 1⇒a = 10"}, ["merge one"]),
    Case("both delete", FILE, {"a.py": None}, {"a.py": None}, []),
    Case(
        "a file of no known language", {"n.txt": "a\nb\nc\nd\n"}, {"n.txt": "a\n⇒A\n"}, {"n.txt": "d\n⇒D\n"}, ["file"]
    ),
    Case("neighbouring lines of it", {"n.txt": "a\nb\nc\nd\n"}, {"n.txt": "a\n⇒A\n"}, {"n.txt": "b\n⇒B\n"}, ["merge"]),
    Case(
        "comments of a class away from its methods",
        {"a.js": COMMENTED},
        {"a.js": "/** One. */⇒/** The first. */"},
        {"a.js": "/** Two. */⇒/** The second. */"},
        ["file"],
    ),
]


def in_short(verdict: Verdict) -> str:
    return " ".join((verdict.level, *verdict.symbols))


@pytest.mark.parametrize("case", LEVELS, ids=lambda case: case.id)
def test_the_level_of_a_shared_file(case: Case):
    assert [in_short(verdict) for verdict in judged(case)] == case.found


@pytest.mark.parametrize("case", LEVELS, ids=lambda case: case.id)
def test_the_sides_are_equal(case: Case):
    swapped = case._replace(mine=case.theirs, theirs=case.mine)
    assert [in_short(verdict) for verdict in judged(swapped)] == case.found


def test_in_one_worktree_nothing_is_merged():
    [verdict] = judged(LEVELS[1], apart=False)
    assert (verdict.level, verdict.symbols, verdict.places) == ("symbol", ("one",), ())


def test_where_a_merge_conflicts():
    mine = BASE.replace("def one():", "import os\n\n\ndef one():").replace("x = 1", "x = 10").encode()
    theirs = BASE.replace("    return 5\n", "        return 50\n").replace("x = 1", "x = 11\n    y = 2").encode()
    [verdict] = judge([Change("a.py", BASE.encode(), mine)], [Change("a.py", BASE.encode(), theirs)])
    assert verdict.level == "merge"
    assert verdict.places == (ConflictRange(Range(13, 13), Range(10, 11), ("two",)),)


def test_every_range_of_a_merge_is_returned():
    mine = BASE.replace("a = 1", "a = 10").replace("return 5", "return 50").encode()
    theirs = BASE.replace("a = 1", "a = 11").replace("    def five(self):\n        return 5\n", "").encode()
    [verdict] = judge([Change("a.py", BASE.encode(), mine)], [Change("a.py", BASE.encode(), theirs)])
    first, second = verdict.places
    assert first == ConflictRange(Range(2, 2), Range(2, 2), ("one",))
    assert "Three.five" in second.symbols
    assert second.theirs.end == second.theirs.start - 1


MOVED = BASE.replace("return 4", "return 44")


@pytest.mark.parametrize(
    ("mine", "theirs", "found"),
    [
        pytest.param(
            {"a.py": None, "b.py": MOVED}, {"a.py": "a = 1⇒a = 10"}, ["file"], id="moved and changed elsewhere"
        ),
        pytest.param(
            {"a.py": None, "b.py": MOVED},
            {"a.py": "return 4⇒return 5"},
            ["merge Three.four"],
            id="moved and changed alike",
        ),
        pytest.param({"a.py": None, "b.py": BASE}, {"a.py": None, "c.py": BASE}, ["merge"], id="moved to two places"),
        pytest.param({"a.py": None, "b.py": BASE}, {"a.py": None, "b.py": BASE}, [], id="moved to one place"),
        pytest.param(
            {"a.py": None, "b.py": "z = 1\n"},
            {"a.py": "a = 1⇒a = 10"},
            ["merge one"],
            id="deleted, another file is new",
        ),
    ],
)
def test_a_file_that_moves(mine: dict, theirs: dict, found: list[str]):
    case = Case("", FILE, mine, theirs, found)
    assert [in_short(verdict) for verdict in judged(case) if not verdict.dependency] == found
