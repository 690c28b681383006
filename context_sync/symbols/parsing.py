"""Parsing: runs tree-sitter on a text within limits, and matches its language's query.

A text that is nested too deeply is not parsed. The scanners of some grammars keep their stack in 1,024 bytes: about 250
open blocks in YAML or Markdown, or 500 in Python or Kotlin, crash the process. In others, thousands of open brackets
take seconds that no time limit interrupts.
"""

from __future__ import annotations

from itertools import accumulate
from os.path import dirname, join
from time import thread_time

from context_sync.hotpath import deadlines
from context_sync.hotpath.namedtuples import TYPE_CHECKING
from context_sync.symbols.grammars import grammar
from context_sync.symbols.languages import Language
from context_sync.symbols.trees import Node, Parser, Point, Query, QueryCursor, Range, Tree

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# Share of a hook's time that is reserved for what comes after parsing. A short text, which takes next to no time, may
# start later: on a busy machine, much of the time has passed by then.
RESERVED = 2 / 3
RESERVED_FOR_SHORT = 1 / 3
SHORT = 64 * 1024  # bytes

MAX_SIZE = 4 * 1024 * 1024  # bytes above which a text is not parsed

MAX_MATCHES = 50_000  # matches above which a text counts as generated and has no definitions

# Average bytes per line above which a text counts as minified; notebooks, which contain images, are exempt.
MAX_LINE = 500

# Bytes of a text whose tree is kept for the next one, which is mostly the same and is parsed in a fifth of the time.
MIN_REUSED, MAX_REUSED = 4 * 1024, 256 * 1024

_CHUNK = 64 * 1024  # bytes of a text that the parser is given at a time
_NAME = 64  # bytes at a time for the predicates of a query, each of which asks for a name
_WINDOW = 256 * 1024  # bytes that a query covers at a time, in up to 0.2 s
_MARKS = (b"<<<<<<< ", b"||||||| ", b">>>>>>> ")
_QUERIES = join(dirname(__file__), "queries")

GRAMMARS_WITH_MACROS = frozenset({"c", "cpp", "objc"})

# Brackets, block marks or columns of indentation that may be open at once. Code written by hand has fewer than 50.
MAX_DEPTH = 200

_NOT_BRACKETS = bytes(byte for byte in range(256) if byte not in b"()[]{}")
_PAIRS = (b"()", b"[]", b"{}")
_DEPTH_CHANGE = {**dict.fromkeys(b"([{", 1), **dict.fromkeys(b")]}", -1)}
_BLOCK_MARKS = b" \t>-*+?:.)0123456789"
_BLOCK_LANGUAGES = ("yaml", "markdown")

Match = tuple[int, dict[str, list[Node]]]

_queries: dict[tuple[str, ...], Query] = {}
_last: dict[str, tuple[bytes, Tree]] = {}  # what was parsed last, by grammar; of at most one


class UnreadError(Exception):
    """A text exceeds a limit or took too long, so its definitions are unknown."""


def matches(language: Language, text: bytes, seconds: float, ranges: Sequence[Range] = ()) -> list[Match]:
    """Return what the language's query matches in the text, each match with its pattern's index in the query.

    `ranges` are the parts to read when the rest of the text is in another language. Raises UnreadError when
    `parsed` returns None, and for a text over `MAX_LINE` or `MAX_MATCHES`.
    """
    is_over = _limit(seconds, text)
    tree = None if _minified(language, text) else parsed(language.grammar, text, seconds, ranges)
    if tree is None:
        raise UnreadError
    found = _run(language, tree.root_node, is_over)
    if tree.root_node.has_error and language.grammar not in GRAMMARS_WITH_MACROS and not ranges:
        from context_sync.symbols.fallbacks import pieces

        again = _in_pieces(language, text, pieces(text, tree.root_node), is_over)
        return max(found, again, key=_definitions)
    return found


def parsed(grammar_name: str, text: bytes, seconds: float, ranges: Sequence[Range] = ()) -> Tree | None:
    """Return the syntax tree of a text, with conflict markers and stray macros blanked out.

    None for a text that is over `MAX_SIZE` or nested too deeply, for one that takes over `seconds` of processor time
    (checked between the parser's steps, so garbage can take somewhat longer), and when the grammar is not installed.
    In a hook, also when the time for parsing is up, see `RESERVED` and `RESERVED_FOR_SHORT`.
    """
    is_over = _limit(seconds, text)
    if len(text) > MAX_SIZE or is_over() or _is_too_deep(grammar_name, text):
        return None
    text = _without_conflict_marks(text)
    tree = _tree(grammar_name, text, is_over, ranges)
    if tree and grammar_name in GRAMMARS_WITH_MACROS and tree.root_node.has_error:
        from context_sync.symbols.fallbacks import without_macros

        return _tree(grammar_name, without_macros(text), is_over, ranges) or tree
    return tree


def _limit(seconds: float, text: bytes) -> Callable[[], bool]:
    """Return a function that returns whether `seconds`, or the share of a hook's time for parsing, have passed."""
    end, reserved = thread_time() + seconds, RESERVED if len(text) > SHORT else RESERVED_FOR_SHORT

    def is_over() -> bool:
        return thread_time() > end or deadlines.left() < reserved

    return is_over


