import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from context_sync.domain.records import Symbol, Touch
from context_sync.state import files, touches
from tests.settling import settle


def touch(at: float = 100.0, **fields: Any) -> Touch:
    known = Touch(
        at=at,
        session="one",
        tool="Edit",
        repository="/project/.git",
        worktree="/project",
        path="a.py",
        symbols=(Symbol("f", "function", 1, 3),),
        after="0" * 64,
        agent="",
        tool_use=f"toolu_{at}",
    )
    return known._replace(**fields)


def test_appended_touches_are_read_in_the_order_of_their_time():
    touches.append([touch(3.0), touch(1.0)])
    touches.append([touch(2.0, symbols=())])
    assert [each.at for each in touches.read("one").touches] == [1.0, 2.0, 3.0]
    assert touches.read("one").touches[0] == touch(1.0, id=touches.id_of(touch(1.0)))
    assert touches.read("two").touches == []


def test_nothing_appended_makes_no_file():
    touches.append([])
    assert files.names(files.path("touches")) == []


def test_only_the_paths_asked_for_are_read():
    touches.append([touch(1.0), touch(2.0, path="b.py")])
    assert [each.path for each in touches.read("one", {"b.py"}).touches] == ["b.py"]
    assert touches.read("one", ()).touches == []


def test_an_edit_that_two_recorders_wrote_is_one():
    touches.append([touch(1.0, tool_use="toolu_1")])
    touches.append([touch(1.5, tool_use="toolu_1")])
    assert len(touches.read("one").touches) == 1


def test_the_copy_of_an_edit_that_comes_after_it_was_settled_reopens_nothing():
    touches.append([touch(1.0, tool_use="toolu_1")])
    settle("one", "a.py", 3.0)
    touches.append([touch(2.0, tool_use="toolu_1")])
    [made] = (history := touches.read("one")).touches
    assert history.is_settled(made)
    touches.compact("one", before=1.5)
    assert touches.read("one").touches == []


def test_an_edit_after_the_clock_was_set_back_is_kept_with_what_it_is_like():
    touches.append([touch(1.0, tool_use="")])
    settle("one", "a.py", 2.0)
    touches.append([touch(1.0, tool_use="", after="1" * 64)])
    touches.compact("one", before=3.0)
    history = touches.read("one")
    assert [each.after for each in history.touches if not history.is_settled(each)] == ["1" * 64]


def test_a_tool_use_that_changed_a_file_in_two_worktrees_is_two_touches():
    touches.append([touch(tool_use="toolu_1"), touch(tool_use="toolu_1", worktree="/other")])
    assert len(touches.read("one").touches) == 2


def test_edits_without_a_tool_use_are_all_kept():
    touches.append([touch(1.0, tool_use=""), touch(2.0, tool_use="")])
    touches.append([touch(3.0, tool_use="")])
    assert len(touches.read("one").touches) == 3


def test_a_tool_use_that_changed_two_files_is_two_touches():
    touches.append([touch(1.0, tool_use="toolu_1"), touch(1.0, tool_use="toolu_1", path="b.py")])
    assert [each.path for each in touches.read("one").touches] == ["a.py", "b.py"]


def test_what_is_recorded_is_known_by_its_tool_use():
    touches.append([touch(1.0, tool_use='toolu_"1"'), touch(2.0, tool_use="toolu_2")])
    assert touches.recorded("one", ['toolu_"1"', "toolu_2", "toolu_3", "", "Edit", "a.py"]) == {'toolu_"1"', "toolu_2"}
    assert touches.recorded("two", ["toolu_2"]) == set()


@pytest.mark.parametrize("missing", [1, 2, 3, 10])
def test_a_touch_whose_line_was_cut_is_not_recorded(missing: int):
    touches.append([touch(1.0, tool_use="toolu_1")])
    where = files.path("touches", "one.jsonl")
    with open(where, "rb+") as stream:
        stream.truncate(len(stream.read()) - missing)
    assert touches.recorded("one", ["toolu_1"]) == set()
    touches.append([touch(1.0, tool_use="toolu_1")])
    assert touches.recorded("one", ["toolu_1"]) == {"toolu_1"}
    assert len(touches.read("one").touches) == 1


def test_the_id_of_an_edit_is_that_of_its_tool_use_and_file():
    known = touch(1.0, tool_use="toolu_1")
    assert touches.id_of(known) == touches.id_of(known._replace(at=2.0, after="1" * 64))
    changes = ({"tool_use": "toolu_2"}, {"session": "two"}, {"worktree": "/other"}, {"path": "b.py"}, {"tool_use": ""})
    assert len({touches.id_of(known), *(touches.id_of(known._replace(**each)) for each in changes)}) == 6


