"""The contenders: how each is set up, starts Claude Code, sends a message, and is removed again."""

import os
import subprocess
import uuid
from collections.abc import Callable
from pathlib import Path

from benchmarks import peer
from tests.client.environment import Home, identity
from tests.client.terminal import Terminal
from tests.end_to_end.stage import context_sync


class Started(Terminal):
    """An interactive client that is started by the words `command`, in `folder`, named `name`."""

    def __init__(self, command: list[str], environment: dict[str, str], folder: Path, name: str) -> None:
        self.id = str(uuid.uuid4())
        self.name = name
        self._socket = f"context-sync-{uuid.uuid4().hex[:12]}"
        self._environment = environment
        options = [*identity(self.id, []), "--permission-mode", "acceptEdits"]
        size = ["-x", "160", "-y", "50", "-c", str(folder)]
        self._tmux("-f", "/dev/null", "new-session", "-d", *size, "--", *command, *options)
        self._find_process()


class Nothing:
    """The client alone."""

    name = "the client alone"
    sign = "changed on disk"
    attempts = 1
    send: Callable[[Started, str], None] | None = None

    def __init__(self, client: Path, home: Home) -> None:
        self.client, self.home = client, home

    def set_up(self) -> None:
        """Do nothing."""

    def start(self, folder: Path, name: str) -> Started:
        """Return a client in `folder`, which is called `name`."""
        return Started([str(self.client), "--name", name], self.home.environment(), folder, name)

    def take_out(self) -> None:
        """Do nothing."""


class ContextSync(Nothing):
    """This project, as `context-sync init` installs it."""

    name = "context-sync"
    sign = "another live Claude Code session"
    attempts = 2  # the first is denied

    def set_up(self) -> None:
        """Put the hooks into the settings."""
        context_sync(self.home, "init")

    def send(self, to: Started, words: str) -> None:  # type: ignore[override]
        """Send an urgent message from the terminal."""
        context_sync(self.home, "send", "--urgent", to.name, words)

    def take_out(self) -> None:
        """Uninstall, with all that is known."""
        context_sync(self.home, "uninstall", "--purge")


class Hcom(Nothing):
    """hcom, whose hooks are those of the clients that it starts."""

    name = f"hcom {peer.VERSION}"
    sign = "COLLISION"

    def set_up(self) -> None:
        """Put the client under its name on the PATH that hcom looks at."""
        program = peer.program()
        if program is None:
            raise SystemExit("hcom cannot be installed here")
        self.program = program
        self.bin = self.home.folder.parent / "bin"
        self.bin.mkdir()
        (self.bin / "claude").symlink_to(self.client)

    def start(self, folder: Path, name: str) -> Started:
        """Return a client that hcom starts; it gives it a name of its own."""
        return Started([str(self.program), "claude"], self.surroundings(), folder, name)

    def surroundings(self) -> dict[str, str]:
        """Return the environment of its commands."""
        path = os.pathsep.join([str(self.bin), str(self.program.parent), os.defpath])
        return self.home.environment(HCOM_DISABLE_UPDATE="1") | {"PATH": path}

    def run(self, *arguments: str) -> str:
        """Return what its command prints."""
        command = [str(self.program), *arguments]
        return subprocess.run(command, env=self.surroundings(), capture_output=True, text=True, check=True).stdout

    def send(self, to: Started, words: str) -> None:  # type: ignore[override]
        """Send a message from the terminal."""
        self.run("send", "-b", f"@{self._called(to)}", "--", words)

    def take_out(self) -> None:
        """Reset everything, as its documentation says."""
        self.run("reset", "all")

    def _called(self, session: Started) -> str:
        import json

        listed = json.loads(self.run("list", "--json"))
        return next(each["name"] for each in listed if each.get("session_id") == session.id)


CONTENDERS = (Nothing, Hcom, ContextSync)
