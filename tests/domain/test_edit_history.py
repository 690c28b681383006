import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from context_sync.domain import edit_history
from context_sync.domain.edit_history import Event, History
from context_sync.domain.records import Symbol, Touch

F, G = (Symbol(name, "function", line, line + 1) for name, line in (("f", 1), ("g", 5)))


def touch(touch_id: str, at: float = 1.0, symbols: tuple[Symbol, ...] = (F, G), **fields: Any) -> Touch:
    known = Touch(at, "one", "Edit", "/p/.git", "/p", "a.py", symbols, "0" * 64, "", f"toolu_{touch_id}", touch_id)
    return known._replace(**fields)


def edited(*made: Touch) -> list[Event]:
    return [Event("edited", each.at, touch=each) for each in made]


def left(history: History) -> dict[str, str]:
    """The names that are left of each touch by its id; "file" for one without definitions."""
    return {
        each.id: "".join(symbol.name for symbol in each.symbols) if each.symbols else "file"
        for each in history.unsettled()
    }


def event(kind: str, *ids: str, symbols: str = "", at: float = 9.0) -> Event:
    return Event(kind, at, ids, tuple(symbols))


ONE, TWO, FILE = touch("1"), touch("2", 2.0), touch("3", 3.0, symbols=())
CASES = [
    pytest.param([], {"1": "fg", "2": "fg", "3": "file"}, id="nothing happened"),
    pytest.param([event("committed", "1")], {"2": "fg", "3": "file"}, id="one was committed"),
    pytest.param([event("reverted", "1", "3")], {"2": "fg"}, id="two were reverted"),
    pytest.param([event("committed", "1", symbols="f")], {"1": "g", "2": "fg", "3": "file"}, id="a part was committed"),
    pytest.param(
        [event("committed", "1", symbols="f"), event("reverted", "1", symbols="g")],
        {"2": "fg", "3": "file"},
        id="a part was committed and the rest reverted",
    ),
    pytest.param([event("committed", "3", symbols="f")], {"1": "fg", "2": "fg"}, id="no definitions, so all of it"),
    pytest.param(
        [event("reverted", "1", "3"), event("restored", "1", "3")],
        {"1": "fg", "2": "fg", "3": "file"},
        id="stashed and popped",
    ),
    pytest.param(
        [event("reverted", "1"), event("restored", "1", symbols="g")],
        {"1": "g", "2": "fg", "3": "file"},
        id="a part came back",
    ),
    pytest.param(
        [event("reverted", "1"), event("restored", "1", symbols="x")],
        {"2": "fg", "3": "file"},
        id="what it does not have came back",
    ),
    pytest.param(
        [event("committed", "1", symbols="f"), event("restored", "1", symbols="f")],
        {"1": "fg", "2": "fg", "3": "file"},
        id="a part was committed and taken back to the rest",
    ),
    pytest.param([event("resolved", "1", "2", "3")], {}, id="all was resolved"),
    pytest.param([event("resolved", "1"), event("restored", "1")], {"2": "fg", "3": "file"}, id="resolved stays so"),
    pytest.param([event("committed", "none")], {"1": "fg", "2": "fg", "3": "file"}, id="about an unknown touch"),
    pytest.param([event("vanished", "1")], {"2": "fg", "3": "file"}, id="of a kind that is not known yet"),
]


@pytest.mark.parametrize(("events", "found"), CASES)
def test_what_is_left_of_the_edits(events: list[Event], found: dict[str, str]):
    made = edited(ONE, TWO, FILE)
    assert left(edit_history.fold("one", [*made, *events])) == found
    assert left(edit_history.fold("one", made).after(events)) == found
    history = edit_history.fold("one", [*made, *events, *made, *events])
    assert left(history) == found, "applied twice it is another state"
    assert {each.id for each in history.touches if not history.is_settled(each)} == found.keys()


@pytest.mark.parametrize(
    ("events", "resolved", "over"),
    [
        pytest.param([event("committed", "1")], set(), set(), id="committed"),
        pytest.param([event("reverted", "1")], set(), {"1"}, id="reverted"),
        pytest.param([event("reverted", "1", symbols="f")], set(), set(), id="reverted in part"),
        pytest.param(
            [event("committed", "1", symbols="f"), event("reverted", "1", symbols="g")], set(), {"1"}, id="the rest too"
        ),
        pytest.param([event("reverted", "1"), event("restored", "1")], set(), set(), id="stashed and popped"),
        pytest.param([event("resolved", "1")], {"1"}, {"1"}, id="resolved"),
        pytest.param([event("committed", "1"), event("resolved", "1")], {"1"}, {"1"}, id="committed and resolved"),
    ],
)
def test_what_was_resolved_or_reverted_is_in_conflict_with_no_other_worktree(
    events: list[Event], resolved: set[str], over: set[str]
):
    history = edit_history.fold("one", [*edited(ONE, TWO), *events])
    assert {each.id for each in history.touches if history.is_resolved(each)} == resolved
    assert {each.id for each in history.unresolved()} == {"1", "2"} - over
    assert history.unresolved("/elsewhere") == []


def test_moved_work_is_where_it_is_now():
    history = edit_history.fold("one", [*edited(ONE, TWO), Event("moved", 5.0, ("1",), worktree="/other", path="b.py")])
    assert [(each.worktree, each.path) for each in history.touches] == [("/other", "b.py"), ("/p", "a.py")]
    assert [each.id for each in history.unsettled("/other")] == ["1"]
    assert [each.id for each in history.unsettled("/p")] == ["2"]


def test_edits_come_in_the_order_of_their_times_whatever_the_order_of_the_lines():
    made = [touch("a", 3.0), touch("b", 1.0), touch("c", 2.0)]
    for order in itertools.permutations(made):
        assert [each.id for each in edit_history.fold("one", edited(*order)).touches] == ["b", "c", "a"]


def test_a_part_of_the_history_is_that_of_these_paths():
    other = touch("2", path="b.py")
    history = edit_history.fold("one", [*edited(ONE, other), event("committed", "1")]).of({"a.py"})
    assert (history.touches, history.unsettled()) == ([ONE], [])
    assert not history.is_settled(other)


def test_when_it_was_settled_is_known_and_a_repetition_is_no_news():
    history = edit_history.fold("one", [*edited(ONE), event("committed", "1", at=5.0), event("committed", "1", at=7.0)])
    assert [each.settled_at for each in history.edits] == [5.0]


IDS = st.lists(st.sampled_from("1234"), max_size=3).map(tuple)
NAMES = st.sets(st.sampled_from("fgx")).map(tuple)
EVENTS = st.tuples(st.sampled_from(edit_history.KINDS[1:]), st.floats(0, 9), IDS, NAMES).map(
    lambda fields: Event(*fields)
)


@settings(max_examples=300)
@given(st.lists(EVENTS, max_size=12), st.integers(0, 12))
def test_the_fold_goes_on_from_where_it_was(events: list[Event], cut: int):
    made = edited(ONE, TWO, FILE)
    whole = edit_history.fold("one", [*made, *events])
    continued = edit_history.fold("one", [*made, *events[:cut]]).after(events[cut:])
    assert (left(whole), whole.touches) == (left(continued), continued.touches)
    for each in whole.unsettled():
        assert not whole.is_resolved(each)
