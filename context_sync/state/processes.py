"""Owns the question whether a process is still the one that it was, and which one is the client."""

import os
import time

DEAD_STATES = (b"Z", b"X")  # a zombie has ended, only its parent has not looked yet


def start_of(pid: int) -> str:
    """Return a text that no other process with this pid ever has, or "" when there is no such process.

    Linux: the start in clock ticks since boot (field 22 of /proc/PID/stat, proc(5)) and the boot's id. Elsewhere
    what `ps` says of its start, to the second.
    """
    if pid <= 0:
        return ""
    if os.path.exists("/proc/self/stat"):
        return _from_proc(pid)
    return _from_ps(pid)


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
        started = _children(pid) if os.path.exists("/proc/self/stat") else _children_by_ps(pid)
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
    import subprocess  # as in `_from_ps`

    options = ["-A", "-o", "ppid=", "-o", "etime="]
    told = subprocess.run(["ps", *options], capture_output=True, text=True, timeout=2, check=True).stdout
    rows = (line.split() for line in told.splitlines())
    return [time.time() - _seconds(row[1]) for row in rows if row[0] == str(pid)]


def _seconds(elapsed: str) -> float:
    """Return the seconds of `[[days-]hours:]minutes:seconds`, as ps tells them."""
    days, _, clock = elapsed.rpartition("-")
    seconds = 0
    for part in clock.split(":"):
        seconds = seconds * 60 + int(part)
    return int(days or 0) * 86_400 + seconds


def _from_proc(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/stat", "rb") as stream:
            # The command's name, in parentheses, may hold anything.
            fields = stream.read().rpartition(b")")[2].split()
    except OSError:
        return ""
    if fields[0] in DEAD_STATES:
        return ""
    return f"{fields[19].decode()}@{_first_letters('/proc/sys/kernel/random/boot_id')}"


def _first_letters(where: str) -> str:
    try:
        with open(where, encoding="utf-8") as stream:
            return stream.read(8)
    except (OSError, ValueError):
        return ""


def _from_ps(pid: int) -> str:
    import subprocess  # 5 ms, and the process costs more: no /proc, no better way

    try:
        done = subprocess.run(
            ["ps", "-o", "stat=", "-o", "lstart=", "-p", str(pid)],
            capture_output=True,
            text=True,
            timeout=2,
            env={**os.environ, "LC_ALL": "C", "TZ": "UTC"},
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    state, _, start = done.stdout.strip().partition(" ")
    return "" if state.startswith("Z") else start.strip()
