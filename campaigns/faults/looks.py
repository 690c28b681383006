"""A waiter as the tests follow it: it hardly pauses between two looks for mail, and reports once it waits."""

import os
import time
from itertools import count

from context_sync.events import dispatch

ENOUGH = 3  # looks; who found nothing by then waits


class Looks:
    """A pipe from the waiter to the tests, made before it is forked: all that it does afterwards may fail."""

    def __init__(self) -> None:
        self._notified, self._tell = os.pipe()
        self._write, self._sleep = os.write, time.sleep

    def run(self) -> None:
        """Be the waiter, in the forked process."""
        numbers = count()

        def step(_: float) -> None:
            if next(numbers) == ENOUGH:
                self._write(self._tell, b".")
            self._sleep(0.002)

        time.sleep = step
        dispatch.main("Idle")

    def is_waiting(self) -> bool:
        """Return, in the process of the tests, once the waiter waits or has ended, and say which."""
        os.close(self._tell)
        try:
            return os.read(self._notified, 1) == b"."
        finally:
            os.close(self._notified)
