"""Fuzzes everything that reads what others wrote: `python -m campaigns.fuzz [TARGET ...] [--inputs N]`.

Guided by coverage with atheris where it is installed, else by chance, which the table says. Prints a table and each
input for which something does not hold, and keeps these inputs in a folder. Exits 1 when there is one.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from time import monotonic
from typing import NamedTuple

import hypothesis

from campaigns.fuzz import fuzzing
from campaigns.fuzz.entering import entering
from campaigns.fuzz.findings import Finding, finding_of, keep
from campaigns.fuzz.properties import PROPERTIES
from campaigns.fuzz.targets import TARGETS

FEW = 0.005  # of all inputs: what is made by hypothesis for each property, which takes a hundred times as long
DOOR = "the hooks themselves"
FINDS = Path("fuzz-finds")


class Row(NamedTuple):
    """What came of fuzzing one thing."""

    name: str
    way: str
    inputs: int
    seconds: float
    coverage: int
    findings: list[Finding]
    known: int = 0


def main() -> int:
    arguments = _arguments()
    print(
        "| what | by | inputs | per second | edges | violations | known |\n|---|---|---:|---:|---:|---:|---:|",
        flush=True,
    )
    inputs, found = 0, []
    with ProcessPoolExecutor(arguments.jobs) as pool:
        for row in pool.map(fuzz, *zip(*_shares(arguments.targets, arguments.inputs), strict=True)):
            speed = f"{row.inputs / max(row.seconds, 1e-3):.0f} /s"
            cells = (
                row.name,
                row.way,
                f"{row.inputs:,}",
                speed,
                row.coverage or "",
                len(row.findings),
                row.known or "",
            )
            print(f"| {' | '.join(map(str, cells))} |", flush=True)
            inputs += row.inputs
            found += row.findings
            keep(row.findings, FINDS / row.name)
    for each in found:
        print(f"\n{'  '.join(each.where)}: {each.said}\n    {each.data[:400]!r}")
    print(f"\n{inputs:,} inputs, {len(found)} violations" + (f", kept in {FINDS}." if found else "."))
    return 1 if found else 0


def fuzz(name: str, inputs: int) -> Row:
    """Fuzz a target, or try a property, with so many inputs."""
    began = monotonic()
    if name in TARGETS:
        if fuzzing.is_guided():
            with tempfile.TemporaryDirectory(prefix="context-sync-fuzz-") as folder:
                found = fuzzing.guided(name, inputs, 3600, Path(folder))
            return _row(name, "atheris", found)
        with fuzzing.home():
            return _row(name, "chance", fuzzing.by_chance(name, inputs, 3600))
    with fuzzing.home() as folder:
        if name == DOOR:
            with entering(folder) as enter:
                findings = property_fails(enter, inputs)
        else:
            findings = property_fails(PROPERTIES[name], inputs)
    return Row(name, "hypothesis", inputs, monotonic() - began, 0, findings)


def _row(name: str, way: str, found: fuzzing.Outcome) -> Row:
    fresh = [each for each in found.findings if each.where not in TARGETS[name].known]
    known = len(found.findings) - len(fresh)
    return Row(name, way, found.inputs, found.seconds, found.coverage, fresh, known)


def property_fails(holds: Callable[[], None], inputs: int) -> list[Finding]:
    """Return the examples for which a property does not hold, of at most so many; they are printed in words."""
    options = {"deadline": None, "database": None, "suppress_health_check": list(hypothesis.HealthCheck)}
    many = hypothesis.settings(max_examples=inputs, **options)(holds)  # type: ignore[arg-type]
    try:
        many()
    except ExceptionGroup as several:  # one for each place in the code
        return [_described(each) for each in several.exceptions]
    except Exception as error:
        return [_described(error)]
    return []


def _described(error: Exception) -> Finding:
    return finding_of(error, "\n".join(getattr(error, "__notes__", [])).encode())


def _shares(names: list[str], inputs: int) -> Iterator[tuple[str, int]]:
    few = max(int(inputs * FEW), 10)
    chosen = names or [*TARGETS, *PROPERTIES, DOOR]
    properties = [name for name in chosen if name not in TARGETS]
    left = inputs - few * len(properties)
    whole = sum(TARGETS[name].share for name in chosen if name in TARGETS)
    for name in chosen:
        yield name, -(-left * TARGETS[name].share // whole) if name in TARGETS else few


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m campaigns.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join([*TARGETS, *PROPERTIES, DOOR]))
    parser.add_argument("--inputs", type=int, default=1_000_000, help="in all (%(default)s)")
    parser.add_argument("--jobs", type=int, help="processes at once; as many as there are processors")
    arguments = parser.parse_args()
    wrong = [name for name in arguments.targets if name not in (*TARGETS, *PROPERTIES, DOOR)]
    if wrong:
        parser.error(f"there is no target {wrong[0]!r}")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
