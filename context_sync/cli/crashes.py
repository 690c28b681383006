"""Owns which of the recorded crashes a person was shown already: each is shown once."""

import os

from context_sync import crash_log
from context_sync.crash_log import Crash


def unseen() -> list[Crash]:
    """Return the crashes that were not shown yet, oldest first."""
    return crash_log.crashes_since(_shown_until())


def shown(crashes: list[Crash]) -> None:
    """Note that these were shown. Where that cannot be written they are shown again, which does no harm."""
    if not crashes:
        return
    try:
        with open(_file(), "w", encoding="ascii") as stream:
            stream.write(repr(max(crash.at for crash in crashes)) + "\n")
    except OSError:
        pass


def _shown_until() -> float:
    try:
        with open(_file(), encoding="ascii") as stream:
            return float(stream.read())
    except (OSError, ValueError):
        return 0.0


def _file() -> str:
    return os.path.join(os.path.dirname(crash_log.file()), "shown-until")
