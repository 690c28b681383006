"""Scores the judge on real pairs of edits: `python -m benchmarks.conflicts FOLDER` prints one Markdown table.

FOLDER holds `*.jsonl.xz` files, see `corpus`. Beside our numbers stand two simple rules: an alert whenever both
sides changed the same file, and one whenever their hunks touch or overlap. Exits 1 when a target is missed.
"""

import argparse
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import NamedTuple

from benchmarks.conflict_oracle import definitions_changed
from benchmarks.corpus import Pair, pairs
from context_sync.analysis.judge import judge

SERIOUS = frozenset({"symbol", "merge"})


class Scored(NamedTuple):
    """A pair with the levels said for each path and the seconds that it took."""

    pair: Pair
    levels: dict[str, frozenset[str]]
    seconds: float

    def said(self, wanted: frozenset[str]) -> bool:
        return any(levels & wanted for levels in self.levels.values())


class Case(NamedTuple):
    """One thing that is right or not: by us, by the rule of the shared file, by that of the touching hunks."""

    name: str
    ours: bool
    by_file: bool
    by_hunks: bool


class Measure(NamedTuple):
    """A share of cases; `least` of them must be true, or `most` may be."""

    title: str
    cases: list[Case]
    least: float | None = None
    most: float | None = None

    def share(self, which: Callable[[Case], bool]) -> float:
        return sum(map(which, self.cases)) / len(self.cases) if self.cases else 0.0

    @property
    def reached(self) -> bool:
        ours = self.share(lambda case: case.ours)
        if not self.cases:
            return True
        return (self.least is None or ours >= self.least) and (self.most is None or ours <= self.most)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.conflicts", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--list", action="store_true", help="name the pairs behind each number on standard error")
    arguments = parser.parse_args(argv)
    scored = [score(pair) for pair in pairs(arguments.folder)]
    if not scored:
        parser.error(f"no *.jsonl.xz in {arguments.folder}")
    measures = list(measure(scored))
    print(table(scored, measures))
    if arguments.list:
        for each in measures:
            print(f"\n{each.title}", *_exceptions(each), sep="\n  ", file=sys.stderr)
    return 0 if all(each.reached for each in measures) else 1


def score(pair: Pair) -> Scored:
    mine, theirs = pair.side("mine"), pair.side("theirs")
    start = perf_counter()
    verdicts = judge(mine, theirs)
    seconds = perf_counter() - start
    levels: dict[str, set[str]] = {}
    for verdict in verdicts:
        levels.setdefault(verdict.path, set()).add(verdict.level)
    return Scored(pair, {path: frozenset(found) for path, found in levels.items()}, seconds)


def measure(scored: list[Scored]) -> Iterable[Measure]:
    conflicting = [
        Case(f"{each.pair.name} {path}", *_notified(each, path)) for each in scored for path in _in_conflict(each)
    ]
    yield Measure("files in which git conflicts: symbol or merge level", conflicting, least=1.0)
    yield Measure("pairs whose merge level is what git says", [_agreement(each) for each in scored], least=1.0)
    apart = [each for each in scored if _in_different_definitions(each.pair)]
    yield Measure("clean pairs in different definitions: symbol or merge level", _alerts(apart, SERIOUS), most=0.02)
    yield Measure("the same pairs: dependency level", _alerts(apart, frozenset({"dependency"})))
    breaking = [each for each in scored if each.pair.breaks]
    context = _alerts(breaking, SERIOUS | {"dependency"})
    yield Measure("pairs that merge cleanly and break: symbol, merge or dependency level", context, least=0.8)
    controls = [each for each in scored if each.pair.breaks is False]
    yield Measure("controls: dependency level", _alerts(controls, frozenset({"dependency"})), most=0.0)
    clean = [each for each in scored if each.pair.source == "natural" and not each.pair.git_conflict]
    yield Measure(
        "natural pairs that merge cleanly: dependency level", _alerts(clean, frozenset({"dependency"})), most=0.05
    )


def table(scored: list[Scored], measures: list[Measure]) -> str:
    times = [1000 * each.seconds for each in scored]
    slow = quantiles(times, n=20)[-1] if len(times) > 1 else times[0]
    rows = [
        "| measure | cases | target | ours | same file | touching hunks | reached |",
        "|---|---:|---:|---:|---:|---:|---|",
        *map(_row, measures),
        f"| time per pair: median, p95 | {len(times)} | | {median(times):.0f} ms, {slow:.0f} ms | | | |",
    ]
    return "\n".join(rows)


def _row(measure: Measure) -> str:
    target = f"≥ {measure.least:.0%}" if measure.least is not None else ""
    target = f"≤ {measure.most:.0%}" if measure.most is not None else target
    cells = [
        measure.title,
        str(len(measure.cases)),
        target,
        f"{measure.share(lambda case: case.ours):.1%} ({sum(case.ours for case in measure.cases)})",
        f"{measure.share(lambda case: case.by_file):.1%}",
        f"{measure.share(lambda case: case.by_hunks):.1%}",
        "" if not target else "no cases" if not measure.cases else "yes" if measure.reached else "**no**",
    ]
    return f"| {' | '.join(cells)} |"


def _exceptions(measure: Measure) -> list[str]:
    expected = measure.least is not None
    return [case.name for case in measure.cases if case.ours != expected]


def _in_conflict(each: Scored) -> list[str]:
    if not each.pair.git_conflict:
        return []
    listed = each.pair.conflict_files
    return sorted(listed) if listed is not None else [file.path for file in each.pair.files if file.shared]


def _notified(each: Scored, path: str) -> tuple[bool, bool, bool]:
    ours = bool(each.levels.get(path, frozenset()) & SERIOUS)
    return ours, any(file.shared and file.path == path for file in each.pair.files), each.pair.hunks_overlap


def _agreement(each: Scored) -> Case:
    merge = {path for path, levels in each.levels.items() if "merge" in levels}
    listed = each.pair.conflict_files
    ours = bool(merge) == each.pair.git_conflict and (listed is None or merge == listed)
    by_file = _shares_file(each.pair) == each.pair.git_conflict
    return Case(each.pair.name, ours, by_file, each.pair.hunks_overlap == each.pair.git_conflict)


def _alerts(scored: list[Scored], levels: frozenset[str]) -> list[Case]:
    return [
        Case(each.pair.name, each.said(levels), _shares_file(each.pair), each.pair.hunks_overlap) for each in scored
    ]


def _shares_file(pair: Pair) -> bool:
    return any(file.shared for file in pair.files)


def _in_different_definitions(pair: Pair) -> bool:
    """Return whether the pair shares a file, merges cleanly, and no definition holds changed lines of both sides."""
    if pair.git_conflict:
        return False
    shared = [file for file in pair.files if file.shared and file.base and file.mine and file.theirs]
    found = [
        (definitions_changed(file.path, file.base, file.mine), definitions_changed(file.path, file.base, file.theirs))
        for file in shared
    ]
    return bool(found) and all(mine and theirs and not mine & theirs for mine, theirs in found)


if __name__ == "__main__":
    sys.exit(main())
