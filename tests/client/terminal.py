"""Claude Code's interactive mode: a tmux server of its own, the keys sent to it and the screen that it shows."""

import contextlib
import os
import signal
import subprocess
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from context_sync.state import processes
from tests.client.environment import Home, identity

SECONDS = 180.0
END_SECONDS = 30.0
PATIENCE = 5.0  # for a key; one that is pressed again may answer what the first has brought about
READY = "accept edits on"
AT_WORK = "esc to interrupt"  # from a prompt to the end of the hooks of Stop
RULE = "──"  # above and below the box of the prompt


class Terminal:
    """An interactive client in `folder`, in a terminal of 160 by 50 on its own tmux server.

    `home.trust(folder)` comes first; `session` is its id, also when `options` resume it. Leaving the `with`
    block closes the terminal and waits for Claude Code's end.
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
        size = ["-x", "160", "-y", "50", "-c", str(folder)]
        command = [str(client), *identity(self.id, options), "--permission-mode", "acceptEdits", *options]
        # What Claude Code showed last stays on the screen after its end.
        keep = [";", "set-option", "-g", "remain-on-exit", "on"]
        self._tmux("-f", "/dev/null", "new-session", "-d", *size, "--", *command, *keep)
        self._find_process()

    def __enter__(self) -> Self:
        try:
            self.wait_for(READY)
        except TimeoutError:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the terminal, as the user closes its window, and wait for Claude Code; then SIGKILL."""
        self._run("kill-server")
        end = time.monotonic() + END_SECONDS
        while self.is_running():
            if time.monotonic() > end:
                self.kill()
            time.sleep(0.02)

    def ask(self, prompt: str) -> None:
        """Type `prompt`, shorter than a line, and press Enter; return once Claude Code has taken it."""
        self._enter(prompt)
        self.press_until("Enter", lambda screen: prompt not in _box(screen), "that the prompt was taken")

    def rest(self) -> str:
        """Return the screen once the turn is over, the hooks of its end included."""
        return self.wait_until(
            lambda screen: _box(screen) != "" and READY in screen and AT_WORK not in screen, "an idle client"
        )

    def type(self, words: str) -> None:
        """Type `words` as they are."""
        self._tmux("send-keys", "-l", "--", words)

    def press(self, *keys: str) -> None:
        """Press keys by their tmux names, such as Enter, Escape, C-c."""
        self._tmux("send-keys", *keys)

    def press_until(self, key: str, holds: Callable[[str], bool], what: str) -> str:
        """Press `key` until `holds` is true of the screen, as the user does: Claude Code drops one while it draws."""
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            self.press(key)
            with contextlib.suppress(TimeoutError):
                return self.wait_until(holds, what, PATIENCE)
        return self.wait_until(holds, what, 0.0)

    def screen(self, history: int = 0) -> str:
        """Return the lines on the screen and `history` lines that have scrolled off it."""
        return self._tmux("capture-pane", "-p", "-J", "-S", str(-history))

    def wait_for(self, words: str, seconds: float = SECONDS) -> str:
        """Return the screen once it shows `words`; TimeoutError, with the screen, after `seconds`."""
        return self.wait_until(lambda screen: words in screen, repr(words), seconds)

    def wait_until(self, holds: Callable[[str], bool], what: str, seconds: float = SECONDS) -> str:
        """Return the screen once `holds` is true of it; TimeoutError, with the screen, after `seconds`.

        It holds in two looks, as one alone may see a part of what Claude Code is drawing.
        """
        end = time.monotonic() + seconds
        held = False
        while True:
            is_last = time.monotonic() > end  # asked before the look: this process may be stopped after it
            held_before, held = held, holds(screen := self.screen())
            if held and held_before:
                return screen
            if is_last and not held:
                raise TimeoutError(f"the terminal does not show {what} after {seconds} s:\n{screen}")
            time.sleep(0.05)

    def is_running(self) -> bool:
        """Return whether Claude Code is still there; a zombie, which nobody may ever reap, is not."""
        return processes.start_of(self.pid) == self._start != ""

    def kill(self) -> None:
        """Send SIGKILL to Claude Code if it is still there."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def _find_process(self) -> None:
        self.pid = int(self._tmux("display-message", "-p", "#{pane_pid}"))
        self._start = processes.start_of(self.pid)

    def _enter(self, words: str) -> None:
        end = time.monotonic() + SECONDS
        self.type(words)
        while True:
            try:
                self.wait_until(lambda screen: _box(screen) == f"❯ {words}", repr(words), PATIENCE)
                return
            except TimeoutError:
                if time.monotonic() > end:
                    raise
            self.press("C-u")  # a part was lost while Claude Code drew
            self.type(words)

    def _tmux(self, *arguments: str) -> str:
        done = self._run(*arguments)
        if done.returncode:
            raise OSError(f"tmux {' '.join(arguments)}: {done.stderr.strip()}")
        return done.stdout

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = ["tmux", "-L", self._socket, *arguments]
        try:
            return subprocess.run(command, env=self._environment, capture_output=True, text=True, check=False)
        except FileNotFoundError:
            if "CI" in os.environ:
                raise
            pytest.skip("tmux is not installed")


def _box(screen: str) -> str:
    """Return what stands between the last two rules: in the box of the prompt, where there is one."""
    lines = screen.splitlines()
    rules = [number for number, line in enumerate(lines) if line.startswith(RULE)]
    return "\n".join(lines[rules[-2] + 1 : rules[-1]]).replace("\xa0", " ").strip() if len(rules) > 1 else ""
