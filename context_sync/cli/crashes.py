"""Crashes that the user has not been shown yet: each one is shown once."""

import os

from xdg_base_dirs import xdg_state_home

from context_sync import crash_log
from context_sync.crash_log import Crash


def unseen() -> list[Crash]:
    """Return the crashes that have not been shown yet, oldest first."""
    return crash_log.crashes_since(_shown_until())


def shown(crashes: list[Crash]) -> None:
    """Note that these were shown. If that cannot be written they are shown again, which does no harm."""
    if not crashes:
        return
    try:
        with open(_file(), "w", encoding="ascii") as stream:
            stream.write(repr(max(crash.at for crash in crashes)) + "\n")
    except (OSError, RuntimeError):  # RuntimeError: the library finds no home folder
        pass


def _shown_until() -> float:
    try:
        with open(_file(), encoding="ascii") as stream:
            return float(stream.read())
    except (OSError, RuntimeError, ValueError):
        return 0.0


def _file() -> str:
    return os.path.join(xdg_state_home(), "context-sync", "shown-until")
