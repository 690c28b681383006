"""The figures in what a benchmark prints: read from its lines, and compared with those of an earlier run.

A figure that was measured once tells no noise of its own. Times are therefore taken as multiples of the start of the
smallest Python, timed before and after the benchmark, and the spread of these starts is the noise of the times.
"""

import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import median, quantiles
from typing import Any, NamedTuple

STARTS = 20
NOISE = 0.1  # a change by less tells nothing
TIMES = ("ms", "s")
LARGER_IS_WORSE = (*TIMES, "KB", "MB", "GB", "tokens")  # where no target tells

_FIGURE = re.compile(r"(?<![\w.,#/])(\d[\d,]*(?:\.\d+)?)\s?(ms|s|KB|MB|GB|%|tokens|/s)?(?![\w/])")
_BOUND = re.compile(r"\((?:at most|no more than|at least)[^)]*\)")
_NUMBER = re.compile(r"\d[\d,.]*")


class Figure(NamedTuple):
    """A number that was printed: under which words and column, in which unit, and what was asked of it."""

    label: str
    column: str
    value: float
    unit: str
    target: str

    @property
    def worse(self) -> int:
        """1 when a larger one is worse, -1 when a smaller one is, 0 when neither is known."""
        if self.unit == "/s" or re.search(r"or more|at least|over ", self.target):
            return -1
        return 1 if self.target or self.unit in LARGER_IS_WORSE else 0


class Yardstick(NamedTuple):
    """The start of the smallest Python: the median in seconds, and the spread as a part of it."""

    seconds: float
    spread: float


class Change(NamedTuple):
    """A figure now and before, the ratio of the two (0 where there is none), and what that means."""

    label: str
    before: str
    now: str
    ratio: float
    word: str


def yardstick() -> Yardstick:
    """Time the start of the smallest Python."""
    times = []
    for _ in range(STARTS):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-I", "-S", "-c", "pass"], check=True)
        times.append(time.perf_counter() - began)
    low, *_, high = quantiles(times, n=10)
    return Yardstick(median(times), (high - low) / median(times))


def printed(lines: Iterable[str]) -> list[Figure]:
    """Return the figures in the lines that a benchmark printed: rows of Markdown tables, and `words: figures`."""
    found: list[Figure] = []
    columns: Sequence[str] = ()
    for line in lines:
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|"):
            columns = ()
            found += _of_line(line.strip())
        elif not columns:
            columns = cells
        elif set(cells[0]) - set("-: "):
            found += _of_row(dict(zip(columns, cells, strict=False)), cells[0])
    return found


def as_json(found: Iterable[Figure], measure: Yardstick) -> dict[str, Any]:
    return {"yardstick": measure._asdict(), "figures": [each._asdict() for each in found]}


def changes(found: Sequence[Figure], measure: Yardstick, before: Mapping[str, Any]) -> Iterator[Change]:
    """Yield what became of each figure since it was kept as JSON; one is known by its words without their numbers."""
    kept = [Figure(**each) for each in before["figures"]]
    then = Yardstick(**before["yardstick"])
    earlier = dict(zip(_keys(kept), kept, strict=True))
    for key, figure in zip(_keys(found), found, strict=True):
        old = earlier.pop(key, None)
        if old is None:
            yield Change(_label(figure), "", _shown(figure), 0.0, "new")
        else:
            ratio, word = _verdict(figure, old, measure, then)
            yield Change(_label(figure), _shown(old), _shown(figure), ratio, word)
    yield from (Change(_label(old), _shown(old), "", 0.0, "gone") for old in earlier.values())


def comparison(title: str, context: Iterable[Change]) -> str:
    lines = [f"## {title}: what changed", "", "| what | before | now | ratio | |", "|---|---|---|---|---|"]
    for each in context:
        ratio = f"{each.ratio:.2f}" if each.ratio else ""
        lines.append(f"| {each.label} | {each.before} | {each.now} | {ratio} | {each.word} |")
    return "\n".join([*lines, ""])


def word(change: float, noise: float, worse: int = 1) -> str:
    """Return what a change by this part means: nothing within the noise, and never by less than `NOISE`."""
    if not worse or abs(change) <= max(noise, NOISE):
        return ""
    return f"{'**worse**' if change * worse > 0 else 'better'}: {change:+.0%}"


def _of_line(line: str) -> Iterator[Figure]:
    """Yield the figures of `words: figures; other words: other figures`."""
    subject = ""
    for part in line.split("; "):
        words, _, rest = part.partition(": ")
        subject = f"{subject}, {words}" if subject else words
        yield from _figures(subject, "", _BOUND.sub("", rest), "".join(_BOUND.findall(rest)))


def _of_row(row: Mapping[str, str], label: str) -> Iterator[Figure]:
    rest = list(row.items())[1:]
    target = dict(rest).get("target", "")
    for column, cell in rest:
        if column not in ("target", ""):
            yield from _figures(label, column, _BOUND.sub("", cell), target or "".join(_BOUND.findall(cell)))


def _figures(label: str, column: str, text: str, target: str) -> Iterator[Figure]:
    for found in _FIGURE.finditer(text):
        yield Figure(label, column, float(found[1].replace(",", "")), found[2] or "", target)


def _keys(found: Iterable[Figure]) -> Iterator[tuple[str, str, int]]:
    seen: Counter[tuple[str, str]] = Counter()
    for each in found:
        words = _NUMBER.sub("#", each.label), each.column
        seen[words] += 1
        yield (*words, seen[words])


def _verdict(now: Figure, old: Figure, measure: Yardstick, then: Yardstick) -> tuple[float, str]:
    values, noise = [now.value * _scale(now.unit), old.value * _scale(old.unit)], 0.0
    if now.unit in TIMES and old.unit in TIMES:
        values = [values[0] / measure.seconds, values[1] / then.seconds]
        noise = max(measure.spread, then.spread)
    if not values[1]:
        return 0.0, word(values[0] and float("inf"), noise, now.worse)
    ratio = values[0] / values[1]
    return ratio, word(ratio - 1, noise, now.worse)


def _scale(unit: str) -> float:
    return {"ms": 1e-3, "KB": 1e3, "MB": 1e6, "GB": 1e9}.get(unit, 1.0)


def _label(figure: Figure) -> str:
    return f"{figure.label} · {figure.column}" if figure.column not in ("", "measured") else figure.label


def _shown(figure: Figure) -> str:
    return f"{figure.value:g} {figure.unit}".strip()
