"""Owns running tree-sitter: parsing a text within limits and matching its language's query."""

from os.path import dirname, join
from time import monotonic

from tree_sitter import Node, Parser, Point, Query, QueryCursor, Tree

from context_sync.symbols.grammars import grammar
from context_sync.symbols.languages import Language

TIME_LIMIT = 1.0
"""Seconds one text may take to parse and query."""

SIZE_LIMIT = 4 * 1024 * 1024
"""Bytes beyond which a text is not parsed."""

MATCH_LIMIT = 50_000
"""Matches beyond which a text counts as generated and has no definitions."""

_CHUNK = 64 * 1024
_MARKS = (b"<<<<<<< ", b"||||||| ", b">>>>>>> ")
_QUERIES = join(dirname(__file__), "queries")

Match = tuple[int, dict[str, list[Node]]]

_queries: dict[tuple[str, ...], Query] = {}


def matches(language: Language, text: bytes, seconds: float = TIME_LIMIT) -> list[Match]:
    """Return what the language's query matches in the text, each with its pattern's index in the query.

    Empty when the text is over `SIZE_LIMIT` or `MATCH_LIMIT`, takes over `seconds`, or no grammar for the
    language is installed.
    """
    if len(text) > SIZE_LIMIT:
        return []
    end = monotonic() + seconds
    try:
        query = _query(language)
        tree = _tree(language, _without_conflict_marks(text), end)
    except LookupError:
        return []
    return [] if tree is None else _run(query, tree.root_node, language.depth, end)


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


def _tree(language: Language, text: bytes, end: float) -> Tree | None:
    def read(offset: int, _point: Point) -> bytes:
        return text[offset : offset + _CHUNK]

    def late(_offset: int, _error: bool) -> bool:
        return monotonic() > end

    try:
        return Parser(grammar(language.grammar)).parse(read, progress_callback=late)
    except ValueError:  # tree-sitter's answer to a progress callback that says stop
        return None


def _run(query: Query, root: Node, depth: int | None, end: float) -> list[Match]:
    # No progress callback here: tree-sitter 0.26.1 crashes the process on one. Flat queries stay linear.
    cursor = QueryCursor(query, match_limit=MATCH_LIMIT)
    if depth is not None:
        cursor.set_max_start_depth(depth)
    found = cursor.matches(root)
    return [] if monotonic() > end or len(found) > MATCH_LIMIT else found
