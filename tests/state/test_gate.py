import itertools
import os
import time

import pytest

from context_sync.state import files, gate


def abouts(session: str, at_prompt: bool = False) -> list[str]:
    return sorted(notice.about for notice in gate.notices(session, at_prompt=at_prompt))


def test_a_call_is_there_until_it_is_answered():
    gate.register("one")
    gate.notify("one", "two", ("a.py",))
    gate.notify("one", "three")
    assert abouts("one") == ["three", "two"]
    two = [notice for notice in gate.notices("one", at_prompt=False) if notice.about == "two"]
    assert [notice.paths for notice in two] == [("a.py",)]
    gate.discard("one", two)
    assert abouts("one") == ["three"]


def test_a_call_that_comes_while_an_earlier_one_is_answered_stays():
    gate.register("one")
    gate.notify("one", "two", ("a.py",))
    seen = gate.notices("one", at_prompt=False)
    gate.notify("one", "two", ("a.py",))
    gate.discard("one", seen)
    assert abouts("one") == ["two"]


def test_a_postponed_call_waits_for_the_prompt():
    gate.register("one")
    gate.notify("one", "two")
    gate.defer("one", gate.notices("one", at_prompt=False))
    assert abouts("one") == []
    assert abouts("one", at_prompt=True) == ["two"]
    gate.discard("one", gate.notices("one", at_prompt=True))
    assert abouts("one", at_prompt=True) == []


def test_a_session_that_is_not_there_is_not_called():
    gate.notify("one", "two")
    assert not gate.is_registered("one")
    assert gate.notices("one", at_prompt=True) == []


def context_of(session: str, about: str, at_prompt: bool = False) -> set[str] | None:
    """Return the files that a session is called about, None when it may be any."""
    found = [notice.paths for notice in gate.notices(session, at_prompt=at_prompt) if notice.about == about]
    return {path for paths in found for path in paths} if all(found) else None


def test_many_calls_about_one_session_become_one_about_all_of_its_files():
    gate.register("one")
    for number in range(100):
        gate.notify("one", "two", (f"{number}.py", "a.py"))
    gate.notify("one", "three", ("b.py",))
    assert len(abouts("one")) <= gate.MAX_NOTICES_OF_ONE + 1
    assert context_of("one", "two") == {"a.py", *(f"{number}.py" for number in range(100))}
    assert context_of("one", "three") == {"b.py"}


def test_many_calls_on_a_coarse_clock_lose_no_file(monkeypatch: pytest.MonkeyPatch):
    clock = itertools.count()
    monkeypatch.setattr(time, "time_ns", lambda: next(clock) // 3)
    gate.register("one")
    for number in range(100):
        gate.notify("one", "two", (f"{number}.py",))
    assert context_of("one", "two") == {f"{number}.py" for number in range(100)}


def test_a_call_about_any_file_stays_one_beside_others_of_the_same_moment(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(time, "time_ns", lambda: 1)
    gate.register("one")
    for paths in (("a.py",), (), ("b.py",)):
        gate.notify("one", "two", paths)
    assert context_of("one", "two") is None


def test_a_call_about_any_file_stays_one_among_many():
    gate.register("one")
    for number in range(2 * gate.MAX_NOTICES_OF_ONE):
        gate.notify("one", "two", () if number == 3 else ("a.py",))
    assert context_of("one", "two") is None


def test_calls_about_many_sessions_are_one_about_each():
    gate.register("one")
    others = [f"session-{number}" for number in range(gate.MAX_NOTICES + 10)]
    for path in ("a.py", "b.py", "c.py"):
        for other in others:
            gate.notify("one", other, (path,))
    assert set(abouts("one")) == set(others)
    assert len(abouts("one")) < len(others) + 50
    assert all(context_of("one", other) == {"a.py", "b.py", "c.py"} for other in others)


def test_what_is_postponed_again_and_again_becomes_one_call():
    gate.register("one")
    for number in range(50):
        gate.notify("one", "two", (f"{number}.py",))
        gate.defer("one", gate.notices("one", at_prompt=False))
    assert len(abouts("one", at_prompt=True)) <= gate.MAX_NOTICES_OF_ONE
    assert context_of("one", "two", at_prompt=True) == {f"{number}.py" for number in range(50)}


@pytest.mark.parametrize(
    "content", [b'{"paths": ["a.p', b"", b"{}", b'{"paths": 5}', b'{"paths": null}', b"[" * 100_000, b"\xff"]
)
def test_a_call_that_makes_no_sense_is_about_any_file(content: bytes):
    gate.register("one")
    with open(files.path("gate", "one", "pending", "two.1f"), "wb") as stream:
        stream.write(content)
    (notice,) = gate.notices("one", at_prompt=False)
    assert (notice.about, notice.paths) == ("two", ())


def test_recorders_are_known_by_their_pid():
    gate.register("one")
    for name in ("123", "45", "notes.txt"):
        files.mark(files.path("gate", "one", "recording", name))
    assert sorted(gate.recorders("one")) == [45, 123]
    gate.recorded("one", 123)
    gate.recorded("one", 999)
    assert gate.recorders("one") == [45]


def test_the_time_of_a_recorder_is_that_of_its_marker():
    gate.register("one")
    files.mark(files.path("gate", "one", "recording", "123"))
    os.utime(files.path("gate", "one", "recording", "123"), (7, 7))
    assert (gate.recording_since("one", 123), gate.recording_since("one", 124)) == (7.0, 0.0)


def test_a_cleared_session_is_unknown():
    gate.register("one")
    gate.notify("one", "two")
    files.mark(files.path("gate", "one", "recording", "1"))
    for name in ("began", "ended"):
        files.mark(files.path("gate", "one", name))
    gate.mark_client("one", 4711, "0123abcd/pid:[4026531836]")
    gate.clear("one")
    assert not gate.is_registered("one")
    assert os.listdir(files.path("gate")) == []
    gate.clear("one")


def test_times_are_those_of_the_markers():
    assert (gate.last_seen("one"), gate.receipt("Stop")) == (0.0, 0.0)
    gate.register("one")
    files.mark(files.path("receipts", "Stop"))
    os.utime(files.path("receipts", "Stop"), (7, 7))
    assert gate.receipt("Stop") == 7.0
    assert gate.last_seen("one") > 7.0
