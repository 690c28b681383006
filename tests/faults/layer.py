"""Owns the faults: a process in which every call that writes is counted, and one of them goes wrong.

It stands in for the system calls of Python's `os` and `open`, so it works wherever the tests do. The shell's own
writes are left to `tests/faults/traced.py`, which uses strace.
"""

import builtins
import errno
import os
import signal
from collections.abc import Callable
from typing import Any, NamedTuple

KINDS = ("kill", "half", "full", "denied")
_SINGLE = ("replace", "rename", "unlink", "remove", "mkdir", "rmdir", "link", "symlink", "truncate", "ftruncate")
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Fault(NamedTuple):
    """What goes wrong at the `at`-th call that writes, counted from 1; 0 is no fault.

    kill: the process is killed instead of the call; half: in the middle of a write; full: there is no room from then
    on; denied: nothing may be written from then on.
    """

    at: int = 0
    kind: str = "kill"


class Layer:
    """The calls of this process that write, of which one is not to succeed."""

    def __init__(self, fault: Fault) -> None:
        self.calls = 0
        self._fault = fault

    def install(self) -> None:
        for name in _SINGLE:
            setattr(os, name, self._single(getattr(os, name)))
        os.open = self._opening(os.open)  # type: ignore[assignment]
        os.write = self._writing(os.write)
        builtins.open = self._opening_text(builtins.open)  # type: ignore[assignment]

    def _single(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            self._count()
            return real(*arguments, **named)

        return call

    def _opening(self, real: Callable[..., int]) -> Callable[..., int]:
        def call(path: Any, flags: int, *arguments: Any, **named: Any) -> int:
            if flags & _WRITES and path != os.devnull:
                self._count()
            return real(path, flags, *arguments, **named)

        return call

    def _opening_text(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(file: Any, mode: str = "r", *arguments: Any, **named: Any) -> Any:
            if set(mode) & set("wax+") and file != os.devnull:
                self._count()
            return real(file, mode, *arguments, **named)

        return call

    def _writing(self, real: Callable[[int, Any], int]) -> Callable[[int, Any], int]:
        def call(descriptor: int, text: Any) -> int:
            half = bytes(text)[: len(text) // 2]
            if self.calls + 1 == self._fault.at and self._fault.kind in ("half", "full"):
                real(descriptor, half)  # a part may still have found room
            self._count()
            return real(descriptor, text)

        return call

    def _is_due(self) -> bool:
        return 0 < self._fault.at <= self.calls + 1

    def _count(self) -> None:
        due = self._is_due()
        self.calls += 1
        if not due:
            return
        if self._fault.kind == "full":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if self._fault.kind == "denied":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        os.kill(os.getpid(), signal.SIGKILL)
