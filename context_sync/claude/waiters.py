"""Waiters: the processes that wait for messages after Stop, and which of them outlived their Claude Code."""

import os
import signal

from context_sync import paths

GRACE = 30.0  # seconds; a waiter whose Claude Code has ended notices within a second


def stuck() -> list[int]:
    """Return the pids of waiters for our state folder whose Claude Code has ended; none without /proc."""
    try:
        pids = [int(name) for name in os.listdir("/proc") if name.isdecimal()]
    except OSError:
        return []
    return [pid for pid in sorted(pids) if _is_waiter(pid) and _is_alone(pid)]


def end(pid: int) -> None:
    """End a waiter that `stuck` returned, if it still runs; it has nothing to lose."""
    if pid in stuck():
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def _is_waiter(pid: int) -> bool:
    try:
        mine = os.stat(f"/proc/{pid}").st_uid == os.geteuid()
    except OSError:
        return False
    words = _read(pid, "cmdline").split(b"\0")
    return mine and len(words) > 2 and words[-2] == b"Idle" and words[-3].endswith(b"/run.py")


def _is_alone(pid: int) -> bool:
    named = dict(entry.split("=", 1) for entry in os.fsdecode(_read(pid, "environ")).split("\0") if "=" in entry)
    folder = named.get("CLAUDE_CONFIG_DIR") or os.path.join(named.get("HOME", ""), ".claude")
    # The name of the command, in parentheses, can contain anything; field 4 is the parent, 22 the start (proc(5)).
    fields = _read(pid, "stat").rpartition(b")")[2].split()
    client = named.get("CLAUDE_PID", "")
    if folder != paths.claude_folder() or not client or len(fields) < 20 or fields[0] == b"Z":
        return False
    began = int(fields[19]) / os.sysconf("SC_CLK_TCK")
    return fields[1].decode() != client and _uptime() - began > GRACE


def _uptime() -> float:
    with open("/proc/uptime", "rb") as stream:
        return float(stream.read().split()[0])


def _read(pid: int, name: str) -> bytes:
    try:
        with open(f"/proc/{pid}/{name}", "rb") as stream:
            return stream.read()
    except OSError:
        return b""
