"""The stage of the command line's tests: a real repository, and sessions played through the real hooks."""

import os
import time
from contextlib import ExitStack
from pathlib import Path

from context_sync.claude.hooks import simulation
from context_sync.claude.hooks.simulation import Player
from context_sync.claude.install import registrations
from tests.rehearse import git

__all__ = ["git"]

LATELY = r"(?:just now|\d+ (?:s|min) ago)"  # what was done in a test: the machine may be busy

INVOICE = """class Invoice:
    def total(self):
        return 1

    def tax(self):
        return 2
"""


def repository(folder: Path) -> Path:
    """Make a repository with two files, committed an hour ago, and return its folder."""
    folder.mkdir(parents=True)
    git(folder, "init")
    (folder / "invoice.py").write_text(INVOICE)
    (folder / "notes.txt").write_text("one\ntwo\n")
    git(folder, "add", ".")
    git(folder, "commit", "-m", "start", at=time.time() - 3600)
    return folder


class Stage:
    """Where sessions are played whose home folder is the test's own; their clients live until the test ends."""

    def __init__(self, home: Path, cast: ExitStack) -> None:
        self.environment = simulation.surroundings(str(home))
        self._cast = cast

    def enter(self, title: str, folder: Path) -> Player:
        """Start a session, which then is live."""
        commands = registrations.commands_of(registrations.here())
        player = self._cast.enter_context(simulation.player(title, str(folder), commands, self.environment))
        simulation.play(player, "SessionStart", source="startup", session_title=title)
        return player


def edit(player: Player, path: str, old: str, new: str) -> None:
    """Make an edit, insisting where the guard holds it back."""
    events = [event for event, _ in simulation.edit(player, path, old, new)]
    assert "PostToolUse" in events


def output_on(ours: int) -> bytes:
    """Return what was written to a terminal or a pipe by those who ended since; this end of it is closed then.

    A terminal hands it on in pieces, some of them a little later.
    """
    printed = b""
    with os.fdopen(ours, "rb", buffering=0) as stream:
        try:
            while piece := stream.read(65536):
                printed += piece
        except OSError:  # Linux's way to say that the other end is closed
            pass
    return printed
