import signal
import time
from collections.abc import Callable, Iterator

import pytest

from context_sync.hotpath import deadlines


@pytest.fixture(autouse=True)
def no_deadline() -> Iterator[None]:
    before = signal.getsignal(signal.SIGALRM)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0.0)
    signal.signal(signal.SIGALRM, before)


def for_ever() -> None:
    while True:
        pass


def within(seconds: float, work: Callable[[], None]) -> None:
    """Start the time limit and work within it: it can pass at any line that follows."""
    deadlines.begin(seconds)
    work()


def test_the_time_is_over():
    with pytest.raises(deadlines.OutOfTimeError):
        within(0.1, for_ever)
    time.sleep(0.2)  # and it does not pass again


def test_without_an_end_there_is_all_the_time():
    assert deadlines.left() == 1.0
    assert deadlines.attempt(lambda: "done", 0.1) == "done"
    assert deadlines.left() == 1.0


def test_what_is_left_becomes_less():
    deadlines.begin(6000.0)
    first = deadlines.left()
    time.sleep(0.05)
    assert 0.5 < deadlines.left() < first < 1.0


def test_a_step_that_takes_too_long_is_given_up_and_the_rest_goes_on():
    deadlines.begin(6000.0)
    assert deadlines.attempt(for_ever, 0.00003) is None
    assert 0.9 < deadlines.left() < 1.0
    assert deadlines.attempt(lambda: deadlines.left(), 0.5) == pytest.approx(deadlines.left(), abs=0.1)


def test_the_whole_time_is_over_inside_a_step_s_time_too():
    def again_and_again() -> None:
        while True:
            deadlines.attempt(for_ever, 0.5)

    with pytest.raises(deadlines.OutOfTimeError):
        within(0.2, again_and_again)


def test_a_step_that_begins_with_less_than_the_clock_resolves_is_given_up(monkeypatch: pytest.MonkeyPatch):
    def for_long() -> None:
        end = time.monotonic() + 5
        while time.monotonic() < end:
            pass
        pytest.fail("it had no end")

    def again_and_again() -> None:
        while True:
            deadlines.attempt(for_long, 0.5)

    monkeypatch.setattr(deadlines.signal, "getitimer", lambda _: (0.0, 6000.0))
    with pytest.raises(deadlines.OutOfTimeError):
        within(6000.0, again_and_again)
