"""The crash log: one JSON line per crash, so that the failure of a silent hook can be found afterwards."""

import os
import time
from typing import NamedTuple

from context_sync import paths
from context_sync.hotpath import json_codec

MAX_SIZE = 1_000_000  # bytes; the log then becomes `context-sync.log.1`


class Crash(NamedTuple):
    """A recorded failure: when (seconds since the epoch), in which hook or command, and Python's error."""

    at: float
    where: str
    error: str
    traceback: str


def file() -> str:
    """Return the path of the log, which need not exist."""
    return os.path.join(paths.log_folder(), "context-sync.log")


def record_crash(where: str, error: BaseException) -> str:
    """Append `error`, which happened in the hook or command `where`, and return the path of the log.

    Never raises, even when the log cannot be written.
    """
    import traceback  # 2 ms, only after a failure

    try:
        crash = Crash(time.time(), where, _name(error), "".join(traceback.format_tb(error.__traceback__)))
        path = file()
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        _rotate(path)
        _append(path, json_codec.dumps(crash._asdict()) + b"\n")
    except Exception:
        return "(the log could not be written)"
    return path


def crashes_since(moment: float) -> list[Crash]:
    """Return the recorded crashes later than `moment`, oldest first; unreadable lines are left out."""
    try:
        with open(file(), "rb") as stream:
            lines = stream.readlines()
    except OSError:
        return []
    found = []
    for line in lines:
        try:
            crash = Crash(**json_codec.loads(line))  # type: ignore[arg-type]
            if crash.at > moment:
                found.append(crash)
        except (ValueError, TypeError, RecursionError):
            continue
    return found


def _name(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:500]


def _rotate(path: str) -> None:
    try:
        if os.stat(path).st_size > MAX_SIZE:
            os.replace(path, path + ".1")
    except FileNotFoundError:
        pass


def _append(path: str, line: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        os.write(descriptor, line)
    finally:
        os.close(descriptor)
