"""Owns cutting a text that does not parse as a whole into top-level pieces, so that each can be parsed alone.

One unclosed bracket, or one construct that a grammar does not know, may otherwise hide every definition behind it.
"""

from __future__ import annotations

from bisect import bisect_right

from context_sync.hotpath.namedtuples import TYPE_CHECKING
from context_sync.symbols.trees import Node, Range

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_PIECES = 2_000  # pieces beyond which a text is left as it is


def pieces(text: bytes, root: Node) -> list[Range]:
    """Return the pieces of the text, or none where the error in its tree reaches over no border between them."""
    borders = _borders(text)
    if not 1 < len(borders) < MOST_PIECES or not _reaches_over(root, [row for row, _ in borders[1:]]):
        return []
    ends = [*borders[1:], (text.count(b"\n"), len(text))]
    return [
        Range((row, 0), (end_row, len(text) - text.rfind(b"\n") - 1 if end == len(text) else 0), start, end)
        for (row, start), (end_row, end) in zip(borders, ends, strict=True)
    ]


def _borders(text: bytes) -> list[tuple[int, int]]:
    """Return row and offset of each line that starts a piece: a word, `@` or comment at column 0 after a blank line."""
    borders = [(0, 0)]
    offset, blank = 0, False
    for row, line in enumerate(text.split(b"\n")):
        if blank and line[:1] and (line[:1].isalnum() or line[0] in b"_@#/-<\xc3"):
            borders.append((row, offset))
        blank = not line.strip()
        offset += len(line) + 1
    return borders


def _reaches_over(root: Node, rows: Sequence[int]) -> bool:
    nodes = [root] if root.is_error else [child for child in root.children if child.has_error]
    return any(bisect_right(rows, node.start_point[0]) < bisect_right(rows, node.end_point[0]) for node in nodes)
