"""Running of other programs within a time limit, without `subprocess`, which takes 10 ms of a denial."""

from __future__ import annotations

import os
import time

from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import signal
    from collections.abc import Mapping
else:
    import _signal as signal  # `signal` itself loads `enum` (3 ms)

PIPE = 4096  # bytes that any pipe takes before anyone reads
CHUNK = 1 << 16


class Ended(NamedTuple):
    """How a program ended: its exit code, negative for a signal, and what it printed."""

    code: int
    output: bytes


class Running:
    """A program that was started; it is killed when this object is dropped before the program has ended."""

    def __init__(self, pid: int, reading: int) -> None:
        self._pid = pid
        self._reading = reading

    def finish(self, seconds: float) -> Ended | None:
        """Return how the program ended, None when it took longer than `seconds`; its standard error is dropped."""
        try:
            output = _read(self._reading, time.monotonic() + seconds)
            if output is None:
                return None
            _, status = os.waitpid(self._pid, 0)
            self._pid = 0
            return Ended(os.waitstatus_to_exitcode(status), output)
        finally:  # the time limit of a hook may pass at any moment
            self._leave()

    def __del__(self) -> None:
        self._leave()

    def _leave(self) -> None:
        if self._reading >= 0:
            os.close(self._reading)
            self._reading = -1
        pid, self._pid = self._pid, 0
        if pid:
            try:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
            except (ProcessLookupError, ChildProcessError):
                pass  # the time limit passed at the very moment in which the program was reaped


def start(command: tuple[str, ...], environment: Mapping[str, str], stdin: bytes = b"") -> Running | None:
    """Start a program and return it running, None when it cannot be found or started.

    It is looked up in the absolute folders of PATH only: a program in the working folder is never run.
    """
    program = _find(command[0])
    if not program:
        return None
    reading, writing = os.pipe()
    try:
        return Running(_spawn(program, command, environment, stdin, writing), reading)
    except (OSError, ValueError):  # a NUL byte in an argument, no memory
        os.close(reading)
        return None
    finally:
        os.close(writing)


def run(command: tuple[str, ...], environment: Mapping[str, str], seconds: float, stdin: bytes = b"") -> Ended | None:
    """Run a program and return how it ended, None when it cannot be started or takes longer than `seconds`."""
    running = start(command, environment, stdin)
    return running.finish(seconds) if running else None


def _find(name: str) -> str:
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        path = os.path.join(folder, name)
        if os.path.isabs(folder) and os.access(path, os.X_OK) and os.path.isfile(path):
            return path
    return ""


def _spawn(program: str, command: tuple[str, ...], environment: Mapping[str, str], stdin: bytes, output: int) -> int:
    given = _open(stdin)
    actions = [
        (os.POSIX_SPAWN_DUP2, given, 0),
        (os.POSIX_SPAWN_DUP2, output, 1),
        (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
    ]
    try:
        # Python ignores SIGPIPE, but other programs must not.
        return os.posix_spawn(program, command, environment, file_actions=actions, setsigdef=[signal.SIGPIPE])
    finally:
        os.close(given)


def _open(text: bytes) -> int:
    """Return a descriptor from which all of `text` can be read without waiting."""
    if not text:
        return os.open(os.devnull, os.O_RDONLY)
    if len(text) <= PIPE:
        reading, writing = os.pipe()
        os.write(writing, text)
        os.close(writing)
        return reading
    import tempfile  # 6 ms, rarely needed

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
