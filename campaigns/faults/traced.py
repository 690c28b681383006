"""A world whose hooks and commands are the real executables, killed by strace at a system call that writes.

So it sees what the layer in Python does not: what the shell writes, what Python writes in C, and how both start.
"""

import compileall
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from campaigns.faults import disks
from campaigns.faults.layer import Fault
from campaigns.faults.servers import Server, worker_calls
from campaigns.faults.world import NONE, Ended, World
from tests.rehearse import CHECKOUT, Client, commands, encoded, state, waiting

MINUTE = 60.0
BOOT_ID = "/proc/sys/kernel/random/boot_id"
STARTED_AGAIN = "the machine was started again"
NAMES = (
    *("open", "openat", "creat", "write", "pwrite64", "truncate", "ftruncate", "fsync"),
    *("rename", "renameat", "renameat2", "unlink", "unlinkat", "mkdir", "mkdirat", "rmdir"),
    *("link", "linkat", "symlink", "symlinkat", "chmod", "fchmod", "fchmodat", "utimensat"),
)
STARTS = ("fork", "vfork", "clone", "clone3")
WRITING = re.compile(r"O_(WRONLY|RDWR|CREAT|TRUNC|APPEND)")


class Traced(World):
    """A world in which a fault befalls the real executables; without one, they are forked as in any other."""

    look = Fault(0, "look")

    def __init__(self, top: Path) -> None:
        super().__init__(top)
        compileall.compile_dir(CHECKOUT / "context_sync", quiet=2)  # else the first to run does it, and no other
        self._calls: list[str] = []

    def hook(self, client: Client, event: str, payload: bytes, fault: Fault) -> Ended:
        """Run the registered command of an event; what is traced is the shell, and Python in its place."""
        if fault == NONE:
            return super().hook(client, event, payload, fault)
        command = ["/bin/sh", "-c", commands()[event]]
        return self._trace(command, client.environment(), payload, fault)

    def wait(self, name: str, fault: Fault = NONE) -> Ended:
        """Run the registered command of the waiter, for which there must be something to wake for."""
        if fault == NONE:
            return super().wait(name)
        client = self.client(name)
        command = ["/bin/sh", "-c", waiting()]
        return self._trace(command, client.environment(), encoded(client.payload("Stop")), fault)

    def command(
        self, *arguments: str, fault: Fault = NONE, environment: Mapping[str, str] | None = None, python: str = ""
    ) -> Ended:
        """Run `context-sync`."""
        if fault == NONE:
            return super().command(*arguments, environment=environment, python=python)
        path = {"PYTHONPATH": os.pathsep.join([str(CHECKOUT), *filter(None, sys.path)])}
        command = [python or sys.executable, "-m", "context_sync.cli.main", *arguments]
        return self._trace(command, {**(environment or os.environ), **path}, b"", fault)

    def tool(self, name: str, tool: str, fault: Fault = NONE, **arguments: object) -> Ended:
        """Call a tool of a server that runs for it."""
        if fault == NONE:
            return super().tool(name, tool, fault, **arguments)
        notes = self.top / "strace"
        self._age()
        server = Server(self.client(name).environment(), self.project)
        with server.trace(notes, _what(self._calls[fault.at - 1] if fault.at else "")) as strace:
            ended = server.call(tool, arguments)
            strace.wait()
        if not fault.at:
            self._calls = _numbered(worker_calls(notes.read_text(errors="replace").splitlines()))
            ended = ended._replace(calls=self._calls)
        return ended

    def _trace(self, command: list[str], environment: Mapping[str, str], stdin: bytes, fault: Fault) -> Ended:
        kill_at = self._calls[fault.at - 1] if fault.at else ""
        self._age()
        ended = run(command, environment, self.project, stdin, kill_at, around=self._of_boot())
        if not fault.at:
            self._calls = list(ended.calls)
        return ended

    def _age(self) -> None:
        """Let what was written so far be a minute old: how often a new one is read hangs on how long a run takes."""
        for file in state("touches").glob("*"):
            os.utime(file, (time.time() - MINUTE,) * 2)

    def _of_boot(self) -> list[str]:
        """Return the command around another one that has it see the id of a later boot, if there was one."""
        if not self.boot:
            return []
        (self.top / "boot_id").write_text(self.boot)
        script = f'mount --bind "$0" {BOOT_ID} && exec "$@"'
        return [*disks.unshare(), "sh", "-c", script, str(self.top / "boot_id")]


def run(
    command: Sequence[str],
    environment: Mapping[str, str],
    folder: Path,
    stdin: bytes = b"",
    kill_at: str = "",
    names: Sequence[str] = NAMES,
    around: Sequence[str] = (),
) -> Ended:
    """Run a command and note the calls by which it writes, not its children; or kill it at one of those calls.

    A call is its name and which of that name it is: `openat:12`. `around` is a command that runs all of this.
    """
    assert Path(environment["HOME"]) == Path(os.environ["HOME"]), "the real home folder is off limits"
    notes = Path(environment["HOME"]).parent / "strace"
    strace = ["strace", "--quiet=all", "-s", "0", "-o", str(notes), "-e", _what(kill_at, names), "--", *command]
    done = subprocess.run(
        [*around, *strace], input=stdin, capture_output=True, env=dict(environment), cwd=folder, check=False
    )
    calls = () if kill_at else tuple(_numbered(notes.read_text(errors="replace").splitlines()))
    return Ended(done.returncode, done.stdout, done.stderr, calls)


@cache
def why_not() -> str:
    """Return why nothing can be traced here, "" when it can."""
    if not shutil.which("strace"):
        return "strace is not installed"
    trial = ["strace", "-o", os.devnull, "-e", "inject=?rename:signal=KILL:when=1", "true"]
    done = subprocess.run(trial, capture_output=True, text=True, check=False)
    return f"strace does not work here: {done.stderr.strip()[-100:]}" if done.returncode else ""


def _what(kill_at: str, names: Sequence[str] = NAMES) -> str:
    """Return what strace is to look at, or where to kill."""
    name, _, number = kill_at.partition(":")
    return f"inject={name}:signal=KILL:when={number}" if kill_at else ",".join(f"?{each}" for each in names)


def leaves_out() -> tuple[str, ...]:
    """Return the stories that cannot be played here: a boot takes a mount that others do not see."""
    return () if disks.unshare() else (STARTED_AGAIN,)


def _numbered(lines: Sequence[str]) -> list[str]:
    """Return those of the calls in a trace that write, each with the number it has among those of its name."""
    seen: dict[str, int] = {}
    found = []
    for line in lines:
        name = line.partition("(")[0]
        if not name.isidentifier():
            continue  # a signal, or the end
        seen[name] = seen.get(name, 0) + 1
        if not name.startswith("open") or WRITING.search(line):
            found.append(f"{name}:{seen[name]}")
    return found
