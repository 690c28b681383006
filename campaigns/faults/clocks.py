"""The clock of files, which lags behind that of the processes: it stands still for milliseconds at a time."""

import time
from pathlib import Path

STEP = 0.001  # seconds


def tick(folder: Path) -> float:
    """Wait until the clock of files goes on, and return its time: all that was written before has an earlier one.

    It is measured by a file in `folder`, which is the same for every local file system.
    """
    before = _time_of_files(folder)
    while (now := _time_of_files(folder)) <= before:
        time.sleep(STEP)
    return now


def _time_of_files(folder: Path) -> float:
    file = folder / "clock"
    file.write_bytes(b".")
    return file.stat().st_mtime
