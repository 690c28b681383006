"""The hooks' own script run in this process: what a hook process does, without its start."""

import gc
import os
import runpy
import signal
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from unittest.mock import patch

from tests.rehearse import HOOKS, Heard

SCRIPT = str(HOOKS / "run.py")
SIGNALS = (signal.SIGALRM, signal.SIGTERM)


class _LeftError(BaseException):
    """The script left, with this status."""


def enter(event: str, payload: bytes, environment: Mapping[str, str], folder: Path) -> Heard:
    """Run the handler of an event on a payload as `hooks/run.py` does, and return what Claude Code gets back."""
    left: list[int] = []

    def leave(status: int) -> None:
        left.append(status)
        raise _LeftError(status)

    with _streams(payload) as (output, errors), _as_it_was(environment, folder), patch.object(os, "_exit", leave):
        sys.argv = [SCRIPT, event]
        try:
            runpy.run_path(SCRIPT)
        except _LeftError:
            pass
        sys.stdout.flush()
        sys.stderr.flush()
        context = [os.pread(each, 1 << 24, 0) for each in (output, errors)]
    return Heard(left[0], *context)  # the first: the script takes what is raised here for a reason to leave, too


@contextmanager
def _streams(payload: bytes) -> Iterator[tuple[int, int]]:
    """Put files in the place of the three streams for the time being."""
    streams = sys.stdin, sys.stdout, sys.stderr
    for stream in streams[1:]:
        stream.flush()
    before = [os.dup(number) for number in range(3)]
    with ExitStack() as stack:
        files = [stack.enter_context(tempfile.TemporaryFile()) for _ in range(3)]
        files[0].write(payload)
        files[0].seek(0)
        for number, file in enumerate(files):
            os.dup2(file.fileno(), number)
        modes = enumerate(("r", "w", "w"))
        sys.stdin, sys.stdout, sys.stderr = (
            stack.enter_context(open(each, mode, closefd=False)) for each, mode in modes
        )
        try:
            yield 1, 2
        finally:
            sys.stdin, sys.stdout, sys.stderr = streams
            for number, kept in enumerate(before):
                os.dup2(kept, number)
                os.close(kept)


@contextmanager
def _as_it_was(environment: Mapping[str, str], folder: Path) -> Iterator[None]:
    """Take back what a hook may do to its process, as it is the last thing that it does."""
    before, path, arguments, here = dict(os.environ), list(sys.path), sys.argv, os.getcwd()
    handlers = [signal.getsignal(each) for each in SIGNALS]
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for each, handler in zip(SIGNALS, handlers, strict=True):
            signal.signal(each, handler)
        os.chdir(here)
        sys.argv = arguments
        sys.path[:] = path
        os.environ.clear()
        os.environ.update(before)
        gc.enable()