def line(**fields: object) -> dict[str, object]:
    return touch(7.0)._asdict() | {"symbols": []} | fields


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param({"tool": "Edit"}, id="nothing but the tool"),
        pytest.param(line(at="soon"), id="a text as time"),
        pytest.param(line(at=1e999), id="an endless time"),
        pytest.param(line(at=float("nan")), id="no number as time"),
        pytest.param(line(at=-1), id="a time before the epoch"),
        pytest.param(line(at=1e15), id="a time without a date"),
        pytest.param(line(at=10**400), id="a number larger than Python takes"),
        pytest.param(line(symbols=None), id="no symbols"),
        pytest.param(line(symbols=["f"]), id="a text as symbol"),
        pytest.param(line(symbols=[{"name": "f"}]), id="half a symbol"),
        pytest.param(line(symbols=[{"name": "f", "kind": "x", "start": 1e999, "end": 1}]), id="an endless line number"),
        pytest.param({"settled": "a.py"}, id="half a settling"),
        pytest.param({"settled": "a.py", "worktree": "/project", "at": None}, id="a settling without time"),
        pytest.param({"event": "edited"}, id="an edit without anything"),
        pytest.param({"event": "committed", "at": 1.0, "touches": 7}, id="a number as touches"),
        pytest.param({"event": ["committed"], "at": 1.0, "touches": []}, id="a list as event"),
        pytest.param({"event": "vanished", "at": 1.0, "touches": ["x"]}, id="an event that is not known"),
        pytest.param({}, id="nothing"),
    ],
)
def test_a_line_that_makes_no_sense_is_left_out(broken: dict[str, object]):
    touches.append([touch(1.0)])
    files.append_lines(files.path("touches", "one.jsonl"), [broken])
    touches.append([touch(2.0)])
    history = touches.read("one")
    assert [each.at for each in history.touches] == [1.0, 2.0]
    assert [each.at for each in history.unsettled()] == [1.0, 2.0]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from([*Touch._fields, "settled", "resolved", "event", "touches"])


@settings(max_examples=60)
@given(st.lists(st.dictionaries(FIELDS, JSON, max_size=12), max_size=4), st.binary(max_size=40), st.integers(0, 400))
def test_whatever_stands_in_a_touch_file_it_is_read(lines: list[dict[str, Any]], rubbish: bytes, cut: int):
    where = files.path("touches", "one.jsonl")
    files.folder_of(where)
    text = b"".join(json.dumps(each).encode() + b"\n" for each in [touch(1.0)._asdict() | {"symbols": []}, *lines])
    with open(where, "wb") as stream:
        stream.write(text + rubbish)
    history = touches.read("one")
    assert touch(1.0).tool_use in {each.tool_use for each in history.touches}
    for each in history.touches:
        assert 0 <= each.at < touches.LATEST
    with open(where, "wb") as stream:
        stream.write(text[:cut])
    touches.append([touch(5.0, tool_use="last")])
    assert "last" in {each.tool_use for each in touches.read("one").touches}


ENDS = st.tuples(st.sampled_from(["committed", "resolved", "restored"]), st.sampled_from("ab"), st.integers(0, 9))
MADE = st.tuples(st.just("touch"), st.sampled_from("ab"), st.integers(0, 9))


@given(st.lists(st.one_of(MADE, ENDS), max_size=12), st.integers(0, 10))
@settings(max_examples=200, deadline=None)
def test_compaction_settles_and_restores_nothing(lines: list[tuple[str, str, int]], before: int):
    files.remove(files.path("touches", "one.jsonl"))
    for number, (what, path, at) in enumerate(lines):
        if what == "touch":
            touches.append([touch(float(at), path=path, tool_use=f"toolu_{number}")])
        else:
            settle("one", path, float(at), what)
    was = touches.read("one")
    touches.compact("one", float(before))
    now = touches.read("one")
    kept = [each for each in was.touches if each.at >= before or not was.is_settled(each)]
    assert now.touches == kept
    for each in kept:
        assert (now.is_settled(each), now.is_resolved(each)) == (was.is_settled(each), was.is_resolved(each))
    text = files.read_bytes(files.path("touches", "one.jsonl"))
    touches.compact("one", float(before))
    assert files.read_bytes(files.path("touches", "one.jsonl")) == text
