"""The outline of a text: what a query matched as definitions with whole lines, qualified names and final kinds."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate

from context_sync.domain.records import Definition, Symbol
from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple
from context_sync.symbols.languages import CALLABLES, TYPES, Language
from context_sync.symbols.names import Captures, called, is_property, names, refined, unwrapped, written
from context_sync.symbols.parsing import Match

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

_LOCAL = "local"
_VARIABLES = ("variable", "constant", "field", "entry", "key", "declared")
_HOLDERS = TYPES | {"constant", "field"}


class _Found(NamedTuple):
    start: int
    end: int
    pattern: int
    kind: str
    named: tuple[Node, Captures, Node | None] | None  # what `written` makes its name of


class _Open(NamedTuple):
    start: int
    end: int
    row: int
    kind: str
    position: int


class _Lines:
    def __init__(self, text: bytes) -> None:
        self.text = text
        self.starts = [0, *accumulate(len(line) + 1 for line in text.split(b"\n"))]

    def row(self, offset: int) -> int:
        return bisect_right(self.starts, offset) - 1

    def last_row(self, start: int, end: int) -> int:
        while end > start and self.text[end - 1] in b" \t\r\n":
            end -= 1
        return self.row(max(start, end - 1))

    def indentation(self, row: int) -> int:
        line = self.text[self.starts[row] : self.starts[row + 1]]
        return len(line) - len(line.lstrip(b" \t"))


def outline(language: Language, text: bytes, found: list[Match]) -> tuple[Definition, ...]:
    """Return the definitions that the matches represent, in source order, each after the one that encloses it."""
    lines = _Lines(text)
    above = _leading(lines, found)
    definitions: list[Definition] = []
    around: list[_Open] = []
    for item in sorted(_chosen(language, text, found), key=_by_position):
        while around and not _holds(around[-1], item):
            around.pop()
        parent = around[-1].position if around else -1
        kind = _kind(item.kind, around[-1].kind if around else None)
        if kind == _LOCAL:
            around.append(_Open(item.start, item.end, lines.row(item.start), kind, parent))
        elif kind is not None and item.named and (name := written(language, text, *item.named)):
            row, last = lines.row(item.start), lines.last_row(item.start, item.end)
            first = row if around and around[-1].row == row else _first_row(lines, above, row)
            outer = "" if parent < 0 else definitions[parent].symbol.name + language.separator
            symbol = Symbol._make((outer + name, kind, first + 1, last + 1))
            _clip(lines, definitions, parent, symbol.start, row + 1)
            index = _add(definitions, Definition._make((symbol, parent)), language.joins)
            around.append(_Open._make((item.start, item.end, row, definitions[index].symbol.kind, index)))
    return tuple(definitions)


def _by_position(item: _Found) -> tuple[int, int, int]:
    return item.start, -item.end, item.pattern


def _holds(outer: _Open, item: _Found) -> bool:
    return item.end <= outer.end and (item.start, item.end) != (outer.start, outer.end)


def _kind(kind: str, parent: str | None) -> str | None:
    if kind in (_LOCAL, "skip"):
        return kind if kind == _LOCAL else None
    if parent in CALLABLES or parent == _LOCAL:
        return None if kind in _VARIABLES else kind
    match kind:
        case "function" | "declared":
            return "method" if parent in _HOLDERS else "function"
        case "variable":
            return "field" if parent in _HOLDERS else "constant"
        case "entry":
            return "field" if parent in _HOLDERS else None
        case "field":
            return "constant" if parent in (None, "module") else "field"
    return kind


def _add(definitions: list[Definition], new: Definition, joins: frozenset[str]) -> int:
    """Append the definition and return its index, or join it to the preceding one if it is another part of that."""
    before = _sibling(definitions, new.parent)
    if before >= 0:
        sibling = definitions[before].symbol
        if sibling.name == new.symbol.name and {sibling.kind, new.symbol.kind} <= joins:
            end = max(sibling.end, new.symbol.end)
            definitions[before] = Definition(sibling._replace(end=end), new.parent)
            return before
    definitions.append(new)
    return len(definitions) - 1


def _clip(lines: _Lines, definitions: list[Definition], parent: int, start: int, head: int) -> None:
    """End the preceding definition where this one's attributes and comments start, if it reaches into them."""
    before = _sibling(definitions, parent)
    if before >= 0 and start < head:
        sibling = definitions[before].symbol
        if sibling.start < start <= sibling.end < head:
            end = lines.last_row(lines.starts[sibling.start - 1], lines.starts[start - 1]) + 1
            definitions[before] = Definition(sibling._replace(end=end), parent)


