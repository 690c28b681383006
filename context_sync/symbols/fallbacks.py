"""Fallbacks for a text that its grammar cannot parse as a whole: without its macros, or in pieces.

`class API_EXPORT Widget {` or a line `Q_OBJECT` make the grammars of C and its relatives lose the definitions around
them. In any language, one unclosed bracket or unknown construct can hide every definition after it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache

from context_sync.hotpath.namedtuples import TYPE_CHECKING
from context_sync.symbols.trees import Node, Range

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_PIECES = 2_000  # pieces above which a text is left whole

_MACRO = r"[A-Z_][A-Z0-9_]{2,}\b(?:\([^()\n]*\))?"
_MACRO_POSITIONS = (
    rf"^[ \t]*{_MACRO}[ \t]*$",
    rf"\b(?:class|struct|union|enum)\s+({_MACRO})(?=\s+[A-Za-z_])",
    rf"\bnamespace\s+\w+\s+({_MACRO})(?=\s*\{{)",
    rf"\b({_MACRO})(?=\s+\w+\s+\w+\()",
    rf"\)\s*(?:const\s*)?({_MACRO})(?=\s*[;{{:])",
)


def without_macros(text: bytes) -> bytes:
    """Return the text with macros blanked out, keeping every offset.

    Macros are names in capitals that stand alone on a line, or next to a name, type or body.
    """
    for pattern in _macro_patterns():
        text = pattern.sub(_blanked, text)
    return text


def pieces(text: bytes, root: Node) -> list[Range]:
    """Return the top-level pieces of a text, to be parsed separately.

    Empty when none of the errors in the text's tree crosses a border between two of them.
    """
    borders = _borders(text)
    if not 1 < len(borders) < MAX_PIECES or not _crosses(root, [row for row, _ in borders[1:]]):
        return []
    ends = [*borders[1:], (text.count(b"\n"), len(text))]
    return [
        Range((row, 0), (end_row, len(text) - text.rfind(b"\n") - 1 if end == len(text) else 0), start, end)
        for (row, start), (end_row, end) in zip(borders, ends, strict=True)
    ]


@cache
def _macro_patterns() -> tuple[re.Pattern[bytes], ...]:
    return tuple(re.compile(position.encode(), re.MULTILINE) for position in _MACRO_POSITIONS)


def _blanked(match: re.Match[bytes]) -> bytes:
    start, end = match.span(match.re.groups)
    start, end = start - match.start(), end - match.start()
    whole = match.group()
    return whole[:start] + b" " * (end - start) + whole[end:]


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


def _crosses(root: Node, rows: Sequence[int]) -> bool:
    nodes = [root] if root.is_error else [child for child in root.children if child.has_error]
    return any(bisect_right(rows, node.start_point[0]) < bisect_right(rows, node.end_point[0]) for node in nodes)
