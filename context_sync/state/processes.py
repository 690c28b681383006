"""Owns the question whether a process is still the one that it was, and which one is the client."""

from __future__ import annotations

import os
import time

from context_sync.hotpath.namedtuples import TYPE_CHECKING

if TYPE_CHECKING:
    from subprocess import CompletedProcess

PROC = "/proc/self/stat"  # where it is missing, `ps` is asked
PATIENCE = 2.0  # seconds for `ps`
WORDS_OF_START = 5  # Fri Nov 20 09:00:00 2026
DEAD_STATES = (b"Z", b"X")  # a zombie has ended, only its parent has not looked yet
LARGEST = 2**31 - 1  # pid_t


def start_of(pid: int) -> str:
    """Return a text that no other process with this pid ever has, or "" when no such process is to be seen.

    Linux: the start in clock ticks since boot (field 22 of /proc/PID/stat, proc(5)) and the boot's id. Elsewhere
    what `ps` says of its start, to the second.
    """
    return _look(pid) or ""


def is_there(pid: int, start: str = "") -> bool:
    """Say whether a process runs, and is still the one whose `start_of` was `start`; "" stands for whichever.

    Also true where that cannot be told.
    """
    found = _look(pid)
    return found is None or (found == start if start else found != "")


def client() -> int:
    """Return the pid of the client that runs this hook."""
    told = os.environ.get("CLAUDE_PID", "")
    return int(told) if told.isdecimal() else os.getppid()


def space() -> str:
    """Return a text for the machine and the pid namespace of this process; a pid means nothing in another one.

    A container has a namespace of its own (pid_namespaces(7)), a home may be mounted on several machines
    (machine-id(5)). Elsewhere than on Linux it is "".
    """
    try:
        namespace = os.readlink("/proc/self/ns/pid")
    except OSError:
        return ""
    return f"{_first_letters('/etc/machine-id')}/{namespace}"


def has_child_since(pid: int, at: float) -> bool:
    """Say whether a process has a child that was started after `at`, in seconds since the epoch.

    A zombie is none. Also true where that cannot be told.
    """
    try:
        started = _children(pid) if os.path.exists(PROC) else _children_by_ps(pid)
    except (OSError, ValueError):
        return True
    return any(begun > at for begun in started)


def _children(pid: int) -> list[float]:
    """Return when each child was started; see proc(5)."""
    booted = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
    ticks = os.sysconf("SC_CLK_TCK")
    found = []
    for name in filter(str.isdecimal, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", "rb") as stream:
                fields = stream.read().rpartition(b")")[2].split()
        except OSError:
            continue  # it ended this moment
        if fields[1] == str(pid).encode() and fields[0] not in DEAD_STATES:
            found.append(booted + int(fields[19]) / ticks)
    return found


def _children_by_ps(pid: int) -> list[float]:
    columns = ("ppid=", "etime=", "stat=")
    done = _ps("-A", *(word for column in columns for word in ("-o", column)))
    rows = [row for line in done.stdout.splitlines() if len(row := line.split()) == len(columns)] if done else []
    if not any(row[0] == str(os.getppid()) for row in rows):  # that is this process
        raise OSError("ps does not tell the processes")
    now = time.time()
    ages = [_seconds(row[1]) for row in rows if row[0] == str(pid) and not row[2].encode().startswith(DEAD_STATES)]
    return [now - age if age < now else now for age in ages]  # procps tells of a new process that it is 10^6 years old


def _seconds(elapsed: str) -> float:
    """Return the seconds of `[[days-]hours:]minutes:seconds`, as ps tells them."""
    days, _, clock = elapsed.rpartition("-")
    seconds = 0
    for part in clock.split(":"):
        seconds = seconds * 60 + int(part)
    return int(days or 0) * 86_400 + seconds


def _look(pid: int) -> str | None:
    """Return the start of a process, "" when there is none, None when it cannot be told."""
    if not 0 < pid <= LARGEST:
        return ""
    return _from_proc(pid) if os.path.exists(PROC) else _from_ps(pid)


def _from_proc(pid: int) -> str | None:
    try:
        with open(f"/proc/{pid}/stat", "rb") as stream:
            # The command's name, in parentheses, may hold anything.
            fields = stream.read().rpartition(b")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    except OSError:
        return None  # too many open files
    if fields[0] in DEAD_STATES:
        return ""
    return f"{fields[19].decode()}@{_first_letters('/proc/sys/kernel/random/boot_id')}"


def _first_letters(where: str) -> str:
    try:
        with open(where, encoding="utf-8") as stream:
            return stream.read(8)
    except (OSError, ValueError):
        return ""


def _from_ps(pid: int) -> str | None:
    done = _ps("-o", "stat=", "-o", "lstart=", "-p", str(pid))
    if done is None:
        return None
    if done.returncode == 1 and not done.stdout.strip() and not done.stderr:  # how it says that there is none
        return ""
    state, _, start = done.stdout.strip().partition(" ")
    if done.returncode or len(start.split()) != WORDS_OF_START:
        return None
    return "" if state.encode().startswith(DEAD_STATES) else start.strip()


def _ps(*options: str) -> CompletedProcess[str] | None:
    """Return what `ps` says, None when it cannot be asked or takes too long."""
    import subprocess  # 5 ms, and the process costs more: no /proc, no better way

    try:
        return subprocess.run(
            ["ps", *options],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PATIENCE,
            env={**os.environ, "LC_ALL": "C", "TZ": "UTC"},
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
