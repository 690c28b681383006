"""The panes that are pictured: the real Claude Code and our own command, each in a small terminal."""

import os
import shlex
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.client.environment import Home
from tests.client.terminal import Terminal

COLUMNS, LINES = 100, 40
LINES_OF_VIEW = 26
COMMAND = Path(sys.executable).parent / "context-sync"


class Pane(Terminal):
    """The real client in a terminal of 100 columns."""

    def __enter__(self) -> Self:
        self._tmux("resize-window", "-x", str(COLUMNS), "-y", str(LINES))
        return super().__enter__()

    def coloured(self) -> str:
        """Return what the terminal shows, with the codes of its colours."""
        return self._tmux("capture-pane", "-e", "-p")


class View(Pane):
    """`context-sync watch` in such a terminal, run in `folder`."""

    def __init__(self, home: Home, folder: Path, command: str, ready: str) -> None:
        self._socket = f"context-sync-view-{os.getpid()}"
        self._environment = home.environment()
        self._ready = ready
        words = [str(COMMAND), *shlex.split(command)]
        size = ["-x", str(COLUMNS), "-y", str(LINES_OF_VIEW), "-c", str(folder)]
        self._tmux("-f", "/dev/null", "new-session", "-d", *size, "--", *words)
        self._find_process()

    def __enter__(self) -> Self:
        self.wait_for(self._ready)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
