"""The lines of a change, removed ones with - and added ones with +, in the blocks in which they belong together."""

from __future__ import annotations

from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple
from context_sync.symbols.hunks import hunks_between

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator


class Block(NamedTuple):
    """Lines with - and + that belong together; `start` is where they are in the file, 0 when it has moved on since."""

    start: int
    lines: tuple[str, ...]


def blocks(before: bytes, after: bytes) -> Iterator[Block]:
    """Yield the blocks of lines in which two texts differ."""
    old, new = (text.decode("utf-8", "replace").split("\n") for text in (before, after))
    for start, count, new_start, new_count in hunks_between(before, after):
        removed = [f"-{line}" for line in old[start - 1 : start - 1 + count] if count]
        added = [f"+{line}" for line in new[new_start - 1 : new_start - 1 + new_count] if new_count]
        yield Block(new_start, (*removed, *added))


def is_near(block: Block, spans: Collection[tuple[int, int]]) -> bool:
    """Return whether a block lies in one of the spans of lines, or was removed from there."""
    added = sum(line.startswith("+") for line in block.lines)
    last = block.start + max(added - 1, 0)
    return any(block.start <= end and start <= last for start, end in spans)
