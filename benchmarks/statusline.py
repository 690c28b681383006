"""Measures the status line: `python -m benchmarks.statusline`, against what Claude Code's shell takes for `cat`."""

import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from context_sync.claude.install import status_line_entry
from context_sync.domain.records import Session
from context_sync.state import conflict_counts, processes, sessions

HOOKS = Path(__file__).resolve().parents[1] / "hooks"
RUNS = 200


def main() -> None:
    """Print a line for each number of other sessions."""
    command = status_line_entry.command_for("", str(HOOKS))
    for others in (0, 1, 10, 100):
        with tempfile.TemporaryDirectory() as home:
            os.environ["CLAUDE_CONFIG_DIR"] = f"{home}/.claude"
            session = furnish(others)
            environment = {"HOME": home, "PATH": os.environ["PATH"], "CLAUDE_CODE_SESSION_ID": session}
            plain = f"cat {home}/line"
            Path(home, "line").write_text("x\n")
            ours, cat = milliseconds([command, plain], environment)
            print(f"{others:4} others: {ours:5.2f} ms; cat in the same shell: {cat:5.2f} ms")


def furnish(others: int) -> str:
    """Make the files of a session among others in one repository, and return its id."""
    names = [f"00000000-0000-0000-0000-{number:012}" for number in range(others + 1)]
    for number, name in enumerate(names):
        sessions.save(
            Session(
                id=name,
                name=f"session {number}",
                named_by="title",
                pid=os.getpid(),
                pid_start=processes.start_of(os.getpid()),
                pid_space=processes.space(),
                cwd="/home/tess/shop",
                repository="/home/tess/shop/.git",
                worktree="/home/tess/shop",
                branch="main",
                transcript="",
                entrypoint="cli",
                started=time.time(),
                last_seen=time.time(),
                ended=0.0,
            )
        )
    for name in names[1:6]:
        conflict_counts.count(names[0], name, 2)
    return names[0]


def milliseconds(commands: list[str], environment: dict[str, str]) -> list[float]:
    """Return the median time of each command, run in turn."""
    taken: list[list[float]] = [[] for _ in commands]
    for _ in range(RUNS):
        for times, command in zip(taken, commands, strict=True):
            began = time.perf_counter()
            subprocess.run(["/bin/sh", "-c", command], env=environment, input=b"{}", stdout=subprocess.DEVNULL)
            times.append(time.perf_counter() - began)
    return [statistics.median(times) * 1000 for times in taken]


if __name__ == "__main__":
    main()
