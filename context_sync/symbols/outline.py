"""Owns turning what a query matched into definitions: whole lines, qualified names, final kinds."""

from bisect import bisect_right
from itertools import accumulate
from typing import NamedTuple

from tree_sitter import Node

from context_sync.records import Symbol
from context_sync.symbols.languages import CALLABLES, TYPES, Language
from context_sync.symbols.parsing import Match

NAME_LIMIT = 120
"""Characters of a definition's own name that are kept."""

NAMES_LIMIT = 64
"""Names that one pattern may define."""

_LOCAL = "local"
_DEFINITION = "definition."
_VARIABLES = ("variable", "constant", "field", "entry")
_HOLDERS = TYPES | {"constant", "field"}


class Definition(NamedTuple):
    """A symbol and the index of the definition around it in the same outline, -1 at the top."""

    symbol: Symbol
    parent: int


class _Found(NamedTuple):
    start: int
    end: int
    pattern: int
    kind: str
    name: str


class _Open(NamedTuple):
    start: int
    end: int
    kind: str
    place: int


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
    """Return the definitions that the matches stand for, in source order, each after the one around it."""
    lines = _Lines(text)
    above = _leading(lines, found)
    definitions: list[Definition] = []
    around: list[_Open] = []
    for item in sorted(_chosen(language, text, found), key=_by_position):
        while around and not _holds(around[-1], item):
            around.pop()
        parent = around[-1].place if around else -1
        kind = _kind(item.kind, around[-1].kind if around else None)
        if kind == _LOCAL:
            around.append(_Open(item.start, item.end, kind, parent))
        elif kind is not None:
            first, last = _span(lines, above, item)
            outer = "" if parent < 0 else definitions[parent].symbol.name + language.separator
            index = _add(definitions, Definition(Symbol(outer + item.name, kind, first + 1, last + 1), parent))
            around.append(_Open(item.start, item.end, kind, index))
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
        case "function":
            return "method" if parent in _HOLDERS else "function"
        case "variable":
            return "field" if parent in _HOLDERS else "constant"
        case "entry":
            return "field" if parent in _HOLDERS else None
    return kind


def _add(definitions: list[Definition], new: Definition) -> int:
    """Append the definition, or join it to the property just before it that it is the other half of."""
    before = len(definitions) - 1
    while before >= 0 and definitions[before].parent > new.parent:
        before = definitions[before].parent
    if before >= 0 and definitions[before].parent == new.parent:
        sibling = definitions[before].symbol
        if sibling.kind == new.symbol.kind == "property" and sibling.name == new.symbol.name:
            definitions[before] = Definition(sibling._replace(end=new.symbol.end), new.parent)
            return before
    definitions.append(new)
    return len(definitions) - 1


def _chosen(language: Language, text: bytes, found: list[Match]) -> list[_Found]:
    """Return one definition per name: where several patterns match, the first in the query wins."""
    chosen: dict[int, _Found] = {}
    scopes: list[_Found] = []
    for pattern, captures in found:
        for capture, nodes in captures.items():
            if capture == _LOCAL:
                scopes.extend(_Found(node.start_byte, node.end_byte, pattern, _LOCAL, "") for node in nodes)
            elif capture.startswith(_DEFINITION):
                node, kind = nodes[0], capture[len(_DEFINITION) :]
                for name in _names(language, node, captures.get("name")):
                    place = name.start_byte
                    if place not in chosen or pattern < chosen[place].pattern:
                        written = _written(language, text, name, captures)
                        chosen[place] = _Found(
                            node.start_byte, node.end_byte, pattern, _refined(language, node, kind), written
                        )
    return [item for item in chosen.values() if item.name] + scopes


def _names(language: Language, node: Node, captured: list[Node] | None) -> list[Node]:
    """Return the nodes that name the definition: the captured one, else its field `name`, patterns spread."""
    heads = captured or _named(node)
    names: list[Node] = []
    waiting = heads[::-1]
    while waiting and len(names) < NAMES_LIMIT:
        inner = _unwrapped(language, waiting.pop()) if language.spread else waiting.pop()
        if inner.type in language.spread:
            waiting.extend(reversed(inner.named_children))
        elif inner.type in language.leaves or inner in heads:
            names.append(inner)
    return names


def _named(node: Node) -> list[Node]:
    first = node.child_by_field_name("name")
    if first is None:
        return []
    if first.next_sibling and first.next_sibling.type == ",":
        return [name for name in node.children_by_field_name("name") if name.is_named]
    return [first]


def _refined(language: Language, node: Node, kind: str) -> str:
    for field, kinds in language.kinds:
        child = node.child_by_field_name(field) if field else None
        for type_ in (child.type,) if child else () if field else (child.type for child in node.children[:3]):
            if type_ in kinds:
                return kinds[type_]
    return kind


def _written(language: Language, text: bytes, node: Node, captures: dict[str, list[Node]]) -> str:
    if "trait" in captures:
        return f"<{_spelt(language, text, node)} as {_spelt(language, text, captures['trait'][0])}>"
    name = _spelt(language, text, _unwrapped(language, node))
    if "scope" in captures:
        return _spelt(language, text, _unwrapped(language, captures["scope"][0])) + language.separator + name
    return name


def _unwrapped(language: Language, node: Node) -> Node:
    while node.type in language.unwrap:
        field = language.unwrap[node.type]
        inner = node.child_by_field_name(field) if field else node.named_child(0)
        if inner is None:
            break
        node = inner
    return node


def _spelt(language: Language, text: bytes, node: Node) -> str:
    source = text[node.start_byte : min(node.end_byte, node.start_byte + 4 * NAME_LIMIT)]
    name = source.decode("utf-8", "replace").strip("\"'`")
    for written, said in language.spelling:
        name = name.replace(written, said)
    return " ".join(name.split())[:NAME_LIMIT]


def _span(lines: _Lines, above: dict[int, tuple[int, int]], item: _Found) -> tuple[int, int]:
    """Return the first and last row, the attributes and comments right above at the same column included."""
    first = lines.row(item.start)
    last = lines.last_row(item.start, item.end)
    column = lines.indentation(first)
    while first - 1 in above and above[first - 1][1] == column:
        first = above[first - 1][0]
    return first, last


def _leading(lines: _Lines, found: list[Match]) -> dict[int, tuple[int, int]]:
    """Map the last row of what stands alone on its lines and belongs to what follows: first row, column."""
    nodes = (node for _, captures in found for node in captures.get("leading", ()))
    runs: list[tuple[int, int]] = []
    for start, end in sorted((node.start_byte, node.end_byte) for node in nodes):
        if runs and start < runs[-1][1]:
            continue
        if runs and not lines.text[runs[-1][1] : start].strip(b" \t"):
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((start, end))
    return dict(entry for run in runs if (entry := _alone(lines, *run)))


def _alone(lines: _Lines, start: int, end: int) -> tuple[int, tuple[int, int]] | None:
    first, last = lines.row(start), lines.last_row(start, end)
    column = start - lines.starts[first]
    before = lines.text[lines.starts[first] : start]
    behind = lines.text[end : max(end, lines.starts[last + 1])]
    return None if before.strip() or behind.strip() else (last, (first, column))
