"""Reports of figures: a Markdown table, the same as JSON, and what changed since an earlier run."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from benchmarks import figures, timing
from benchmarks.timing import Run

SHELL, PYTHON = "`sh -c :`", "`python3 -I -S -c pass`"


class Target(NamedTuple):
    """What a case may take at most, as a multiple of another that ran in turns with it; `field` is wall or cpu."""

    case: str
    against: str
    most: float
    field: str = "wall"


class Row(NamedTuple):
    """What is shown of a case: milliseconds, and multiples of the two smallest processes.

    Between `*_low` and `*_high` the median of the multiples lies in 95 of 100 runs of the benchmark.
    """

    case: str
    runs: int
    wall: float
    wall_p95: float
    cpu: float
    cpu_p95: float
    by_shell: float
    by_python: float
    cpu_by_python: float
    by_shell_low: float
    by_shell_high: float
    cpu_low: float
    cpu_high: float


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


def markdown(context: Report) -> str:
    lines = [
        f"## {context.title}",
        "",
        "| case | wall ms (p95) | CPU ms (p95) | × sh | × python3 | CPU × python3 |",
        "|---|---|---|---|---|---|",
    ]
    for row in context.rows:
        lines.append(
            f"| {row.case} | {row.wall:.2f} ({row.wall_p95:.2f}) | {row.cpu:.2f} ({row.cpu_p95:.2f}) "
            f"| {row.by_shell:.2f} | {row.by_python:.2f} | {row.cpu_by_python:.2f} |"
        )
    if context.verdicts:
        lines += ["", "| target | at most | measured | |", "|---|---|---|---|"]
    for each in context.verdicts:
        against = f"{each.most:g} × {each.against}" + (" (CPU)" if each.field == "cpu" else "")
        lines.append(f"| {each.case} | {against} | {each.measured:.2f} | {'reached' if each.reached else 'MISSED'} |")
    return "\n".join([*lines, ""])


def as_json(context: Report) -> dict[str, Any]:
    return {
        "title": context.title,
        "rows": [row._asdict() for row in context.rows],
        "targets": [each._asdict() for each in context.verdicts],
    }


def comparison(context: Report, before: Mapping[str, Any]) -> str:
    """Return what changed since a report that was kept as JSON: by multiples, as times of other days say nothing.

    A case is worse when a multiple grew by over a tenth and the two lie outside of each other's noise.
    """
    earlier = {row["case"]: row for row in before["rows"]}
    lines = [f"## {context.title}: what changed", ""]
    lines += [
        "| case | × sh before | now | ratio | CPU × python3 before | now | ratio | |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in context.rows:
        old = earlier.pop(row.case, None)
        if old is None:
            lines.append(f"| {row.case} | | {row.by_shell:.2f} | | | {row.cpu_by_python:.2f} | | new |")
            continue
        wall = _change(row, old, "by_shell", "by_shell_low", "by_shell_high")
        cpu = _change(row, old, "cpu_by_python", "cpu_low", "cpu_high")
        lines.append(f"| {row.case} | {wall.cells} | {cpu.cells} | {_words(wall.word, cpu.word)} |")
    lines += [f"| {name} | | | | | | | gone |" for name in earlier]
    return "\n".join([*lines, ""])


class _Changed(NamedTuple):
    cells: str
    word: str


def _change(row: Row, old: Mapping[str, float], name: str, low: str, high: str) -> _Changed:
    now, then = getattr(row, name), old[name]
    ratio = now / max(then, 1e-6)
    apart = getattr(row, low) > old.get(high, then) or getattr(row, high) < old.get(low, then)
    return _Changed(f"{then:.2f} | {now:.2f} | {ratio:.2f}", figures.word(ratio - 1, 0.0) if apart else "")


def _words(wall: str, cpu: str) -> str:
    return ", ".join([word for word in (wall, cpu and f"{cpu} CPU") if word])


def _row(name: str, runs: Sequence[Run], found: Mapping[str, Sequence[Run]]) -> Row:
    return Row(
        name,
        *timing.figures(runs),
        timing.ratio(runs, found[SHELL]),
        timing.ratio(runs, found[PYTHON]),
        timing.ratio(runs, found[PYTHON], "cpu"),
        *_interval(runs, found[SHELL], "wall"),
        *_interval(runs, found[PYTHON], "cpu"),
    )


def _interval(runs: Sequence[Run], others: Sequence[Run], field: str) -> tuple[float, float]:
    """Return between what the median of the multiples lies, by the order of the values (binomial, 95 %)."""
    pairs = zip(runs, others, strict=True)
    values = sorted(getattr(one, field) / max(getattr(other, field), 1e-6) for one, other in pairs)
    half = 0.98 * len(values) ** 0.5
    low, high = int(len(values) / 2 - half), int(len(values) / 2 + half + 1)
    return values[max(low, 0)], values[min(high, len(values) - 1)]


def _verdict(target: Target, found: Mapping[str, Sequence[Run]]) -> Verdict:
    measured = timing.ratio(found[target.case], found[target.against], target.field)
    return Verdict(target.case, target.against, target.field, target.most, measured, measured <= target.most)
