"""The sections of a Markdown text: each runs from its heading to the next one of the same level or above."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate

from context_sync.domain.records import Definition, Symbol
from context_sync.hotpath.namedtuples import TYPE_CHECKING
from context_sync.symbols.languages import Language
from context_sync.symbols.names import spelt
from context_sync.symbols.parsing import matches

if TYPE_CHECKING:
    from tree_sitter import Node


def read_headings(language: Language, text: bytes, seconds: float) -> tuple[Definition, ...]:
    """Return the sections of the text, named by their headings from the outermost to their own."""
    nodes = [captures["heading"][0] for _, captures in matches(language, text, seconds)]
    lines = text.split(b"\n")
    starts = [0, *accumulate(len(line) + 1 for line in lines)]
    sections: list[Definition] = []
    open_: list[tuple[int, int]] = []
    for node in sorted(nodes, key=lambda node: node.start_byte):
        level, row = _level(node), bisect_right(starts, node.start_byte) - 1
        _close(sections, open_, level, row, lines)
        parent = open_[-1][1] if open_ else -1
        name = spelt(language, text, node.child_by_field_name("heading_content") or node).strip("# ")
        outer = "" if parent < 0 else sections[parent].symbol.name + language.separator
        sections.append(Definition(Symbol(outer + (name or "(untitled)"), "section", row + 1, row + 1), parent))
        open_.append((level, len(sections) - 1))
    _close(sections, open_, 0, len(lines), lines)
    return tuple(sections)


def _level(node: Node) -> int:
    """Return the level that the marker's type ends with: `atx_h2_marker`, `setext_h1_underline`."""
    kinds = [child.type for child in node.children if child.type.startswith(("atx_h", "setext_h"))]
    return int(kinds[0].partition("_h")[2][0]) if kinds else 1


def _close(sections: list[Definition], open_: list[tuple[int, int]], level: int, row: int, lines: list[bytes]) -> None:
    """End the open sections of this level or below before the row, excluding trailing blank lines."""
    while open_ and open_[-1][0] >= level:
        _, index = open_.pop()
        section = sections[index]
        end = row
        while end > section.symbol.start and not lines[end - 1].strip():
            end -= 1
        sections[index] = section._replace(symbol=section.symbol._replace(end=end))
