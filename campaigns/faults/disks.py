"""A world on a small disk of its own, which is full, has no room for another file, or is read-only.

The disk is a tmpfs in a mount namespace of its own: `go_apart` enters one, which takes Linux and either root or
user namespaces.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from campaigns.faults.layer import Fault
from campaigns.faults.points import Choice
from campaigns.faults.world import NONE, Ended, World
from tests.rehearse import Client

APART = "TESTS_ARE_APART"
NAMESPACE = "/proc/self/ns/mnt"
TRIAL = ("mount", "-t", "tmpfs", "tmpfs", "/tmp")
PAGE = 4096  # bytes, which the smallest file takes
SIZE, FILES = 4 << 20, 2000
# The disk has room for `at` - 1 more pages, or more files; or none for anything.
FAULTS = [
    *(Fault(at, "room") for at in range(1, 11)),
    *(Fault(at, "files") for at in range(1, 7)),
    Fault(1, "read-only"),
]


class SmallDisk(World):
    """A world in which all is on the small disk: the home, the state folder, the repository."""

    look = None  # what fails depends on no call

    def __init__(self, top: Path) -> None:
        self.disk = Path(os.environ["HOME"]).parent
        assert self.disk.parent == top, "the disk is a folder of the test's own"
        assert is_apart(), "nothing is mounted where others would see it"
        self.disk.mkdir()
        self._mount("-t", "tmpfs", "-o", f"size={SIZE},nr_inodes={FILES},mode=700", "tmpfs")
        super().__init__(top)

    def hook(self, client: Client, event: str, payload: bytes, fault: Fault) -> Ended:
        """Run the gate and the handler while the disk is as the fault has it."""
        with self._short(fault):
            return super().hook(client, event, payload, NONE)

    def wait(self, name: str, fault: Fault = NONE) -> Ended:
        """Start the waiter while the disk is as the fault has it."""
        with self._short(fault):
            return super().wait(name)

    def command(
        self, *arguments: str, fault: Fault = NONE, environment: Mapping[str, str] | None = None, python: str = ""
    ) -> Ended:
        """Run `context-sync` while the disk is as the fault has it."""
        with self._short(fault):
            return super().command(*arguments, environment=environment, python=python)

    def tool(self, name: str, tool: str, fault: Fault = NONE, **arguments: object) -> Ended:
        """Call a tool while the disk is as the fault has it."""
        with self._short(fault):
            return super().tool(name, tool, NONE, **arguments)

    def close(self) -> None:
        """End all clients, and take the disk away."""
        super().close()
        subprocess.run(["umount", "--lazy", self.disk], check=True)

    @contextmanager
    def _short(self, fault: Fault) -> Iterator[None]:
        if not fault.at:
            yield
        elif fault.kind == "read-only":
            self._mount("-o", "remount,ro")
            yield
            self._mount("-o", "remount,rw")
        else:
            ballast = self.disk / "ballast"
            ballast.mkdir()
            (self._fill if fault.kind == "room" else self._crowd)(ballast, fault.at - 1)
            yield
            shutil.rmtree(ballast)

    def _fill(self, ballast: Path, left: int) -> None:
        file = os.open(ballast / "ballast", os.O_WRONLY | os.O_CREAT)
        free = os.fstatvfs(file).f_bavail - left
        os.posix_fallocate(file, 0, free * PAGE)
        os.close(file)

    def _crowd(self, ballast: Path, left: int) -> None:
        for number in range(os.statvfs(ballast).f_ffree - left):
            (ballast / str(number)).touch()

    def _mount(self, *arguments: str) -> None:
        subprocess.run(["mount", *arguments, self.disk], check=True)


def some(number: int, shift: int) -> Choice:
    """Return what chooses `number` of the faults; shifted, others."""
    return lambda _: [(FAULTS[(7 * shift + each) % len(FAULTS)], NONE) for each in range(number)]


def is_apart() -> bool:
    """Return whether `go_apart` has put this process into a mount namespace of its own."""
    return os.environ.get(APART) == _namespace()


def go_apart(module: str) -> None:
    """Run `python -m MODULE` with this process's arguments in a namespace of its own instead; else return."""
    if is_apart() or not unshare():
        return
    script = f'{APART}=$(readlink {NAMESPACE}) exec "$@"'
    command = [*unshare(), "sh", "-c", script, "sh", sys.executable, "-m", module, *sys.argv[1:]]
    os.execvp(command[0], command)


@cache
def why_not() -> str:
    """Return why there can be no small disk here, "" when there can."""
    return "" if unshare() or is_apart() else "no file system can be mounted apart from the others"


@cache
def unshare() -> tuple[str, ...]:
    """Return the command that runs another one in a mount namespace of its own, () where there is none."""
    for command in (("unshare", "--mount"), ("unshare", "--mount", "--map-root-user")):
        try:
            if not subprocess.run([*command, *TRIAL], capture_output=True, check=False).returncode:
                return command
        except OSError:
            continue
    return ()


def _namespace() -> str:
    try:
        return os.readlink(NAMESPACE)
    except OSError:
        return "none"
