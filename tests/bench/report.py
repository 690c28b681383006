"""Owns how figures are shown: a Markdown table, the same as JSON, and what changed since an earlier run."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from tests.bench import timing
from tests.bench.timing import Run

SHELL, PYTHON = "`sh -c :`", "`python3 -I -S -c pass`"
NOISE = 0.1  # a change of a ratio by less tells nothing


class Target(NamedTuple):
    """What a case may take at most, as a multiple of another that ran in turns with it; `field` is wall or cpu."""

    case: str
    against: str
    most: float
    field: str = "wall"


class Row(NamedTuple):
    """What is shown of a case: milliseconds, and multiples of the two smallest processes."""

    case: str
    runs: int
    wall: float
    wall_p95: float
    cpu: float
    cpu_p95: float
    by_shell: float
    by_python: float
    cpu_by_python: float


class Verdict(NamedTuple):
    """A target with what was measured."""

    case: str
    against: str
    field: str
    most: float
    measured: float
    reached: bool


class Report(NamedTuple):
    """A table of a benchmark, and what its targets came to."""

    title: str
    rows: list[Row]
    verdicts: list[Verdict]

    @property
    def reached(self) -> bool:
        return all(each.reached for each in self.verdicts)


def report(title: str, found: Mapping[str, Sequence[Run]], targets: Iterable[Target]) -> Report:
    """Return the report of cases that ran in turns; `SHELL` and `PYTHON` must be among them."""
    rows = [_row(name, runs, found) for name, runs in found.items()]
    return Report(title, rows, [_verdict(each, found) for each in targets if each.against in found])


def markdown(told: Report) -> str:
    lines = [
        f"## {told.title}",
        "",
        "| case | wall ms (p95) | CPU ms (p95) | × sh | × python3 | CPU × python3 |",
        "|---|---|---|---|---|---|",
    ]
    for row in told.rows:
        lines.append(
            f"| {row.case} | {row.wall:.2f} ({row.wall_p95:.2f}) | {row.cpu:.2f} ({row.cpu_p95:.2f}) "
            f"| {row.by_shell:.2f} | {row.by_python:.2f} | {row.cpu_by_python:.2f} |"
        )
    if told.verdicts:
        lines += ["", "| target | at most | measured | |", "|---|---|---|---|"]
    for each in told.verdicts:
        against = f"{each.most:g} × {each.against}" + (" (CPU)" if each.field == "cpu" else "")
        lines.append(f"| {each.case} | {against} | {each.measured:.2f} | {'reached' if each.reached else 'MISSED'} |")
    return "\n".join([*lines, ""])


def as_json(told: Report) -> dict[str, Any]:
    return {
        "title": told.title,
        "rows": [row._asdict() for row in told.rows],
        "targets": [each._asdict() for each in told.verdicts],
    }


def comparison(told: Report, before: Mapping[str, Any]) -> str:
    """Return what changed since a report that was kept as JSON: by multiples, as times of other days say nothing."""
    earlier = {row["case"]: row for row in before["rows"]}
    lines = [f"## {told.title}: what changed", "", "| case | × sh before | now | × CPU of python3 before | now | |"]
    lines.append("|---|---|---|---|---|---|")
    for row in told.rows:
        old = earlier.get(row.case)
        if old is None:
            lines.append(f"| {row.case} | | {row.by_shell:.2f} | | {row.cpu_by_python:.2f} | new |")
            continue
        change = row.cpu_by_python / max(old["cpu_by_python"], 1e-6) - 1
        word = "" if abs(change) < NOISE else f"{change:+.0%}"
        lines.append(
            f"| {row.case} | {old['by_shell']:.2f} | {row.by_shell:.2f} "
            f"| {old['cpu_by_python']:.2f} | {row.cpu_by_python:.2f} | {word} |"
        )
    lines += [f"| {name} | | | | | gone |" for name in earlier if name not in {row.case for row in told.rows}]
    return "\n".join([*lines, ""])


def _row(name: str, runs: Sequence[Run], found: Mapping[str, Sequence[Run]]) -> Row:
    return Row(
        name,
        *timing.figures(runs),
        timing.ratio(runs, found[SHELL]),
        timing.ratio(runs, found[PYTHON]),
        timing.ratio(runs, found[PYTHON], "cpu"),
    )


def _verdict(target: Target, found: Mapping[str, Sequence[Run]]) -> Verdict:
    measured = timing.ratio(found[target.case], found[target.against], target.field)
    return Verdict(target.case, target.against, target.field, target.most, measured, measured <= target.most)
