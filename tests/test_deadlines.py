import signal
import time
from collections.abc import Iterator

import pytest

from context_sync import deadlines


@pytest.fixture(autouse=True)
def no_deadline() -> Iterator[None]:
    before = signal.getsignal(signal.SIGALRM)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0.0)
    signal.signal(signal.SIGALRM, before)


def for_ever() -> None:
    while True:
        pass


def test_the_time_is_over():
    deadlines.begin(0.1)
    with pytest.raises(deadlines.OutOfTimeError):
        for_ever()
    time.sleep(0.2)  # and it is not over once more


def test_without_an_end_there_is_all_the_time():
    assert deadlines.left() == 1.0
    assert deadlines.attempt(lambda: "done", 0.1) == "done"
    assert deadlines.left() == 1.0


def test_what_is_left_becomes_less():
    deadlines.begin(60.0)
    first = deadlines.left()
    time.sleep(0.05)
    assert 0.5 < deadlines.left() < first < 1.0


def test_a_step_that_takes_too_long_is_given_up_and_the_rest_goes_on():
    deadlines.begin(60.0)
    assert deadlines.attempt(for_ever, 0.003) is None
    assert 0.9 < deadlines.left() < 1.0
    assert deadlines.attempt(lambda: deadlines.left(), 0.5) == pytest.approx(deadlines.left(), abs=0.1)


def test_the_whole_time_is_over_inside_a_step_s_time_too():
    def again_and_again() -> None:
        while True:
            deadlines.attempt(for_ever, 0.5)

    deadlines.begin(0.2)
    with pytest.raises(deadlines.OutOfTimeError):
        again_and_again()
