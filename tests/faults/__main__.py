"""Breaks every story at every write, in every way, and then again and again: `python -m tests.faults [--points N]`.

Prints a table of the stories, and each violation with what repeats it: `--only STORY --at N --kind KIND`.
"""

import argparse
import os
import random
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

from tests.faults.layer import KINDS, Fault
from tests.faults.stories import STORIES, play
from tests.faults.world import NONE, World

FOREIGN = ("CLAUDE", "CONTEXT_SYNC", "GIT_", "PYTHON", "XDG_")


class Outcome(NamedTuple):
    """What became of a story: the calls that write in its step, the faults it met, and what was violated."""

    story: str
    calls: int
    points: int
    violations: list[str]
    seconds: float


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--points", type=int, default=10_000, help="faults in all (%(default)s)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--only", choices=STORIES, metavar="STORY")
    parser.add_argument("--at", type=int)
    parser.add_argument("--kind", choices=KINDS, default="kill")
    arguments = parser.parse_args()
    chosen = [arguments.only] if arguments.only else list(STORIES)
    each = -(-arguments.points // len(chosen))
    fault = Fault(arguments.at, arguments.kind) if arguments.at else None
    print("| story | writes in the step | faults | violations | s |\n|---|---|---|---|---|", flush=True)
    points = violations = 0
    with ProcessPoolExecutor(arguments.jobs) as pool:
        for found in pool.map(break_story, chosen, [each] * len(chosen), [fault] * len(chosen)):
            points, violations = points + found.points, violations + len(found.violations)
            row = (found.story, found.calls, found.points, len(found.violations), f"{found.seconds:.0f}")
            print(f"| {' | '.join(map(str, row))} |", *found.violations, sep="\n", flush=True)
    print(f"\n{points} faults, {violations} violations.")
    return 1 if violations else 0


def break_story(name: str, points: int, only: Fault | None) -> Outcome:
    """Play a story with every single fault, then with pairs of them chosen by chance, until it met `points`."""
    began = time.monotonic()
    violations: list[str] = []
    story = STORIES[name]
    with tempfile.TemporaryDirectory(prefix="context-sync-faults-") as folder:
        _settle_in(Path(folder))
        world = World(Path(folder))
        story.prepare(world)
        world.keep()
        calls = play(world, story, NONE).calls
        number = 0
        for fault, again in _faults(calls, points, name) if only is None else [(only, NONE)]:
            number += 1
            try:
                play(world, story, fault, again)
            except Exception as error:
                told = "".join(traceback.format_exception_only(error)).strip()
                violations.append(f"  --only '{name}' --at {fault.at} --kind {fault.kind}, then {again}: {told[:500]}")
        world.close()
    return Outcome(name, calls, number, violations, time.monotonic() - began)


def _faults(calls: int, points: int, seed: str) -> Iterator[tuple[Fault, Fault]]:
    single = [Fault(at, kind) for kind in KINDS for at in range(1, calls + 1)][:points]
    yield from ((fault, NONE) for fault in single)
    chance = random.Random(seed)
    for _ in range(points - len(single)):
        first = Fault(chance.randint(1, calls), chance.choice(KINDS))
        yield first, Fault(chance.randint(1, 12), chance.choice(KINDS))


def _settle_in(folder: Path) -> None:
    for name in [name for name in os.environ if name.startswith(FOREIGN)]:
        del os.environ[name]
    (folder / "gitconfig").write_text(
        "[user]\nname = Tess\nemail = tess@example.invalid\n[init]\ndefaultBranch = main\n"
    )
    home = folder / "home"
    os.environ |= {
        "HOME": str(home),
        "CLAUDE_CONFIG_DIR": str(home / ".claude"),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_STATE_HOME": str(home / ".local" / "state"),
        "GIT_CONFIG_GLOBAL": str(folder / "gitconfig"),
        "GIT_CONFIG_NOSYSTEM": "1",
    }


if __name__ == "__main__":
    sys.exit(main())
