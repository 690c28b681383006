"""A crowd: many live sessions in one repository, made by the real hooks, some of them in conflict."""

import os
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from context_sync.mail import sending
from context_sync.mail.sending import SendOptions
from tests.rehearse import CALC, Client, git

WORKTREES = 10
PAIRS = 5  # of sessions in conflict at first


@dataclass
class Crowd:
    """The sessions, the repository that they work in, and the home folder of them all."""

    home: Path
    project: Path
    process: subprocess.Popen[bytes]
    clients: list[Client] = field(default_factory=list)
    conflicts: int = 0
    _busy: threading.Event = field(default_factory=threading.Event)

    def enter(self, title: str, folder: Path | None = None) -> Client:
        """Have one more session begin."""
        client = Client(folder or self.project, process=self.process)
        client.start(session_title=title)
        self.clients.append(client)
        return client

    def make_conflict(self) -> None:
        """Have two sessions change the same function in the same checkout."""
        name = f"module{self.conflicts}.py"
        for client, old, new in zip(self.clients[:2], ("a + b", "b + a"), ("b + a", "a + b + 0"), strict=True):
            client.edit(client.folder / name, old, new)
        self.conflicts += 1

    def write(self) -> None:
        """Have the user send a message."""
        sending.send(self.clients[0].session, "Which of you keeps the sum?", SendOptions())

    def busy(self, is_busy: bool) -> None:
        """Have a session use its tools all the time, or no more."""
        if not is_busy:
            self._busy.clear()
            return
        self._busy.set()
        threading.Thread(target=self._work, daemon=True).start()

    def _work(self) -> None:
        turn = 0
        while self._busy.is_set():
            turn += 1
            old, new = ("a - b", "-b + a") if turn % 2 else ("-b + a", "a - b")
            self.clients[-1].edit(self.clients[-1].folder / "calc.py", old, new)
            time.sleep(0.2)


@contextmanager
def gather(folder: Path, number: int) -> Iterator[Crowd]:
    """Yield a crowd of so many sessions in a repository with `WORKTREES` worktrees below `folder`."""
    _move_to(folder / "home")
    project = folder / "shop"
    project.mkdir()
    git(project, "init", "--quiet", "--initial-branch=main")
    for name in ("calc.py", *(f"module{each}.py" for each in range(PAIRS + 2))):
        (project / name).write_text(CALC)
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message=start")
    folders = [project]
    for each in range(1, WORKTREES):
        folders.append(folder / f"shop-{each}")
        git(project, "worktree", "add", "--quiet", "-b", f"topic-{each}", str(folders[-1]))
    process = subprocess.Popen(["sleep", "3600"], stdin=subprocess.DEVNULL)
    crowd = Crowd(folder / "home", project, process)
    try:
        for each in range(number):
            crowd.enter(f"session {each}", folders[each % WORKTREES] if each > 1 else project)
        for _ in range(PAIRS):
            crowd.make_conflict()
        yield crowd
    finally:
        crowd.busy(False)
        process.kill()
        process.wait()


def _move_to(home: Path) -> None:
    """Make everything that follows know this home folder alone."""
    home.mkdir()
    for name in [name for name in os.environ if name.startswith(("CLAUDE", "CONTEXT_SYNC", "GIT_", "XDG_"))]:
        del os.environ[name]
    config = home / ".gitconfig"
    config.write_text("[user]\nname = Tess\nemail = tess@example.invalid\n")
    os.environ |= {
        "HOME": str(home),
        "CLAUDE_CONFIG_DIR": str(home / ".claude"),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_STATE_HOME": str(home / ".local" / "state"),
    }
