"""Stored summaries: `summaries/<id>.gathered`, what was read from a session's transcripts, and `summaries/<id>.json`.

Both are kept as long as the session's presence or its transcript exists.
"""

from __future__ import annotations

import os
import time

from context_sync.hotpath.namedtuples import TYPE_CHECKING
from context_sync.state import files

if TYPE_CHECKING:
    from typing import Any

POLL_INTERVAL = 0.05  # seconds between two attempts to lock


def load(session_id: str) -> dict[str, Any]:
    """Return the summary of a session, empty when there is none."""
    return files.read_json(_file(session_id)) or {}


def save(session_id: str, summary: dict[str, Any]) -> None:
    """Replace the summary of a session."""
    files.write_json(_file(session_id), summary)


def load_gathered(session_id: str) -> dict[str, Any]:
    """Return what was gathered from a session's transcripts, empty when nothing was."""
    return files.read_json(_file(session_id, "gathered")) or {}


def save_gathered(session_id: str, transcript: str, gathered: dict[str, Any]) -> None:
    """Replace what was gathered from a session's `transcript`, and delete what outlived its session."""
    files.write_json(_file(session_id, "gathered"), gathered | {"transcript": transcript})
    for name in files.names(files.path("summaries")):
        other = name.removesuffix(".gathered")
        if other not in (name, session_id) and not _has_session(other):
            forget(other)


def forget(session_id: str) -> None:
    """Delete what is stored for a session."""
    for end in ("json", "gathered", "lock"):
        files.remove(_file(session_id, end))


class GenerationLock:
    """The lock for making a session's summary; entered as False when another process held it for all of `seconds`."""

    def __init__(self, session_id: str, seconds: float) -> None:
        self._file = _file(session_id, "lock")
        self._end = time.monotonic() + seconds
        self._descriptor = -1

    def __enter__(self) -> bool:
        files.folder_of(self._file)
        self._descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        while not _try_lock(self._descriptor):
            if time.monotonic() > self._end:
                return False
            time.sleep(POLL_INTERVAL)
        return True

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)  # releases the lock


def _try_lock(descriptor: int) -> bool:
    import fcntl  # hooks never get here

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _has_session(session_id: str) -> bool:
    transcript = str(load_gathered(session_id).get("transcript", ""))
    return os.path.exists(files.path("sessions", session_id + ".json")) or os.path.exists(transcript)


def _file(session_id: str, end: str = "json") -> str:
    return files.path("summaries", f"{session_id}.{end}")
