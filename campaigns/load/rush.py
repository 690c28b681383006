"""The rush: many sessions work at once in several checkouts and worktrees, and what must be true afterwards."""

import ctypes
import json
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from campaigns.load.long_lived import Kept, kept_busy, stat_of
from campaigns.load.session import Worker
from context_sync import paths
from context_sync.state import inspection, mailbox, touches
from tests.rehearse import git, log

FOREIGN = ("CLAUDE", "CONTEXT_SYNC", "GIT_", "PYTHON", "XDG_")
REPOSITORIES, WORKTREES = 4, 3  # of each, its own checkout included
GIVEN_UP = '"error": "OutOfTimeError'  # by a hook whose time was over, as on a machine that is too busy
PATIENCE = 120.0  # seconds for what was killed to end, and for what it started
SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER of prctl(2)


class Outcome(NamedTuple):
    """What came of a rush."""

    sessions: int
    seconds: float
    done: Counter[str]
    edits: int
    lost_edits: int
    written_twice: int
    read_twice: int
    broken_lines: int
    messages: int
    lost_messages: int
    double_messages: int
    left_running: list[str]
    wrong: list[str]
    crashes: list[str]
    given_up: int
    set_aside: int
    kept: list[Kept]
    size: int


def rush(folder: Path, sessions: int, seconds: float) -> Outcome:
    """Let so many sessions work for so long in a folder, and look at what there is then."""
    adopt_orphans()
    with surroundings(folder):
        places = list(checkouts(folder))[: max(sessions // 3, 2)]
        workers: list[Worker] = []
        for place in range(sessions):
            workers.append(Worker(place, places[place % len(places)], workers))
        began = time.monotonic()
        with kept_busy(places[0], seconds) as kept, ThreadPoolExecutor(sessions) as pool:
            list(pool.map(lambda worker: worker.work(began + seconds), workers))
        for worker in workers:
            worker.rest()  # what others sent while this one rested
        took = time.monotonic() - began
        for worker in workers:
            worker.end()
        return judged(workers, took, list(kept))


def judged(workers: list[Worker], took: float, kept: list[Kept]) -> Outcome:
    lost = written = read = broken = 0
    for worker in workers:
        for session, made in worker.edits.items():
            found, cut = recorded(session)
            broken += cut
            lost += sum(not found[used] for used in made if used not in worker.unknown)
            written += sum(found[used] > 1 for used in made)
            seen = Counter(touch.tool_use for touch in touches.read(session).touches)
            read += sum(seen[used] != min(found[used], 1) for used in made)
    messages, lost_messages, double_messages = heard(workers)
    return Outcome(
        sessions=len(workers),
        seconds=took,
        done=sum((worker.done for worker in workers), Counter()),
        edits=sum(len(made) for worker in workers for made in worker.edits.values()),
        lost_edits=lost,
        written_twice=written,
        read_twice=read,
        broken_lines=broken,
        messages=messages,
        lost_messages=lost_messages,
        double_messages=double_messages,
        left_running=left_running(),
        wrong=[each for worker in workers for each in worker.wrong],
        crashes=[line for line in log().splitlines() if GIVEN_UP not in line],
        given_up=log().count(GIVEN_UP),
        set_aside=len(list(inspection.broken())),
        kept=kept,
        size=sum(path.stat().st_size for path in Path(paths.state_folder()).rglob("*") if path.is_file()),
    )


def recorded(session: str) -> tuple[Counter[str], int]:
    """Return how often each edit is in the touch file, and the lines that are neither whole nor the begin of one."""
    found: Counter[str] = Counter()
    broken = 0
    file = Path(paths.state_folder(), "touches", f"{session}.jsonl")
    for line in file.read_bytes().split(b"\n") if file.exists() else []:
        try:
            context = json.loads(line or b"{}")
            found[context.get("tool_use", "")] += context.get("tool") == "Edit"
            broken += context.get("session", session) != session
        except ValueError:
            broken += not line.startswith(b'{"at": ') or b'{"at": ' in line[1:]
    return found, broken


def heard(workers: list[Worker]) -> tuple[int, int, int]:
    """Return how many messages were sent, which were neither heard nor kept for their receiver, and heard twice."""
    context: Counter[int] = Counter()
    for worker in workers:
        for each in worker.heard.values():
            context += each
    kept = {each.message.text for box in mailbox.boxes() for each in mailbox.unread(box)}
    sent = [each for worker in workers for each in worker.sent]
    lost = [each for each in sent if not context[each.number] and f"number {each.number}" not in kept]
    return len(sent), len(lost), sum(number > 1 for number in context.values())


def checkouts(folder: Path) -> Iterator[Path]:
    """Make the repositories, and yield their worktrees; every file that anyone will edit is committed."""
    for number in range(REPOSITORIES):
        project = folder / f"project-{number}"
        project.mkdir()
        git(project, "init", "--quiet", "--initial-branch=main")
        lines = [f"    # {place}: 0\n" for place in range(256)]
        functions = [f"def part{part}():\n{''.join(lines[part::4])}    return {part}\n\n\n" for part in range(4)]
        (project / "shared.py").write_text("".join(functions))
        for place in range(256):
            (project / f"own_{place}.py").write_text(f"def own():\n{lines[place]}    return {place}\n")
        git(project, "add", "--all")
        git(project, "commit", "--quiet", "--message=begin")
        yield project
        for each in range(1, WORKTREES):
            git(project, "worktree", "add", "--quiet", "-b", f"topic-{each}", f"{project}-{each}")
            yield Path(f"{project}-{each}")


@contextmanager
def surroundings(folder: Path) -> Iterator[None]:
    """A home folder of its own for this process and all that it starts."""
    before = dict(os.environ)
    for name in [name for name in os.environ if name.startswith(FOREIGN)]:
        del os.environ[name]
    home = folder / "home"
    home.mkdir()
    (folder / "gitconfig").write_text("[user]\nname = Tess\nemail = tess@example.invalid\n")
    os.environ |= {
        "HOME": str(home),
        "CLAUDE_CONFIG_DIR": str(home / ".claude"),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_STATE_HOME": str(home / ".state"),
        "GIT_CONFIG_GLOBAL": str(folder / "gitconfig"),
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def adopt_orphans() -> None:
    """Have what anything leaves running become a child of this process, where the system can do that."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)


def left_running(patience: float = PATIENCE) -> list[str]:
    """Return what this process still has for children after `patience` seconds, and end them.

    The children of hooks that were killed became ours: git may be about to end.
    """
    end = time.monotonic() + patience
    while (left := list(children())) and time.monotonic() < end:
        time.sleep(0.1)
    for pid, _ in left:
        os.kill(pid, signal.SIGKILL)
    return [f"{pid} {context}" for pid, context in left]


def children() -> Iterator[tuple[int, str]]:
    """Yield the children of this process that have not ended, with their state and command line."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, parent = stat_of(int(folder.name))
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except (OSError, ValueError):
            continue
        if parent == os.getpid() and state != "Z":
            yield int(folder.name), f"({state}) {command}"