def _in_pieces(language: Language, text: bytes, parts: Sequence[Range], is_over: Callable[[], bool]) -> list[Match]:
    """Return what matches in each part on its own, nothing when that takes too long."""
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
    return len(text) > MAX_LINE * (text.count(b"\n") + 1) and language.reader != "cells"


def _without_conflict_marks(text: bytes) -> bytes:
    """Blank out the conflict markers of a merge, keeping every offset."""
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

    def stop(_offset: int, _error: bool) -> bool:
        return is_over()

    try:
        parser = Parser(grammar(grammar_name), included_ranges=ranges or None)
        known = None if ranges else _edited(grammar_name, text)
        tree: Tree | None = parser.parse(read, known, progress_callback=stop) if known else None
        if tree is None or tree.root_node.has_error:  # how a parser goes on after an error depends on where it began
            tree = parser.parse(read, progress_callback=stop)
    except (LookupError, ValueError):  # tree-sitter raises ValueError when a callback stops it
        return None
    if not ranges:
        _last.clear()
        if tree and MIN_REUSED <= len(text) <= MAX_REUSED and not tree.root_node.has_error:
            _last[grammar_name] = text, tree
    size = _NAME  # the tree goes on to ask for the text of single nodes: 10 us each at the parser's chunk size
    return tree


def _edited(grammar_name: str, text: bytes) -> Tree | None:
    """Return the last tree as edited to the text, for the parser to take what is the same; None for another text."""
    if grammar_name not in _last:
        return None
    before, tree = _last[grammar_name]
    start = _same(before, text, min(len(before), len(text)), lambda part, size: part[:size])
    end = _same(before, text, min(len(before), len(text)) - start, lambda part, size: part[len(part) - size :])
    if (start + end) * 2 < len(text):
        return None
    old_end, new_end = len(before) - end, len(text) - end
    edited = tree.copy()
    edited.edit(start, old_end, new_end, _point(before, start), _point(before, old_end), _point(text, new_end))
    return edited


def _same(one: bytes, other: bytes, most: int, part: Callable[[bytes, int], bytes]) -> int:
    """Return how many bytes are the same in the beginning, or the end, of two texts."""
    least = 0
    while least < most:
        middle = (least + most + 1) // 2
        if part(one, middle) == part(other, middle):
            least = middle
        else:
            most = middle - 1
    return least


def _point(text: bytes, offset: int) -> tuple[int, int]:
    return text.count(b"\n", 0, offset), offset - text.rfind(b"\n", 0, offset) - 1


def _run(language: Language, root: Node, is_over: Callable[[], bool]) -> list[Match]:
    """Return the matches; raises UnreadError when there are too many or finding them takes too long.

    Works one window at a time instead of with a progress callback, which makes tree-sitter 0.26.1 crash the process.
    What extends from one window into the next matches in both, and counts once.
    """
    cursor = QueryCursor(_query(language), match_limit=MAX_MATCHES)
    if language.depth is not None:
        cursor.set_max_start_depth(language.depth)
    if root.end_byte <= _WINDOW:
        found = cursor.matches(root)
    else:
        once: dict[object, Match] = {}
        for start in range(0, root.end_byte, _WINDOW):
            cursor.set_byte_range(start, start + _WINDOW)
            once |= {_identity(match): match for match in cursor.matches(root)}
            if is_over() or len(once) > MAX_MATCHES:
                raise UnreadError
        found = list(once.values())
    if is_over() or len(found) > MAX_MATCHES:
        raise UnreadError
    return found


def _identity(match: Match) -> object:
    pattern, captures = match
    return (pattern, *[node.id for nodes in captures.values() for node in nodes])


def _is_too_deep(grammar: str, text: bytes) -> bool:
    """Return whether the text is nested deeper than `MAX_DEPTH`, by indentation, brackets or block marks."""
    if any(
        b"\n" + blank * MAX_DEPTH in b"\n" + text[:MAX_DEPTH] or b"\n" + blank * MAX_DEPTH in text
        for blank in (b" ", b"\t")
    ):
        return True
    if grammar in _BLOCK_LANGUAGES and any(_marks(line) > MAX_DEPTH for line in text.split(b"\n")):
        return True
    return _brackets(text) > MAX_DEPTH


def _brackets(text: bytes) -> int:
    """Return the largest number of brackets open at once, or some number above `MAX_DEPTH` when it exceeds that.

    Each pass removes the innermost pairs, so nested pairs cost little more than one pass per level.
    """
    left = text.translate(None, _NOT_BRACKETS)
    for depth in range(MAX_DEPTH + 1):
        before = len(left)
        for pair in _PAIRS:
            left = left.replace(pair, b"")
        if len(left) == before:
            return depth + max(accumulate(_DEPTH_CHANGE[bracket] for bracket in left), default=0)
    return MAX_DEPTH + 1


def _marks(line: bytes) -> int:
    """Return how many blocks the start of a line can open or continue: one for each mark and each indentation."""
    head = line[: len(line) - len(line.lstrip(_BLOCK_MARKS))]
    if len(head) <= MAX_DEPTH // 2:
        return 0
    indented = len(head) - len(head.lstrip(b" \t"))
    return indented + sum(map(head.count, (b"- ", b"* ", b"+ ", b">", b". ", b") ", b"? ", b": ")))
