"""Owns the time that a hook may take: its end, how much of it is left, and a step that may only use a part of it."""

from __future__ import annotations

import time

from context_sync.hotpath.namedtuples import TYPE_CHECKING

if TYPE_CHECKING:
    import signal
    from collections.abc import Callable
    from types import FrameType
    from typing import TypeVar

    Result = TypeVar("Result")
else:
    import _signal as signal  # `signal` itself loads `enum` (3 ms)


LEAST = 1e-6  # seconds; 0 would stand for no end


class OutOfTimeError(BaseException):
    """The time is over; not an Exception, so that nothing on the way takes it for its own."""


def begin(seconds: float) -> None:
    """Have OutOfTimeError raised, whatever this process does then, after `seconds`; 0 stands for never."""
    signal.signal(signal.SIGALRM, _give_up)
    signal.setitimer(signal.ITIMER_REAL, seconds, seconds)  # the interval says of what the rest is a part


def left() -> float:
    """Return the part of the time that is left, from 1 to 0; 1 where there is no end."""
    rest, whole = signal.getitimer(signal.ITIMER_REAL)
    return rest / whole if whole else 1.0


def attempt(work: Callable[[], Result], part: float) -> Result | None:
    """Return what `work` returns, None when it takes more than a `part` of the time that is left."""
    rest, whole = signal.getitimer(signal.ITIMER_REAL)
    if not whole:
        return work()
    begun = time.monotonic()
    try:
        signal.setitimer(signal.ITIMER_REAL, max(rest * part, LEAST), whole * part)
        return work()
    except OutOfTimeError:
        return None
    finally:
        signal.setitimer(signal.ITIMER_REAL, max(rest - (time.monotonic() - begun), LEAST), whole)


def _give_up(_signal: int, _frame: FrameType | None) -> None:
    signal.setitimer(signal.ITIMER_REAL, 0.0)
    raise OutOfTimeError("the hook took longer than it may")
