"""A table of single measurements, each with its target."""

from collections.abc import Iterable
from typing import NamedTuple


class Row(NamedTuple):
    """One thing that was measured, and whether it is as it must be; without a `target` it only informs."""

    what: str
    measured: str
    target: str = ""
    reached: bool = True


def show(rows: Iterable[Row]) -> int:
    """Print the rows as they come, as Markdown; 1 when a target is missed, else 0."""
    print("| what | measured | target | |\n|---|---|---|---|")
    missed = 0
    for row in rows:
        verdict = "" if not row.target else "reached" if row.reached else "**missed**"
        print(f"| {row.what} | {row.measured} | {row.target} | {verdict} |", flush=True)
        missed |= not row.reached
    return missed
