"""Cached extraction: a session's stored one, continued when its transcripts have grown."""

import os
from collections.abc import Sequence
from typing import NamedTuple

from context_sync.claude.transcripts import discovery, reader
from context_sync.state import summaries
from context_sync.summaries import extraction
from context_sync.summaries.extraction import Gathered

Seen = dict[str, list[int]]  # size in bytes and time in nanoseconds, by file name


class _Read(NamedTuple):
    """What was read, where the main transcript is, and the sizes and times of all of them; "" where nothing is new."""

    found: Gathered
    main: str
    seen: Seen


def extract(session_id: str, transcript: str) -> Gathered:
    """Return what the session's transcripts contain now, or what they contained if they no longer exist.

    `transcript` is the last known path of the main one. Size and time show whether there is anything new. Nothing is
    stored.
    """
    return _read(session_id, transcript).found


def keep(session_id: str, transcript: str) -> Gathered:
    """Return what `extract` does, and store it: the next one reads only what is new."""
    found, main, seen = _read(session_id, transcript)
    if main:
        summaries.save_gathered(session_id, main, {"gathered": found.to_json(), "seen": seen})
    return found


def _read(session_id: str, transcript: str) -> _Read:
    stored = summaries.load_gathered(session_id)
    known = extraction.from_json(stored.get("gathered"))
    main = transcript if os.path.isfile(transcript) else discovery.find(session_id)
    try:
        paths = reader.all_of(main) if main else []
        seen = _seen(paths)
        if not paths or seen == stored.get("seen"):
            return _Read(known, "", {})
        return _Read(extraction.read(known, paths), main, seen)
    except OSError:
        return _Read(known, "", {})  # the transcript has just been moved or deleted


def _seen(paths: Sequence[str]) -> Seen:
    found = {}
    for path in paths:
        status = os.stat(path)
        found[os.path.basename(path)] = [status.st_size, status.st_mtime_ns]
    return found
