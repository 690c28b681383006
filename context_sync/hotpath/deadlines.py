"""Deadlines: the time limit of a hook, the share of it that is left, and steps that may use only a part of it."""

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


MIN_TIMER = 1e-6  # seconds; 0 would mean no limit


class OutOfTimeError(BaseException):
    """The time limit has passed; not an Exception, so that no `except Exception` on the way catches it."""


def begin(seconds: float) -> None:
    """Raise OutOfTimeError after `seconds`, whatever this process does then; 0 means never."""
    signal.signal(signal.SIGALRM, _give_up)
    signal.setitimer(signal.ITIMER_REAL, seconds, seconds)  # the interval keeps the whole time, for `left`


def left() -> float:
    """Return the share of the time that is left, from 1 to 0; 1 without a limit."""
    rest, whole = signal.getitimer(signal.ITIMER_REAL)
    return rest / whole if whole else 1.0


def attempt(work: Callable[[], Result], part: float) -> Result | None:
    """Return what `work` returns, or None when it takes more than a `part` of the time that is left."""
    rest, whole = signal.getitimer(signal.ITIMER_REAL)
    if not whole:
        return work()
    begun = time.monotonic()
    try:
        signal.setitimer(signal.ITIMER_REAL, max(rest * part, MIN_TIMER), whole * part)
        return work()
    except OutOfTimeError:
        return None
    finally:
        signal.setitimer(signal.ITIMER_REAL, max(rest - (time.monotonic() - begun), MIN_TIMER), whole)


def _give_up(_signal: int, _frame: FrameType | None) -> None:
    signal.setitimer(signal.ITIMER_REAL, 0.0)
    raise OutOfTimeError("the hook took longer than it may")
