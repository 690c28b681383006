"""Fault injection: in one process every call that writes is noted, and one of them goes wrong.

It stands in for the system calls of Python's `os` and `open`, so it works wherever the tests do. What a shell writes,
and what Python writes in C, is left to `campaigns/faults/traced.py`, which uses strace.
"""

import builtins
import errno
import io
import os
import signal
from collections.abc import Callable
from typing import Any, NamedTuple

KINDS = ("kill", "half", "full", "denied")
_CALLS = (
    *("replace", "rename", "unlink", "remove", "mkdir", "rmdir", "link", "symlink"),
    *("truncate", "ftruncate", "utime", "chmod", "fchmod", "fchown", "fsync"),
)
_NEEDS_ROOM = ("write", "mkdir", "link", "symlink", "fsync")  # and opening, when that makes a file
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Fault(NamedTuple):
    """What goes wrong at the `at`-th call that writes, counted from 1; 0 is no fault.

    kill: the process is killed instead of the call; half: in the middle of a write; full: there is no room from then
    on; denied: nothing may be written from then on. Other worlds than that of the layer have other kinds. With `where`
    only what is done to paths that hold this text is counted.
    """

    at: int = 0
    kind: str = "kill"
    where: str = ""


class Layer:
    """The calls of this process that write, by name, of which one is not to succeed."""

    def __init__(self, fault: Fault) -> None:
        self.calls: list[str] = []
        self._counted = 0
        self._fault = fault
        self._opened: dict[int, str] = {}

    def install(self) -> None:
        for name in _CALLS:
            setattr(os, name, self._single(name, getattr(os, name)))
        os.open = self._opening(os.open)  # type: ignore[assignment]
        os.write = self._writing(os.write)
        builtins.open = io.open = self._opening_text(builtins.open)  # type: ignore[assignment]

    def _single(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(path: Any, *arguments: Any, **named: Any) -> Any:
            self._note(name, path)
            return real(path, *arguments, **named)

        return call

    def _opening(self, real: Callable[..., int]) -> Callable[..., int]:
        def call(path: Any, flags: int, *arguments: Any, **named: Any) -> int:
            if flags & _WRITES and path != os.devnull:
                self._note("open", path)
            descriptor = real(path, flags, *arguments, **named)
            self._opened[descriptor] = str(path)
            return descriptor

        return call

    def _opening_text(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(file: Any, mode: str = "r", *arguments: Any, **named: Any) -> Any:
            if set(mode) & set("wax+") and file != os.devnull:
                self._note("open", file)
            return real(file, mode, *arguments, **named)

        return call

    def _writing(self, real: Callable[[int, Any], int]) -> Callable[[int, Any], int]:
        def call(descriptor: int, text: Any) -> int:
            path = self._opened.get(descriptor, "")
            if self._counted + 1 == self._fault.at and self._fault.kind in ("half", "full") and self._concerns(path):
                real(descriptor, bytes(text)[: len(text) // 2])  # a part may still have found room
            self._note("write", path)
            return real(descriptor, text)

        return call

    def _concerns(self, path: Any) -> bool:
        return self._fault.where in str(self._opened.get(path, path))

    def _note(self, name: str, path: Any) -> None:
        self.calls.append(name)
        if not self._fault.at or not self._concerns(path):
            return
        self._counted += 1
        if self._counted >= self._fault.at:
            self._fail(name, path)

    def _fail(self, name: str, path: Any) -> None:
        if self._fault.kind == "denied":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        if self._fault.kind != "full":
            os.kill(os.getpid(), signal.SIGKILL)
        elif name in _NEEDS_ROOM or (name == "open" and not os.path.exists(path)):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)
