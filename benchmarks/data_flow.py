"""The way of the data through one hook: `python -m benchmarks.data_flow`; exits 1 when a target is missed.

Counted by tracing the calls (`sys.setprofile`): how many modules of ours are entered, and how many moves there are from
one to another. A move is a call of a function of ours, or the code of a module that is loaded, in another module than
the one before; a return is none. With `--pairs` it also prints between which modules most of the moves are.
"""

import argparse
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from benchmarks import stage, table
from benchmarks.stage import Scene
from benchmarks.table import Row
from benchmarks.timing import Case
from tests import rehearse
from tests.rehearse import CALC, change, encoded, result

TRACED = Path(__file__).with_name("traced_hook.py")
MOST_PAIRS = 25


class Way(NamedTuple):
    """A hook in a state of its session, and what its way may be at most."""

    shows: str
    build: Callable[[Scene, Path], Case]
    modules: int
    moves: int


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.data_flow", description=__doc__)
    parser.add_argument("--pairs", action="store_true", help="print between which modules most of the moves are")
    with_pairs = parser.parse_args().pairs
    entered = dict(_ways())
    missed = table.show(row for way, found in entered.items() for row in _rows(way, found))
    for way, found in entered.items() if with_pairs else ():
        print(f"\n{way.shows}:")
        for (one, other), number in Counter(_moves(found)).most_common(MOST_PAIRS):
            print(f"{number:5} {one} -> {other}")
    return missed


def _ways() -> Iterator[tuple[Way, list[str]]]:
    with stage.scenes() as make:
        for way in WAYS:
            place = make()
            with place.inside():
                file = _begin(place)
                yield way, _entered(way.build(place, file), place.top)


def _begin(place: Scene) -> Path:
    """Make a repository with one small file, committed long ago: a commit of this second may have any edit."""
    place.begin(files=0)
    file = place.project / "calc.py"
    file.write_text(CALC)
    rehearse.git(place.project, "add", "--all")
    rehearse.git(place.project, "commit", "--quiet", "--amend", "--message=begin", at=time.time() - 3600)
    return file


def _denial(place: Scene, file: Path) -> Case:
    someone, other = place.client(), place.client()
    other.edit(file, "a + b", "b + a")
    return place.case("", someone, "PreToolUse", stage.attempt(someone, file, "b + a", "a + b + 0"))


def _edit(place: Scene, file: Path) -> Case:
    someone, other = place.client(), place.client()
    other.edit(file, "a + b", "b + a")
    done = change(file, "b + a", "a + b + 0")
    someone.append(result("toolu_1", done))
    made = {"tool_name": "Edit", "tool_use_id": "toolu_1", "tool_response": done}
    return place.case("", someone, "PostToolUse", encoded(someone.payload("PostToolUse", **made)))


def _alert(place: Scene, file: Path) -> Case:
    someone, other = place.client(), place.client()
    someone.edit(file, "a + b", "b + a")
    other.edit(file, "b + a", "a + b + 0")
    return place.case("", someone, "PostToolBatch", stage.quiet(someone, "PostToolBatch"))


WAYS = (
    Way("a denial", _denial, 45, 240),
    Way("a recorded edit", _edit, 55, 400),
    Way("an alert at PostToolBatch", _alert, 35, 145),
)


def _entered(case: Case, folder: Path) -> list[str]:
    """Return the modules that the hook goes through, in their order, with one for each call."""
    traced, trace = folder / "traced-python", folder / "trace"
    start = f'exec "{sys.executable}" -I -S -X utf8 "{TRACED}" "$@"'
    traced.write_text(f'#!/bin/sh\nshift 4 # the same options\nexport TRACE="{trace}"\n{start}\n')
    traced.chmod(0o755)
    shell, option, command = case.command
    command = [shell, option, command.replace(sys.executable, str(traced))]
    surroundings = {"cwd": case.folder, "env": dict(case.environment), "stdout": subprocess.DEVNULL}
    subprocess.run(command, input=case.payload, check=True, **surroundings)
    return trace.read_text().splitlines()


def _rows(way: Way, found: list[str]) -> Iterator[Row]:
    for what, number, most in (("modules", len(set(found)), way.modules), ("moves", _number(found), way.moves)):
        yield Row(f"{way.shows}: {what}", str(number), f"at most {most}", number <= most)


def _number(found: list[str]) -> int:
    return sum(1 for _ in _moves(found))


def _moves(found: Iterable[str]) -> Iterator[tuple[str, str]]:
    return ((one, other) for one, other in pairwise(found) if one != other)


if __name__ == "__main__":
    sys.exit(main())
