"""Owns running tree-sitter: parsing a text within limits and matching its language's query."""

from __future__ import annotations

from os.path import dirname, join
from time import monotonic

from context_sync.symbols.grammars import grammar
from context_sync.symbols.language import Language
from context_sync.symbols.macros import GRAMMARS, without_macros
from context_sync.symbols.nesting import too_deep
from context_sync.symbols.pieces import pieces
from context_sync.symbols.trees import Node, Parser, Point, Query, QueryCursor, Range, Tree
from context_sync.tuples import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

TIME_LIMIT = 1.0  # seconds one text may take to parse and query

LARGEST = 4 * 1024 * 1024  # bytes beyond which a text is not parsed

MOST_MATCHES = 50_000  # matches beyond which a text counts as generated and has no definitions

# Bytes of the average line beyond which a text counts as minified; notebooks, which hold images, are exempt.
LONGEST_LINE = 500

_CHUNK = 64 * 1024
_MARKS = (b"<<<<<<< ", b"||||||| ", b">>>>>>> ")
_QUERIES = join(dirname(__file__), "queries")

Match = tuple[int, dict[str, list[Node]]]

_queries: dict[tuple[str, ...], Query] = {}


def matches(language: Language, text: bytes, seconds: float = TIME_LIMIT, ranges: Sequence[Range] = ()) -> list[Match]:
    """Return what the language's query matches in the text, each with its pattern's index in the query.

    `ranges` are the parts to read when the rest of the text is in another language. Empty where `parsed` has
    nothing, and for a text over `LONGEST_LINE` or `MOST_MATCHES`.
    """
    end = monotonic() + seconds
    tree = None if _minified(language, text) else parsed(language.grammar, text, seconds, ranges)
    if tree is None:
        return []
    found = _run(language, tree.root_node, end)
    if tree.root_node.has_error and language.grammar not in GRAMMARS and not ranges:
        again = [match for piece in pieces(text, tree.root_node) for match in _piece(language, text, piece, end)]
        return max(found, again, key=_definitions)
    return found


def parsed(grammar_name: str, text: bytes, seconds: float = TIME_LIMIT, ranges: Sequence[Range] = ()) -> Tree | None:
    """Return the syntax tree of a text, with the marks of a merge and stray macros blanked out.

    None for a text over `LARGEST` or nested too deep, one that takes over `seconds` (checked between the
    parser's steps, so garbage may take some more), and where no such grammar is installed.
    """
    if len(text) > LARGEST or too_deep(grammar_name, text):
        return None
    end = monotonic() + seconds
    text = _without_conflict_marks(text)
    tree = _tree(grammar_name, text, end, ranges)
    if tree and grammar_name in GRAMMARS and tree.root_node.has_error:
        return _tree(grammar_name, without_macros(text), end, ranges) or tree
    return tree


def _piece(language: Language, text: bytes, piece: Range, end: float) -> list[Match]:
    tree = _tree(language.grammar, _without_conflict_marks(text), end, [piece])
    return [] if tree is None else _run(language, tree.root_node, end)


def _definitions(found: list[Match]) -> int:
    return sum(any(capture.startswith("definition") for capture in captures) for _, captures in found)


def _minified(language: Language, text: bytes) -> bool:
    return len(text) > LONGEST_LINE * (text.count(b"\n") + 1) and language.reader != "cells"


def _without_conflict_marks(text: bytes) -> bytes:
    """Blank out the lines that a merge leaves around its two sides, every offset kept."""
    if b"<<<<<<< " not in text or b">>>>>>> " not in text:
        return text
    return b"\n".join(
        b" " * len(line) if line.startswith(_MARKS) or line.rstrip() == b"=======" else line
        for line in text.split(b"\n")
    )


def _query(language: Language) -> Query:
    key = (language.grammar, *language.queries)
    if key not in _queries:
        _queries[key] = Query(grammar(language.grammar), "".join(map(_source, language.queries)))
    return _queries[key]


def _source(name: str) -> str:
    with open(join(_QUERIES, f"{name}.scm"), encoding="utf-8") as file:
        return file.read()


def _tree(grammar_name: str, text: bytes, end: float, ranges: Sequence[Range]) -> Tree | None:
    def read(offset: int, _point: Point) -> bytes:
        return text[offset : offset + _CHUNK]

    def late(_offset: int, _error: bool) -> bool:
        return monotonic() > end

    try:
        return Parser(grammar(grammar_name), included_ranges=ranges or None).parse(read, progress_callback=late)
    except (LookupError, ValueError):  # ValueError is tree-sitter's answer to a callback that says stop
        return None


def _run(language: Language, root: Node, end: float) -> list[Match]:
    # No progress callback here: tree-sitter 0.26.1 crashes the process on one. Flat queries stay linear.
    cursor = QueryCursor(_query(language), match_limit=MOST_MATCHES)
    if language.depth is not None:
        cursor.set_max_start_depth(language.depth)
    found = cursor.matches(root)
    return [] if monotonic() > end or len(found) > MOST_MATCHES else found