def _sibling(definitions: list[Definition], parent: int) -> int:
    before = len(definitions) - 1
    while before >= 0 and definitions[before].parent > parent:
        before = definitions[before].parent
    return before if before >= 0 and definitions[before].parent == parent else -1


def _chosen(language: Language, text: bytes, found: list[Match]) -> Iterator[_Found]:
    """Yield the nameless scopes, and one definition per name: that of the query's first pattern to match it."""
    chosen: dict[int, _Found] = {}
    claimed: dict[tuple[int, int], int] = {}
    for pattern, captures in found:
        for capture, nodes in captures.items():
            role, _, kind = capture.partition(".")
            if role == _LOCAL:
                yield from (_Found(node.start_byte, node.end_byte, pattern, _LOCAL, None) for node in nodes)
            elif role == "definition" and ("decorator" not in captures or is_property(language, text, captures)):
                _choose(language, chosen, pattern, kind, nodes[0], captures)
            elif role == "keyword" and (call := called(language, nodes[0], kind)):
                _choose(language, chosen, pattern, kind, call[0], {"name": [call[1]]})
                claimed[call[0].byte_range] = pattern
    for item in chosen.values():
        if claimed.get((item.start, item.end), item.pattern) == item.pattern:
            yield item


def _choose(
    language: Language,
    chosen: dict[int, _Found],
    pattern: int,
    kind: str,
    node: Node,
    captures: Captures,
) -> None:
    for name in names(language, node, captures):
        offset = unwrapped(language, name).start_byte
        if offset not in chosen or pattern < chosen[offset].pattern:
            exact = refined(language, node, kind)
            start, end = _extent(language, node, name)
            outer = node.child_by_field_name("receiver") if language.receivers else None
            chosen[offset] = _Found._make((start, end, pattern, exact, (name, captures, outer)))


def _extent(language: Language, node: Node, name: Node) -> tuple[int, int]:
    """Return the byte range of a definition, including a body that follows it, excluding a type defined in place."""
    inner = node.child_by_field_name("type") if node.type in language.narrow else None
    if inner and inner.child_by_field_name("body") and inner.child_by_field_name("name"):
        return name.start_byte, name.end_byte
    end = node.end_byte
    if language.tail:
        following = node.next_sibling
        while following and following.type in language.tail:
            end, following = following.end_byte, following.next_sibling
    return node.start_byte, end


def _first_row(lines: _Lines, above: dict[int, tuple[int, int]], row: int) -> int:
    """Return the first row of the attributes and comments directly above a row, at its column, or the row itself."""
    column = lines.indentation(row)
    while row - 1 in above and above[row - 1][1] == column:
        row = above[row - 1][0]
    return row


def _leading(lines: _Lines, found: list[Match]) -> dict[int, tuple[int, int]]:
    """Return the first row and the column, by last row, of what is alone on its lines and belongs to what follows."""
    runs: list[tuple[int, int]] = []
    for start, end in sorted(_above(found)):
        if (runs and start < runs[-1][1]) or lines.text[start:end].startswith(b"#!/"):
            continue
        if runs and not lines.text[runs[-1][1] : start].strip(b" \t"):
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((start, end))
    return dict(entry for run in runs if (entry := _alone(lines, *run)))


def _above(found: list[Match]) -> Iterator[tuple[int, int]]:
    for _, captures in found:
        for node in captures.get("leading", ()):
            yield node.start_byte, node.end_byte
        for word in captures.get("above", ()):
            if (call := word.parent) and (whole := call.parent):
                yield whole.start_byte, whole.end_byte


def _alone(lines: _Lines, start: int, end: int) -> tuple[int, tuple[int, int]] | None:
    first, last = lines.row(start), lines.last_row(start, end)
    column = start - lines.starts[first]
    before = lines.text[lines.starts[first] : start]
    behind = lines.text[end : max(end, lines.starts[last + 1])]
    return None if before.strip() or behind.strip() else (last, (first, column))
