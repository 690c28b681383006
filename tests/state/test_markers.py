import os

import pytest

from context_sync.state import files, markers


def abouts(session: str, at_prompt: bool = False) -> list[str]:
    return sorted(call.about for call in markers.calls(session, at_prompt=at_prompt))


def test_a_call_is_there_until_it_is_answered():
    markers.register("one")
    markers.call("one", "two", ("a.py",))
    markers.call("one", "three")
    assert abouts("one") == ["three", "two"]
    two = [call for call in markers.calls("one", at_prompt=False) if call.about == "two"]
    assert [call.paths for call in two] == [("a.py",)]
    markers.answered("one", two)
    assert abouts("one") == ["three"]


def test_a_call_that_comes_while_an_earlier_one_is_answered_stays():
    markers.register("one")
    markers.call("one", "two", ("a.py",))
    seen = markers.calls("one", at_prompt=False)
    markers.call("one", "two", ("a.py",))
    markers.answered("one", seen)
    assert abouts("one") == ["two"]


def test_a_postponed_call_waits_for_the_prompt():
    markers.register("one")
    markers.call("one", "two")
    markers.postpone("one", markers.calls("one", at_prompt=False))
    assert abouts("one") == []
    assert abouts("one", at_prompt=True) == ["two"]
    markers.answered("one", markers.calls("one", at_prompt=True))
    assert abouts("one", at_prompt=True) == []


def test_a_session_that_is_not_there_is_not_called():
    markers.call("one", "two")
    assert not markers.is_registered("one")
    assert markers.calls("one", at_prompt=True) == []


def test_a_session_that_does_not_listen_collects_only_so_many_calls():
    markers.register("one")
    for _ in range(markers.MOST_CALLS + 20):
        markers.call("one", "two")
    assert len(markers.calls("one", at_prompt=False)) == markers.MOST_CALLS


@pytest.mark.parametrize(
    "content", [b'{"paths": ["a.p', b"", b"{}", b'{"paths": 5}', b'{"paths": null}', b"[" * 100_000, b"\xff"]
)
def test_a_call_that_makes_no_sense_is_about_any_file(content: bytes):
    markers.register("one")
    with open(files.path("gate", "one", "pending", "two.1f"), "wb") as stream:
        stream.write(content)
    (call,) = markers.calls("one", at_prompt=False)
    assert (call.about, call.paths) == ("two", ())


def test_recorders_are_known_by_their_pid():
    markers.register("one")
    for name in ("123", "45", "notes.txt"):
        files.mark(files.path("gate", "one", "recording", name))
    assert sorted(markers.recorders("one")) == [45, 123]
    markers.recorded("one", 123)
    markers.recorded("one", 999)
    assert markers.recorders("one") == [45]


def test_a_cleared_session_is_unknown():
    markers.register("one")
    markers.call("one", "two")
    files.mark(files.path("gate", "one", "recording", "1"))
    for name in ("began", "ended"):
        files.mark(files.path("gate", "one", name))
    markers.clear("one")
    assert not markers.is_registered("one")
    assert os.listdir(files.path("gate")) == []
    markers.clear("one")


def test_times_are_those_of_the_markers():
    assert (markers.last_seen("one"), markers.receipt("Stop")) == (0.0, 0.0)
    markers.register("one")
    files.mark(files.path("receipts", "Stop"))
    os.utime(files.path("receipts", "Stop"), (7, 7))
    assert markers.receipt("Stop") == 7.0
    assert markers.last_seen("one") > 7.0
