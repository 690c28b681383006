"""Measures what it costs to find what a command wrote: `python -m benchmarks.worktree`, in a worktree of 50,000 files.

Beside it, in turn: `git status` with the untracked cache, in the same worktree. User and system time, as the recorder
runs in the background; both sides include everything they start.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from context_sync.git import differences
from tests.rehearse import Client

FILES = 50_000
ROUNDS = 11


def main() -> int:
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder, "home")
        home.mkdir()
        os.environ.update(HOME=str(home), CLAUDE_CONFIG_DIR=str(home / ".claude"), GIT_CONFIG_GLOBAL=os.devnull)
        os.environ.update(XDG_CONFIG_HOME=str(home / ".config"), XDG_STATE_HOME=str(home / ".state"))
        project = repository(Path(folder, "project"))
        client = Client(project)
        client.start()
        ours, finding, status = [], [], []
        for number in range(ROUNDS):
            (project / "d0" / "f0.py").write_text(f"def f0():\n    return {number}\n")
            ours.append(cpu(lambda: client.event("PostToolUse", tool_name="Bash", tool_use_id="", duration_ms=5)))
            finding.append(cpu(lambda: differences.dirty(str(project))))
            status.append(cpu(lambda: git(project, "-c", "core.untrackedCache=true", "status", "--porcelain")))
        client.kill()
    alone = statistics.median(cpu(python) for _ in range(ROUNDS))
    mine, found, theirs = (statistics.median(each) for each in (ours, finding, status))
    print(f"| what, in a worktree of {FILES:,} files | CPU, median of {ROUNDS} |\n|---|---:|")
    print(f"| finding what changed | {1000 * found:.0f} ms |")
    print(f"| the recorder after a command, finding included | {1000 * mine:.0f} ms |")
    print(f"| `git status` with the untracked cache | {1000 * theirs:.0f} ms |")
    print(f"| an empty start of Python | {1000 * alone:.0f} ms |")
    print(f"| finding to `git status`, pair by pair | {ratio(finding, status):.2f} (no more than 1) |")
    print(f"| the recorder to `git status`, pair by pair | {ratio(ours, status):.2f} |")
    return 0


def ratio(one: list[float], other: list[float]) -> float:
    return statistics.median(a / b for a, b in zip(one, other, strict=True))


def repository(folder: Path) -> Path:
    for number in range(FILES):
        if number % 100 == 0:
            (folder / f"d{number // 100}").mkdir(parents=True)
        (folder / f"d{number // 100}" / f"f{number % 100}.py").write_text(f"def f{number}():\n    return {number}\n")
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "-c", "user.name=T", "-c", "user.email=t@t", "commit", "--quiet", "--message=all")
    git(folder, "config", "core.untrackedCache", "true")
    for _ in range(2):
        git(folder, "status")
    return folder


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True, stdout=subprocess.DEVNULL)


def python() -> None:
    subprocess.run([sys.executable, "-I", "-S", "-c", "pass"], check=True)


def cpu(run: Callable[[], object]) -> float:
    """Return the user and system time, in seconds, of the processes that `run` starts and waits for."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    sys.exit(main())
