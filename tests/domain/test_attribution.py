import pytest

from context_sync.domain import conflicts
from context_sync.domain.records import Symbol, Touch

ADD = Symbol("add", "function", 1, 2)


def touch(session: str, how: str = "sole", at: float = 100.0, after: str = "aa", worktree: str = "/w") -> Touch:
    return Touch(at, session, "Bash", "/w/.git", worktree, "calc.py", (ADD,), after, "", "", attribution=how)


@pytest.mark.parametrize(
    ("other", "same"),
    [
        pytest.param(touch("two", "shared"), True, id="a shared copy"),
        pytest.param(touch("two", "unknown"), True, id="a copy of unknown origin"),
        pytest.param(touch("two", "sole"), True, id="an edit of the other"),
        pytest.param(touch("two", "shared", at=101.5), True, id="the hook was late"),
        pytest.param(touch("two", "shared", at=110.0), False, id="another moment"),
        pytest.param(touch("two", "shared", after="bb"), False, id="another text"),
        pytest.param(touch("two", "shared", worktree="/v"), False, id="another worktree"),
        pytest.param(touch("one", "shared"), False, id="its own"),
    ],
)
def test_one_write_that_two_sessions_may_have_made(other: Touch, same: bool):
    mine = touch("one", "shared")
    assert conflicts.is_same_write(mine, other) is same
    assert conflicts.is_same_write(other, mine) is same


def test_two_edits_that_come_to_the_same_are_two_writes():
    assert not conflicts.is_same_write(touch("one"), touch("two"))


SOLE, SHARED = touch("one"), touch("one", "shared")
FILE_ONLY = SHARED._replace(symbols=())


@pytest.mark.parametrize(
    ("mine", "theirs", "counts", "others_count"),
    [
        pytest.param([SOLE], [touch("two")], [SOLE], [touch("two")], id="sole edits count as they are"),
        pytest.param([SHARED], [touch("two", "shared")], [], [], id="copies of one write do not meet"),
        pytest.param([SHARED], [touch("two")], [], [touch("two")], id="the write is the other's"),
        pytest.param([SHARED], [touch("two", at=50.0)], [FILE_ONLY], [touch("two", at=50.0)], id="the file alone"),
        pytest.param(
            [touch("one", at=50.0, after="bb"), SHARED],
            [touch("two", "shared")],
            [touch("one", at=50.0, after="bb")],
            [],
            id="an earlier edit does not meet a copy of the later",
        ),
    ],
)
def test_what_counts_between_two_sessions(
    mine: list[Touch], theirs: list[Touch], counts: list[Touch], others_count: list[Touch]
):
    assert conflicts.weigh(mine, theirs) == (counts, others_count)
