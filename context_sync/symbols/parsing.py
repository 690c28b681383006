"""Owns running tree-sitter: parsing a text within limits and matching its language's query."""

from __future__ import annotations

from os.path import dirname, join
from time import thread_time

from context_sync.hotpath import deadlines
from context_sync.hotpath.namedtuples import TYPE_CHECKING
from context_sync.symbols.grammars import grammar
from context_sync.symbols.language import Language
from context_sync.symbols.macros import GRAMMARS, without_macros
from context_sync.symbols.nesting import too_deep
from context_sync.symbols.pieces import pieces
from context_sync.symbols.trees import Node, Parser, Point, Query, QueryCursor, Range, Tree

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

TIME_LIMIT = 1.0  # seconds of the processor that one text may take to parse and query

# Share of the time of a hook that is left to what comes after parsing. A short text, which takes next to nothing, may
# begin later: where the machine is busy much of the time is gone before.
KEPT = 2 / 3
KEPT_OF_SHORT = 1 / 3
SHORT = 64 * 1024  # bytes

LARGEST = 4 * 1024 * 1024  # bytes beyond which a text is not parsed

MOST_MATCHES = 50_000  # matches beyond which a text counts as generated and has no definitions

# Bytes of the average line beyond which a text counts as minified; notebooks, which hold images, are exempt.
LONGEST_LINE = 500

_CHUNK = 64 * 1024  # bytes of a text that the parser is given at a time
_NAME = 64  # bytes at a time for the predicates of a query, each of which asks for a name
_WINDOW = 256 * 1024  # bytes that a query goes through at a time: up to 0.2 s
_MARKS = (b"<<<<<<< ", b"||||||| ", b">>>>>>> ")
_QUERIES = join(dirname(__file__), "queries")

Match = tuple[int, dict[str, list[Node]]]

_queries: dict[tuple[str, ...], Query] = {}


class UnreadError(Exception):
    """A text is over a limit, or took too long: which definitions it has is not known."""


def matches(language: Language, text: bytes, seconds: float = TIME_LIMIT, ranges: Sequence[Range] = ()) -> list[Match]:
    """Return what the language's query matches in the text, each with its pattern's index in the query.

    `ranges` are the parts to read when the rest of the text is in another language. Raises UnreadError where
    `parsed` has nothing, and for a text over `LONGEST_LINE` or `MOST_MATCHES`.
    """
    is_over = _limit(seconds, text)
    tree = None if _minified(language, text) else parsed(language.grammar, text, seconds, ranges)
    if tree is None:
        raise UnreadError
    found = _run(language, tree.root_node, is_over)
    if tree.root_node.has_error and language.grammar not in GRAMMARS and not ranges:
        again = _in_pieces(language, text, pieces(text, tree.root_node), is_over)
        return max(found, again, key=_definitions)
    return found


def parsed(grammar_name: str, text: bytes, seconds: float = TIME_LIMIT, ranges: Sequence[Range] = ()) -> Tree | None:
    """Return the syntax tree of a text, with the marks of a merge and stray macros blanked out.

    None for a text over `LARGEST` or nested too deep, one that takes over `seconds` of the processor (checked between
    the parser's steps, so garbage may take some more), and where no such grammar is installed. In a hook also when
    the time for it is over, see `KEPT` and `KEPT_OF_SHORT`.
    """
    is_over = _limit(seconds, text)
    if len(text) > LARGEST or is_over() or too_deep(grammar_name, text):
        return None
    text = _without_conflict_marks(text)
    tree = _tree(grammar_name, text, is_over, ranges)
    if tree and grammar_name in GRAMMARS and tree.root_node.has_error:
        return _tree(grammar_name, without_macros(text), is_over, ranges) or tree
    return tree


def _limit(seconds: float, text: bytes) -> Callable[[], bool]:
    """Return what says whether a text that may take so long has taken it, or the share of a hook's time is spent."""
    end, kept = thread_time() + seconds, KEPT if len(text) > SHORT else KEPT_OF_SHORT

    def is_over() -> bool:
        return thread_time() > end or deadlines.left() < kept

    return is_over


def _in_pieces(language: Language, text: bytes, parts: Sequence[Range], is_over: Callable[[], bool]) -> list[Match]:
    """Return what matches in each part by itself, nothing when that takes too long."""
    text = _without_conflict_marks(text) if parts else text
    found: list[Match] = []
    for part in parts:
        tree = _tree(language.grammar, text, is_over, [part])
        try:
            found += _run(language, tree.root_node, is_over) if tree else []
        except UnreadError:
            return []
    return found


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


def _tree(grammar_name: str, text: bytes, is_over: Callable[[], bool], ranges: Sequence[Range]) -> Tree | None:
    size = _CHUNK

    def read(offset: int, _point: Point) -> bytes:
        return text[offset : offset + size]

    def late(_offset: int, _error: bool) -> bool:
        return is_over()

    try:
        tree = Parser(grammar(grammar_name), included_ranges=ranges or None).parse(read, progress_callback=late)
    except (LookupError, ValueError):  # ValueError is tree-sitter's answer to a callback that says stop
        return None
    size = _NAME  # the tree asks on, for the text of single nodes: 10 us each with what the parser takes
    return tree


def _run(language: Language, root: Node, is_over: Callable[[], bool]) -> list[Match]:
    """Return what matches; raises UnreadError when that is too much or takes too long.

    A window at a time and not with a progress callback: tree-sitter 0.26.1 crashes the process on one. What reaches
    from one window into the next matches in both, and counts once.
    """
    cursor = QueryCursor(_query(language), match_limit=MOST_MATCHES)
    if language.depth is not None:
        cursor.set_max_start_depth(language.depth)
    if root.end_byte <= _WINDOW:
        found = cursor.matches(root)
    else:
        once: dict[object, Match] = {}
        for start in range(0, root.end_byte, _WINDOW):
            cursor.set_byte_range(start, start + _WINDOW)
            once |= {_identity(match): match for match in cursor.matches(root)}
            if is_over() or len(once) > MOST_MATCHES:
                raise UnreadError
        found = list(once.values())
    if is_over() or len(found) > MOST_MATCHES:
        raise UnreadError
    return found


def _identity(match: Match) -> object:
    pattern, captures = match
    return (pattern, *[node.id for nodes in captures.values() for node in nodes])
