"""The tokens of a definition's code, without comments and docstrings."""

from __future__ import annotations

from context_sync.domain.records import Symbol
from context_sync.hotpath.namedtuples import TYPE_CHECKING
from context_sync.references.syntax import grammar_of, tree, written
from context_sync.symbols.trees import Node

if TYPE_CHECKING:
    from collections.abc import Iterator

_WHOLE = ("string", "template_string", "interpreted_string_literal", "raw_string_literal", "string_literal")
_STATEMENTS = ("block", "module", "expression_statement")


def tokens(path: str, text: bytes, symbol: Symbol) -> Iterator[tuple[int, str]]:
    """Yield the 1-based line and the text of each token of a definition; whole lines when there is no syntax tree."""
    grammar = grammar_of(path)
    parsed = tree(grammar, text) if grammar else None
    if parsed is None:
        lines = text.split(b"\n")[symbol.start - 1 : symbol.end]
        yield from enumerate((line.decode("utf-8", "replace").strip() for line in lines), symbol.start)
        return
    waiting = [parsed.root_node]
    while waiting:
        node = waiting.pop()
        start, end = node.start_point.row + 1, node.end_point.row + 1
        if end < symbol.start or start > symbol.end or "comment" in node.type or _is_doc(node):
            continue
        if start >= symbol.start and end <= symbol.end and (not node.child_count or node.type in _WHOLE):
            yield start, written(text, node)
        else:
            waiting.extend(reversed(node.children))


def is_comment(path: str, text: bytes, line: int) -> bool:
    """Return whether a 1-based line contains only blanks and comments."""
    code = text.split(b"\n")[line - 1 : line]
    stripped = code[0].lstrip() if code else b""
    grammar = grammar_of(path)
    parsed = tree(grammar, text) if grammar and stripped.strip() else None
    if parsed is None:
        return not stripped.strip()
    column = len(code[0]) - len(stripped)
    node: Node | None = parsed.root_node.descendant_for_point_range((line - 1, column), (line - 1, column + 1))
    while node is not None and node.start_point.row <= line - 1:
        if "comment" in node.type:
            return True
        node = node.parent
    return False


def _is_doc(node: Node) -> bool:
    return node.type == "string" and node.parent is not None and node.parent.type in _STATEMENTS
