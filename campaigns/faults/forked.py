"""A forked process that stands in for one of ours: its streams, and how it ended."""

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple


class Ended(NamedTuple):
    """How a process ended: its status, negative for a signal, what it printed, and by which calls it wrote."""

    status: int
    output: bytes
    errors: bytes
    calls: Sequence[str]


QUIET = Ended(0, b"", b"", ())


class Forked(NamedTuple):
    """A process that stands in for one of ours, and the files that are its streams."""

    pid: int
    streams: list[Path]

    def ended(self) -> Ended:
        """Return how it ended, once it did."""
        _, status = os.waitpid(self.pid, 0)
        output, errors, calls = (file.read_bytes() for file in self.streams[1:])
        return Ended(os.waitstatus_to_exitcode(status), output, errors, calls.decode().split())

    def ended_within(self, seconds: float) -> Ended | None:
        """Return how it ended, None when it did not in this time."""
        end = time.monotonic() + seconds
        while True:
            is_last = time.monotonic() > end  # asked before the look: this process may be stopped after it
            if os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG):
                return self.ended()
            if is_last:
                return None
            time.sleep(0.005)
