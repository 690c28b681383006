"""Breaks every story in every way, and then again and again: `python -m campaigns.faults [--points N]`.

disk: a real disk is full, or read-only; shell: the real executables are killed at a system call that writes; clock: it
is set before something fails; python: each call of Python that writes fails, then two of them do. Prints a table, and
each violation with what repeats it.
"""

import argparse
import gc
import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from campaigns.faults import disks, points, traced
from campaigns.faults.layer import Fault
from campaigns.faults.loading import load_everything
from campaigns.faults.points import Choice, Outcome
from campaigns.faults.stories import STORIES
from campaigns.faults.world import NONE, World
from tests import memory

FOREIGN = ("CLAUDE", "CONTEXT_SYNC", "GIT_", "PYTHON", "XDG_")
HOUR, YEAR = 3600.0, 365 * 86_400.0
CONFIGURATION = "[user]\nname = Tess\nemail = tess@example.invalid\n[init]\ndefaultBranch = main\n"


class Layer(NamedTuple):
    """A way to break stories: where, which `number` of faults the story of an index meets, how many it takes of all."""

    world: type[World]
    choose: Callable[[int, int], Choice]
    faults: int
    skews: tuple[float, ...] = (0.0,)
    home: str = "home"
    why_not: Callable[[], str] = lambda: ""
    leaves_out: Callable[[], tuple[str, ...]] = tuple


LAYERS = {
    "disk": Layer(disks.SmallDisk, disks.some, len(disks.FAULTS), home="disk/home", why_not=disks.why_not),
    "shell": Layer(traced.Traced, points.kills, 30, why_not=traced.why_not, leaves_out=traced.leaves_out),
    "clock": Layer(World, points.slice_of, 10, skews=(0.0, -HOUR, HOUR, YEAR)),
    "python": Layer(World, points.all_of, 0),  # what is left
}


class Job(NamedTuple):
    """What one process does: a story in a layer; `fault` and `again` instead of those that the layer chooses."""

    layer: str
    story: str
    skew: float
    faults: int
    fault: Fault | None
    again: Fault


def main() -> int:
    arguments = _arguments()
    print("| layer | story | points | faults | violations | s |\n|---|---|---|---|---|---|", flush=True)
    faults = violations = 0
    load_everything()
    gc.freeze()
    with ProcessPoolExecutor(arguments.jobs) as pool:
        for name in arguments.layer or LAYERS:
            layer = LAYERS[name]
            if layer.why_not():
                print(f"| {name} | left out: {layer.why_not()} | | | | |", flush=True)
                continue
            for story in layer.leaves_out():
                print(f"| {name} | {story}: left out | | | | |", flush=True)
            for found in pool.map(_do, _jobs(name, arguments, arguments.points - faults)):
                faults, violations = faults + found.faults, violations + len(found.violations)
                violation = [f"  --layer {name} {each}" for each in found.violations]
                row = (name, found.story, found.points, found.faults, len(found.violations), f"{found.seconds:.0f}")
                print(f"| {' | '.join(map(str, row))} |", *violation, sep="\n", flush=True)
    print(f"\n{faults} faults, {violations} violations.")
    return 1 if violations else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m campaigns.faults", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--points", type=int, default=10_000, help="faults in all (%(default)s)")
    parser.add_argument("--each", type=int, help="faults of each story instead, with one of the clocks only")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--layer", action="append", choices=LAYERS)
    parser.add_argument("--only", choices=STORIES, metavar="STORY")
    parser.add_argument("--at", type=_fault, metavar="N:KIND")
    parser.add_argument("--then", type=_fault, default=NONE, metavar="N:KIND")
    return parser.parse_args()


def _fault(text: str) -> Fault:
    at, _, kind = text.partition(":")
    return Fault(int(at), kind or "kill")


def _jobs(name: str, arguments: argparse.Namespace, left: int) -> list[Job]:
    layer = LAYERS[name]
    stories = [each for each in STORIES if each == (arguments.only or each) and each not in layer.leaves_out()]
    number = arguments.each or layer.faults or -(-left // len(stories))
    return [
        Job(name, story, skew, number, arguments.at, arguments.then)
        for index, story in enumerate(stories)
        for skew in (layer.skews[index % len(layer.skews) :][:1] if arguments.each else layer.skews)
    ]


def _do(job: Job) -> Outcome:
    layer = LAYERS[job.layer]
    choose = layer.choose(job.faults, list(STORIES).index(job.story))
    with _world(layer) as world:
        if job.fault:
            only = [(job.fault, job.again)]
            return points.break_story(world, job.story, lambda _: only, job.skew)
        return points.break_story(world, job.story, choose, job.skew)


@contextmanager
def _world(layer: Layer) -> Iterator[World]:
    with memory.folder("faults") as folder:
        _settle_in(Path(folder), Path(folder, layer.home))
        world = layer.world(Path(folder))
        try:
            yield world
        finally:
            world.close()


def _settle_in(folder: Path, home: Path) -> None:
    for name in [name for name in os.environ if name.startswith(FOREIGN)]:
        del os.environ[name]
    (folder / "gitconfig").write_text(CONFIGURATION)
    os.environ |= {
        "HOME": str(home),
        "CLAUDE_CONFIG_DIR": str(home / ".claude"),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_STATE_HOME": str(home / ".local" / "state"),
        "GIT_CONFIG_GLOBAL": str(folder / "gitconfig"),
        "GIT_CONFIG_NOSYSTEM": "1",
    }


if __name__ == "__main__":
    disks.go_apart("campaigns.faults")
    sys.exit(main())
