"""Processes: whether one is still the same process, and which one is Claude Code."""

from __future__ import annotations

import os
import time

from context_sync.hotpath.namedtuples import TYPE_CHECKING

if TYPE_CHECKING:
    from subprocess import CompletedProcess

PROC = "/proc/self/stat"  # if it is missing, `ps` is used
PS_TIMEOUT = 2.0  # seconds
WORDS_OF_START = 5  # Fri Nov 20 09:00:00 2026
DEAD_STATES = (b"Z", b"X")  # a zombie has ended, but its parent has not collected it yet
MAX_PID = 2**31 - 1  # pid_t


def start_of(pid: int) -> str:
    """Return a text that no other process with this pid ever has, or "" when there is no such process.

    On Linux, the start in clock ticks since boot (field 22 of /proc/PID/stat, proc(5)) and the id of the boot.
    Elsewhere, the start time that `ps` prints, to the second.
    """
    return _look(pid) or ""


def is_there(pid: int, start: str = "") -> bool:
    """Return whether a process runs and is still the one whose `start_of` was `start`; "" is any.

    Also true when that cannot be determined.
    """
    found = _look(pid)
    return found is None or (found == start if start else found != "")


def client() -> int:
    """Return the pid of the Claude Code process that runs this hook."""
    pid = os.environ.get("CLAUDE_PID", "")
    return int(pid) if pid.isdecimal() else os.getppid()


def space() -> str:
    """Return a text for the machine and pid namespace of this process, outside which its pid means nothing.

    A container has its own namespace (pid_namespaces(7)), and a home folder can be mounted on several machines
    (machine-id(5)). Returns "" on systems other than Linux.
    """
    try:
        namespace = os.readlink("/proc/self/ns/pid")
    except OSError:
        return ""
    return f"{_first_letters('/etc/machine-id')}/{namespace}"


def has_child_since(pid: int, at: float) -> bool:
    """Return whether a process has a child that was started after `at`, in seconds since the epoch.

    Zombies do not count. Also true when that cannot be determined.
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
            continue  # it has just ended
        if fields[1] == str(pid).encode() and fields[0] not in DEAD_STATES:
            found.append(booted + int(fields[19]) / ticks)
    return found


def _children_by_ps(pid: int) -> list[float]:
    columns = ("ppid=", "etime=", "stat=")
    done = _ps("-A", *(word for column in columns for word in ("-o", column)))
    rows = [row for line in done.stdout.splitlines() if len(row := line.split()) == len(columns)] if done else []
    if not any(row[0] == str(os.getppid()) for row in rows):  # the row of this process
        raise OSError("ps does not list the processes")
    now = time.time()
    ages = [_seconds(row[1]) for row in rows if row[0] == str(pid) and not row[2].encode().startswith(DEAD_STATES)]
    return [now - age if age < now else now for age in ages]  # procps reports a new process as 10^6 years old


def _seconds(elapsed: str) -> float:
    """Return the seconds in `[[days-]hours:]minutes:seconds`, the format of ps."""
    days, _, clock = elapsed.rpartition("-")
    seconds = 0
    for part in clock.split(":"):
        seconds = seconds * 60 + int(part)
    return int(days or 0) * 86_400 + seconds


def _look(pid: int) -> str | None:
    """Return the start of a process, "" when there is no such process, None when it cannot be determined."""
    if not 0 < pid <= MAX_PID:
        return ""
    return _from_proc(pid) if os.path.exists(PROC) else _from_ps(pid)


def _from_proc(pid: int) -> str | None:
    try:
        with open(f"/proc/{pid}/stat", "rb") as stream:
            # The command's name, in parentheses, can contain anything.
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
    if done.returncode == 1 and not done.stdout.strip() and not done.stderr:  # there is no such process
        return ""
    state, _, start = done.stdout.strip().partition(" ")
    if done.returncode or len(start.split()) != WORDS_OF_START:
        return None
    return "" if state.encode().startswith(DEAD_STATES) else start.strip()


def _ps(*options: str) -> CompletedProcess[str] | None:
    """Return how `ps` ended, None when it cannot be run or takes too long."""
    import subprocess  # 5 ms, and the process takes longer; without /proc there is no better way

    try:
        return subprocess.run(
            ["ps", *options],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PS_TIMEOUT,
            env={**os.environ, "LC_ALL": "C", "TZ": "UTC"},
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
