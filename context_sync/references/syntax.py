"""Syntax trees for finding references, and the queries over them: `queries/<family>/<what>.scm`."""

from __future__ import annotations

from functools import lru_cache
from os.path import dirname, isfile, join

from context_sync.hotpath.namedtuples import TYPE_CHECKING
from context_sync.symbols.grammars import grammar
from context_sync.symbols.languages import language_of
from context_sync.symbols.parsing import parsed
from context_sync.symbols.resolver import TIME_LIMIT
from context_sync.symbols.trees import Node, Point, Query, QueryCursor, Tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FAMILIES: Mapping[str, tuple[str, ...]] = {
    "python": ("python",),
    "javascript": ("ecmascript", "javascript"),
    "typescript": ("ecmascript", "typescript"),
    "tsx": ("ecmascript", "typescript"),
    "go": ("go",),
    "rust": ("rust",),
}
"""Grammar to the folders of its queries; a language without a row is compared by name alone."""

_MAX_SPANS = 64  # each costs a walk from the root
_WIDE = 500  # average bytes per line at which a long text counts as generated
_LONG = 256 * 1024
_TOGETHER = (
    frozenset({"javascript", "typescript", "tsx"}),
    frozenset({"c", "cpp", "objc", "swift"}),
    frozenset({"java", "kotlin", "scala"}),
)
_QUERIES = join(dirname(__file__), "queries")

Captures = dict[str, list[Node]]
Span = tuple[int, int]


def family_of(path: str) -> str:
    """Return the grammar for reading a file's uses, "" when there are no queries for it."""
    language = language_of(path)
    return language.grammar if language and language.grammar in FAMILIES else ""


def related(path: str, other: str) -> bool:
    """Return whether code in one file can use definitions in the other, because their languages are one family."""
    grammars = {grammar_of(path), grammar_of(other)}
    return len(grammars) == 1 or any(grammars <= family for family in _TOGETHER)


def grammar_of(path: str) -> str:
    """Return the name of the grammar for a file, "" for a file that is not read for definitions."""
    language = language_of(path)
    return language.grammar if language else ""


def tree(grammar_name: str, text: bytes) -> Tree | None:
    """Return the syntax tree of a text.

    None for a text over the limits of `symbols.parsing`, for a generated one (few and very long lines), and when
    there is no grammar.
    """
    return (_tree_of_long if len(text) > _LONG else _tree)(grammar_name, text)


@lru_cache(maxsize=64)
def _tree(grammar_name: str, text: bytes) -> Tree | None:
    try:
        return parsed(grammar_name, text, TIME_LIMIT)
    except LookupError:
        return None


@lru_cache(maxsize=6)  # each takes up to 100 MB
def _tree_of_long(grammar_name: str, text: bytes) -> Tree | None:
    return None if len(text) > _WIDE * text.count(b"\n") else _tree.__wrapped__(grammar_name, text)


def captured(family: str, what: str, text: bytes, lines: Iterable[Span] | None = None) -> list[Captures]:
    """Return what the family's query `what` captures, in the given 1-based inclusive lines or everywhere.

    A match that only overlaps the lines is included, and one in two ranges is returned twice. With very many
    ranges, what is between them is returned too.
    """
    root, query = tree(family, text), _query(family, what)
    if root is None or query is None:
        return []
    if lines is None:
        return [captures for _, captures in QueryCursor(query).matches(root.root_node)]
    spans = tuple(lines)
    if len(spans) > _MAX_SPANS:
        spans = ((min(start for start, _ in spans), max(end for _, end in spans)),)
    found: list[Captures] = []
    for start, end in spans:
        cursor = QueryCursor(query)
        cursor.set_point_range(Point(start - 1, 0), Point(end, 0))
        found.extend(captures for _, captures in cursor.matches(root.root_node))
    return found


def written(text: bytes, node: Node) -> str:
    """Return the node's source text (its own `text` takes 20 us where the tree was parsed in chunks)."""
    return text[node.start_byte : node.end_byte].decode("utf-8", "replace")


@lru_cache(maxsize=32)
def _query(family: str, what: str) -> Query | None:
    source = "".join(_source(join(_QUERIES, folder, f"{what}.scm")) for folder in FAMILIES[family])
    return Query(grammar(family), source) if source else None


def _source(path: str) -> str:
    if not isfile(path):
        return ""
    with open(path, encoding="utf-8") as stream:
        return stream.read()
