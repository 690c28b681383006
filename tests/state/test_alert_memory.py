from typing import Any

import pytest

from context_sync.domain.conflicts import Conflict
from context_sync.domain.verdicts import Dependency
from context_sync.state import alert_memory, files, touches
from tests.state.test_touches import touch


def conflict(**fields: Any) -> Conflict:
    known = Conflict(
        mine="me",
        theirs="other",
        repository="/project/.git",
        path="a.py",
        level="symbol",
        symbols=("f",),
        mine_worktree="/project",
        theirs_worktree="/project",
        mine_at=10.0,
        theirs_at=20.0,
        mine_all=("m1",),
        theirs_touches=("t1",),
    )
    made = known._replace(**fields)
    return made if "theirs_all" in fields else made._replace(theirs_all=made.theirs_touches)


# The session was alerted to the edit t1 of `f` by the other, after its own edit m1.
CASES = [
    pytest.param({}, False, False, id="the same again"),
    pytest.param({"mine_all": ("m1", "m2")}, False, False, id="an edit of one's own"),
    pytest.param({"theirs_touches": ("t1", "t2")}, False, True, id="a later edit of the other"),
    pytest.param({"symbols": ("f", "g"), "theirs_touches": ("t1", "t2")}, True, True, id="one more symbol"),
    pytest.param({"symbols": ("g",), "theirs_touches": ("t1", "t2")}, True, True, id="another symbol"),
    pytest.param({"level": "file", "symbols": ()}, False, False, id="a weaker level"),
    pytest.param(
        {"level": "file", "symbols": (), "theirs_touches": ("t1", "t2")}, False, True, id="a weaker level, later"
    ),
    pytest.param({"level": "merge"}, True, False, id="a higher level"),
    pytest.param({"level": "dependency"}, True, False, id="the highest level"),
    pytest.param({"path": "b.py"}, True, True, id="another file"),
    pytest.param({"theirs": "third"}, True, True, id="another session"),
    pytest.param({"repository": "/elsewhere/.git"}, True, True, id="another repository"),
    pytest.param({"theirs_touches": ()}, True, False, id="of nothing that is known"),
    pytest.param({"theirs_touches": ("t2",)}, True, True, id="theirs was settled, and they edited it again"),
    pytest.param({"mine_all": ("m2",)}, True, True, id="mine was settled, and I edited it again"),
    pytest.param({"mine_all": ()}, False, False, id="about to edit it"),
    pytest.param(
        {"theirs_touches": ("t2",), "theirs_all": ("t1", "t2")}, False, True, id="an edit of another place that meets"
    ),
    pytest.param({"theirs_all": ("t1", "t2")}, False, False, id="a later edit of theirs elsewhere in the file"),
]


@pytest.mark.parametrize(("change", "new", "renewed"), CASES)
def test_what_is_new_and_what_is_renewed(change: dict[str, Any], new: bool, renewed: bool):
    alert_memory.remember("me", [conflict()], 100.0)
    memory = alert_memory.recall("me")
    assert memory.is_new(conflict(**change)) is new
    assert memory.is_renewed(conflict(**change)) is renewed


def test_a_denial_before_an_edit_is_remembered_whatever_the_edit_becomes():
    alert_memory.remember("me", [conflict(mine_all=())], 100.0)
    assert not alert_memory.recall("me").is_new(conflict(mine_all=("m7",)))
    assert alert_memory.recall("me").is_renewed(conflict(mine_all=("m7",), theirs_touches=("t1", "t2")))


def test_what_the_first_version_noted_is_understood():
    for session, at, path in (("me", 10.0, "a.py"), ("other", 20.0, "a.py"), ("other", 30.0, "a.py")):
        touches.append([touch(at, session=session, path=path)])
    old = {"at": 100.0, "theirs": "other", "place": ["/project/.git", "a.py"], "level": "symbol", "symbols": ["f"]}
    files.append_lines(files.path("alerts", "me.jsonl"), [old | {"theirs_at": 20.0}])
    mine = [each.id for each in touches.read("me").touches]
    first, second = (each.id for each in touches.read("other").touches)
    memory = alert_memory.recall("me")
    known = conflict(mine_all=tuple(mine), theirs_touches=(first,))
    assert (memory.is_new(known), memory.is_renewed(known)) == (False, False)
    later = known._replace(theirs_touches=(first, second), theirs_all=(first, second))
    assert (memory.is_new(later), memory.is_renewed(later)) == (False, True)
    assert memory.is_new(known._replace(theirs_touches=(second,), theirs_all=(second,)))


