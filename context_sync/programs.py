"""Owns running another program: what it prints, within a limit of time, without `subprocess` (4 ms to import)."""

import os
import signal
import time
from collections.abc import Mapping
from typing import NamedTuple

PIPE = 4096  # bytes that any pipe takes before somebody reads
CHUNK = 1 << 16


class Ended(NamedTuple):
    """How a program ended: its exit code, negative for a signal, and what it printed."""

    code: int
    output: bytes


def run(command: tuple[str, ...], environment: Mapping[str, str], seconds: float, stdin: bytes = b"") -> Ended | None:
    """Return how the program ended, None when there is none of that name or it took longer; its errors are dropped.

    The program is looked for in the absolute folders of PATH alone: what lies in the working folder is never run.
    """
    program = _find(command[0])
    if not program:
        return None
    reading, writing = os.pipe()
    try:
        pid = _start(program, command, environment, stdin, writing)
    except (OSError, ValueError):  # a NUL byte in an argument, no memory
        os.close(reading)
        return None
    finally:
        os.close(writing)
    try:
        output = _read(reading, time.monotonic() + seconds)
        if output is None:
            return None
        _, status = os.waitpid(pid, 0)
        pid = 0
        return Ended(os.waitstatus_to_exitcode(status), output)
    finally:  # the time of a hook may be over at any moment
        os.close(reading)
        if pid:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _find(name: str) -> str:
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        path = os.path.join(folder, name)
        if os.path.isabs(folder) and os.access(path, os.X_OK) and os.path.isfile(path):
            return path
    return ""


def _start(program: str, command: tuple[str, ...], environment: Mapping[str, str], stdin: bytes, output: int) -> int:
    given = _open(stdin)
    actions = [
        (os.POSIX_SPAWN_DUP2, given, 0),
        (os.POSIX_SPAWN_DUP2, output, 1),
        (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
    ]
    try:
        # Python ignores SIGPIPE, a program must not.
        return os.posix_spawn(program, command, environment, file_actions=actions, setsigdef=[signal.SIGPIPE])
    finally:
        os.close(given)


def _open(text: bytes) -> int:
    """Return a descriptor from which `text` can be read, all of it there already."""
    if not text:
        return os.open(os.devnull, os.O_RDONLY)
    if len(text) <= PIPE:
        reading, writing = os.pipe()
        os.write(writing, text)
        os.close(writing)
        return reading
    import tempfile  # 6 ms, seldom needed

    with tempfile.TemporaryFile() as stream:
        stream.write(text)
        stream.flush()
        os.lseek(stream.fileno(), 0, os.SEEK_SET)
        return os.dup(stream.fileno())


def _read(descriptor: int, end: float) -> bytes | None:
    import select

    parts: list[bytes] = []
    while True:
        left = end - time.monotonic()
        if left <= 0 or not select.select([descriptor], [], [], left)[0]:
            return None
        part = os.read(descriptor, CHUNK)
        if not part:
            return b"".join(parts)
        parts.append(part)
