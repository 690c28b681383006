"""Owns the interactive client: a tmux server of its own, the keys sent to it and the screen it shows."""

import os
import signal
import subprocess
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.client.environment import Home

SECONDS = 30.0
PROMPT = "❯"


class Terminal:
    """An interactive client in `folder`, in a terminal of 160 by 50 on its own tmux server.

    `home.trust(folder)` comes first. Leaving the `with` block ends the tmux server and with it the client.
    """

    def __init__(
        self,
        client: Path,
        home: Home,
        folder: Path,
        *,
        session: str | None = None,
        options: Sequence[str] = (),
        environment: dict[str, str] | None = None,
    ) -> None:
        self.id = session or str(uuid.uuid4())
        self._socket = f"context-sync-{uuid.uuid4().hex[:12]}"
        self._environment = home.environment(**(environment or {}))
        keeps_an_id = {"--resume", "--continue", "--session-id"} & set(options)
        named = [] if keeps_an_id else ["--session-id", self.id]
        size = ["-x", "160", "-y", "50", "-c", str(folder)]
        command = [str(client), *named, "--permission-mode", "acceptEdits", *options]
        self._tmux("-f", "/dev/null", "new-session", "-d", *size, "--", *command)
        self.pid = int(self._tmux("display-message", "-p", "#{pane_pid}"))

    def __enter__(self) -> Self:
        self.wait_for(PROMPT)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.is_running():
            self._tmux("kill-server")

    def ask(self, prompt: str) -> None:
        """Type `prompt` and press Enter once it stands in the input line."""
        self.type(prompt)
        self.wait_for(prompt)
        self.press("Enter")

    def type(self, words: str) -> None:
        """Type `words` as they are."""
        self._tmux("send-keys", "-l", "--", words)

    def press(self, *keys: str) -> None:
        """Press keys by their tmux names, such as Enter, Escape, C-c."""
        self._tmux("send-keys", *keys)

    def screen(self, history: int = 0) -> str:
        """Return the lines on the screen and `history` lines that have scrolled off it."""
        return self._tmux("capture-pane", "-p", "-J", "-S", str(-history))

    def wait_for(self, words: str, seconds: float = SECONDS) -> str:
        """Return the screen once it shows `words`; TimeoutError, with the screen, after `seconds`."""
        return self.wait_until(lambda screen: words in screen, repr(words), seconds)

    def wait_until(self, holds: Callable[[str], bool], what: str, seconds: float = SECONDS) -> str:
        """Return the screen once `holds` is true of it; TimeoutError, with the screen, after `seconds`."""
        end = time.monotonic() + seconds
        while not holds(screen := self.screen()):
            if time.monotonic() > end:
                raise TimeoutError(f"the terminal does not show {what} after {seconds} s:\n{screen}")
            time.sleep(0.05)
        return screen

    def is_running(self) -> bool:
        """Return whether the tmux server, and so the client, is still there."""
        return self._run("list-sessions").returncode == 0

    def kill(self) -> None:
        """Send SIGKILL to the client."""
        os.kill(self.pid, signal.SIGKILL)

    def _tmux(self, *arguments: str) -> str:
        done = self._run(*arguments)
        if done.returncode:
            raise OSError(f"tmux {' '.join(arguments)}: {done.stderr.strip()}")
        return done.stdout

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = ["tmux", "-L", self._socket, *arguments]
        return subprocess.run(command, env=self._environment, capture_output=True, text=True, check=False)