ANNOUNCED = [
    pytest.param({}, True, id="the same again"),
    pytest.param({"theirs_touches": ("t1", "t2")}, False, id="a later edit of the other"),
    pytest.param({"symbols": ("f", "g")}, False, id="one more symbol"),
    pytest.param({"level": "file", "symbols": ()}, True, id="a weaker level"),
    pytest.param({"level": "merge"}, False, id="a higher level"),
    pytest.param({"path": "b.py"}, False, id="another file"),
    pytest.param({"theirs_touches": ("t2",)}, False, id="theirs was settled, and they edited it again"),
]


@pytest.mark.parametrize(("change", "announced"), ANNOUNCED)
def test_what_was_announced_is_known_and_still_to_be_reported(change: dict[str, Any], announced: bool):
    alert_memory.announce("me", [conflict()], 100.0)
    memory = alert_memory.recall("me")
    assert memory.is_announced(conflict(**change)) is announced
    assert memory.is_new(conflict(**change))
    assert memory.is_renewed(conflict(**change))


def test_what_was_reported_is_not_announced():
    alert_memory.remember("me", [conflict()], 100.0)
    assert not alert_memory.recall("me").is_announced(conflict())


def test_everything_is_new_to_one_who_was_notified_of_nothing():
    memory = alert_memory.recall("me")
    assert memory.is_new(conflict())
    assert memory.is_renewed(conflict())


def test_symbols_reported_one_after_the_other_are_known_together():
    alert_memory.remember("me", [conflict()], 100.0)
    alert_memory.remember("me", [conflict(symbols=("g",), theirs_touches=("t1", "t2"))], 110.0)
    memory = alert_memory.recall("me")
    assert not memory.is_new(conflict(symbols=("f", "g"), theirs_touches=("t1", "t2")))
    assert not memory.is_renewed(conflict(theirs_touches=("t1", "t2")))


def test_file_level_then_symbol_level_rises():
    alert_memory.remember("me", [conflict(level="file", symbols=())], 100.0)
    assert alert_memory.recall("me").is_new(conflict())


def test_nothing_reported_writes_nothing():
    alert_memory.remember("me", [], 100.0)
    assert files.names(files.path("alerts")) == []


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"level": "catastrophe"}, id="an unknown level"),
        pytest.param({"symbols": None}, id="no symbols"),
        pytest.param({"at": "then"}, id="a text as time"),
        pytest.param({"at": 10**400}, id="a number larger than Python takes"),
    ],
)
def test_a_line_that_makes_no_sense_is_left_out(broken: dict[str, Any]):
    alert_memory.remember("me", [conflict()], 100.0)
    where = files.path("alerts", "me.jsonl")
    (line,) = files.read_lines(where)
    files.append_lines(where, [line | broken if broken else {}])
    with open(where, "ab") as stream:
        stream.write(b'{"at": 1')
    assert not alert_memory.recall("me").is_new(conflict())


def test_a_conflict_is_known_by_its_file_and_a_dependency_by_what_it_is_on():
    known = Conflict("me", "other", "/r", "a.py", "symbol", ("f",), "/w", "/w", 1.0, 2.0)
    assert alert_memory.key(known) == alert_memory.key(known._replace(level="file", symbols=(), theirs_at=9.0))
    assert alert_memory.key(known) != alert_memory.key(known._replace(path="b.py"))
    on = Dependency._make(f"<{name}>" for name in Dependency._fields)
    dependent = alert_memory.key(known._replace(level="dependency", dependency=on))
    assert dependent != alert_memory.key(known)
    assert dependent != alert_memory.key(known._replace(dependency=on._replace(definition="<g>")))
