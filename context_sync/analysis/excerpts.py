"""Owns showing a change in a few lines."""

from __future__ import annotations

from context_sync.hotpath.namedtuples import TYPE_CHECKING
from context_sync.symbols.hunks import hunks_between

if TYPE_CHECKING:
    from collections.abc import Sequence

LINES = 20
"""Lines that an excerpt has at most, the one that says how many are left out included."""


def excerpt(before: Sequence[str], after: Sequence[str]) -> str:
    """Return the lines that differ, removed ones with `-` and added ones with `+`, at most `LINES`."""
    shown: list[str] = []
    for old, old_count, new, new_count in hunks_between(_joined(before), _joined(after)):
        shown.extend(f"-{line}" for line in before[old - 1 : old - 1 + old_count] if old_count)
        shown.extend(f"+{line}" for line in after[new - 1 : new - 1 + new_count] if new_count)
    if len(shown) > LINES:
        left = len(shown) - LINES + 1
        shown = [*shown[: LINES - 1], f"({left} more changed lines)"]
    return "\n".join(shown)


def _joined(lines: Sequence[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogatepass")
