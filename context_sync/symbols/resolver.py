"""The definitions of a file, those that a change touches, and short hashes that show later what changed."""

from __future__ import annotations

from itertools import accumulate
from os.path import basename

from context_sync.domain.records import Definition, Symbol
from context_sync.hotpath import hashing
from context_sync.hotpath.namedtuples import TYPE_CHECKING
from context_sync.symbols.hunks import Hunk, align

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from typing import TypeAlias

    from context_sync.symbols.languages import Language

# The fields of a `Symbol`, then the index in the same outline of the definition that encloses it, -1 at the top level.
Outlined: TypeAlias = "tuple[str, str, int, int, int]"

TIME_LIMIT = 1.0  # seconds of the processor that one text may take to parse and query
MAX_RECALLED = 32  # texts
MAX_TOUCHED = 500  # definitions that one change is reported to touch


def definitions(path: str, text: bytes, seconds: float = TIME_LIMIT) -> tuple[Symbol, ...]:
    """Return every definition of the text in source order, its name qualified by those that enclose it.

    Overloads and definitions under different conditions share a name. Empty for an unknown language, a text over
    a limit of `symbols.parsing`, and one that takes longer than `seconds`. Does not raise, whatever the text.
    """
    return tuple(definition.symbol for definition in _outline(basename(path), text, seconds) or ())


def is_read(path: str, text: bytes) -> bool:
    """Return whether the definitions of the text are known, that is, it is within the limits of `symbols.parsing`."""
    return _outline(basename(path), text, TIME_LIMIT) is not None


def touched(path: str, before: bytes | None, after: bytes | None, hunks: Iterable[Hunk]) -> tuple[Symbol, ...]:
    """Return the innermost definitions that a change touches, those of the new text first; each name once.

    Added lines are looked up in `after`, removed lines in `before`. `before` is None for a created file,
    `after` for a deleted one; then every definition is touched and the hunks do not matter. A hunk is
    `(old start, old lines, new start, new lines)` as in a unified diff without context. Empty when the change
    is outside every definition, or when one of the texts is not read for symbols, as all of its definitions would
    count as removed. Above `MAX_TOUCHED` only the outermost are returned, and at most that many.
    """
    if before is None or after is None:
        return bounded(definitions(path, after or before or b""))
    hunks = tuple(hunks)
    new = _touched_side(path, after, [(hunk[2], hunk[3], hunk[1]) for hunk in hunks])
    old = None if new is None else _touched_side(path, before, [(hunk[0], hunk[1], hunk[3]) for hunk in hunks])
    return () if new is None or old is None else bounded((*new, *old))


def touched_by_outline(
    path: str, before: bytes, after: bytes, hunks: Iterable[Hunk], names: Collection[str]
) -> tuple[Symbol, ...] | None:
    """Return those of the definitions called `names` that a change touches, as `touched` has them, without a parser.

    None where that takes one: the outline of `before` is not one that `recall` took, or the new lines
    may define something, or belong elsewhere than what they replace. They do neither where they replace lines of one
    definition with nothing in it, behind its head in the first line, and have none of the other `names` in them.
    """
    found = _recalled.get((basename(path), before))
    hunks = tuple(hunks)
    old = _touched_side(path, before, [(hunk[0], hunk[1], hunk[3]) for hunk in hunks]) if found else None
    if not found or old is None:
        return None
    lines, new_lines = before.split(b"\n"), after.split(b"\n")
    touched_names = {symbol.name for symbol in old}
    doubtful = set(names) - touched_names
    for start, count, new_start, new_count in hunks if doubtful else ():
        if new_count and not _stays_inside(found, lines, start, count, doubtful):
            return None
        new = b"\n".join(new_lines[new_start - 1 : new_start - 1 + new_count])
        if new_count and any(_may_name(new, name) for name in doubtful):
            return None
    return bounded(symbol for symbol in old if symbol.name in names)


def _stays_inside(
    found: Sequence[Definition], lines: Sequence[bytes], start: int, count: int, doubtful: set[str]
) -> bool:
    """Return whether what replaces these lines belongs to the innermost definition around them, or to a new one."""
    around = [place for place, (symbol, _) in enumerate(found) if symbol.start <= start <= symbol.end]
    if not count or not around:
        return False
    last = start + count - 1
    symbol = found[around[-1]].symbol
    head = lines[symbol.start - 1].lstrip()
    following = lines[symbol.end] if symbol.end < len(lines) else b""
    return (
        symbol.start < start
        and (head[:1].isalpha() and _may_name(head, symbol.name))  # and not a comment or an attribute above the head
        and last <= symbol.end
        and (last < symbol.end or not following.strip())  # it might become the comment above what follows
        and all(parent != around[-1] for _, parent in found)
        and doubtful.isdisjoint(found[place].symbol.name for place in around[:-1])
    )


def _may_name(text: bytes, name: str) -> bool:
    own = name.rpartition(".")[2]
    return not own.isidentifier() or own.encode() in text


def outlined(path: str, text: bytes) -> list[Outlined]:
    """Return the definitions of a text as plain values; `recall` takes them, so a later process need not parse it."""
    return [(*symbol, parent) for symbol, parent in _outline(basename(path), text, TIME_LIMIT) or ()]


def recall(path: str, text: bytes, known: Sequence[Outlined]) -> None:
    """Use what `outlined` returned for this text as its definitions in this process, unless the values are invalid."""
    last = text.count(b"\n") + 1
    if len(_recalled) == MAX_RECALLED:
        _recalled.clear()
    if all(0 < start <= end <= last and -1 <= around < index for index, (*_, start, end, around) in enumerate(known)):
        entries = (Definition._make((Symbol._make(each[:4]), each[4])) for each in known)
        _recalled[basename(path), text] = tuple(entries)


_recalled: dict[tuple[str, bytes], tuple[Definition, ...]] = {}
_parsed: dict[tuple[str, bytes, float], tuple[Definition, ...] | None] = {}


def _outline(path: str, text: bytes, seconds: float) -> tuple[Definition, ...] | None:
    """Return the definitions of a text, which a hook or a comparison asks for several times; None if unread."""
    if (path, text) in _recalled:
        return _recalled[path, text]
    key = path, text, seconds
    if key not in _parsed:
        if len(_parsed) == MAX_RECALLED:
            _parsed.clear()
        _parsed[key] = _read(path, text, seconds)
    return _parsed[key]


def _read(path: str, text: bytes, seconds: float) -> tuple[Definition, ...] | None:
    try:
        from context_sync.symbols.languages import language_of  # tree-sitter: 8 ms, which what is recalled spares
        from context_sync.symbols.outline import outline
        from context_sync.symbols.parsing import UnreadError, matches
    except ImportError:
        return None  # a broken installation, as doctor tells

    if path.endswith(".h") and (b"\n@interface" in text or b"\n@protocol" in text):
        path += ".m"
    language = language_of(path)
    if language is None:
        return ()
    match language.reader:
        case "headings":
            from context_sync.symbols.headings import read_headings as read
        case "cells":
            from context_sync.symbols.cells import read_cells as read
        case "scripts":
            read = _read_scripts
        case _:

            def read(language: Language, text: bytes, seconds: float) -> tuple[Definition, ...]:
                return outline(language, text, matches(language, text, seconds))

    try:
        return read(language, text, seconds)
    except UnreadError:
        return None


def _read_scripts(language: Language, text: bytes, seconds: float) -> tuple[Definition, ...]:
    """Return the definitions in all script blocks of a single-file component, at their lines in the whole file.

    They are read as TypeScript when one of the blocks has `lang="ts"`.
    """
    from context_sync.symbols.languages import language_of
    from context_sync.symbols.outline import outline
    from context_sync.symbols.parsing import matches
    from context_sync.symbols.trees import Range

    blocks = [captures for _, captures in matches(language, text, seconds)]
    typed = any(b"ts" in text[captures["tag"][0].start_byte : captures["tag"][0].end_byte] for captures in blocks)
    script = language_of("block.ts" if typed else "block.js")
    ranges = [
        Range(node.start_point, node.end_point, node.start_byte, node.end_byte)
        for node in sorted((captures["script"][0] for captures in blocks), key=lambda node: node.start_byte)
    ]
    return outline(script, text, matches(script, text, seconds, ranges)) if script and ranges else ()


def fingerprints(path: str, text: bytes) -> dict[str, str]:
    """Return a hash for each qualified name, computed over the lines of the definition outside nested definitions."""
    symbols = definitions(path, text)
    lines = text.split(b"\n") if symbols else []
    owners: list[str] = [""] * (len(lines) + 1)
    for symbol in symbols:  # in source order, so nested definitions overwrite
        owners[symbol.start : symbol.end + 1] = [symbol.name] * (min(symbol.end, len(lines)) - symbol.start + 1)
    texts: dict[str, list[bytes]] = {name: [] for name in sorted(set(owners)) if name}
    for owner, line in zip(owners[1:], lines, strict=True):
        if owner and line.strip():
            texts[owner].append(line.rstrip() + b"\n")
    return {name: hashing.sha256(b"".join(own)).hexdigest()[:16] for name, own in texts.items()}


def changed(path: str, before: dict[str, str], text: bytes) -> tuple[Symbol, ...]:
    """Return the definitions of `text` whose fingerprints differ from those `before`, then the removed ones.

    A removed definition has line 0. Empty when `text` is not read for symbols; bounded like the result of
    `touched`.
    """
    if not is_read(path, text):
        return ()
    after = fingerprints(path, text)
    spans = {symbol.name: symbol for symbol in reversed(definitions(path, text))}
    found = [symbol for name, symbol in spans.items() if after.get(name) != before.get(name)]
    gone = [Symbol(name, "removed", 0, 0) for name in before if name not in after]
    return bounded((*sorted(found, key=lambda symbol: symbol.start), *gone))


def bounded(symbols: Iterable[Symbol]) -> tuple[Symbol, ...]:
    """Return the first symbol of each name; above `MAX_TOUCHED` only the outermost, and at most that many."""
    first: dict[str, Symbol] = {}
    for symbol in symbols:
        first.setdefault(symbol.name, symbol)
    named = tuple(first.values())
    return named if len(named) <= MAX_TOUCHED else _outermost(named)[:MAX_TOUCHED]


def _outermost(symbols: Sequence[Symbol]) -> tuple[Symbol, ...]:
    kept: list[Symbol] = []
    for symbol in symbols:
        if not kept or not 0 < kept[-1].start <= symbol.start <= symbol.end <= kept[-1].end:
            kept.append(symbol)
    return tuple(kept)


def _touched_side(path: str, text: bytes, ranges: Sequence[tuple[int, int, int]]) -> tuple[Symbol, ...] | None:
    """Return the innermost definitions in `(start, count, count on the other side)` line ranges, None if unread."""
    if not any(count for _, count, _ in ranges):
        return ()
    found = _outline(basename(path), text, TIME_LIMIT)
    if not found:
        return None if found is None else ()
    lines = text.split(b"\n")
    firsts = {definition.symbol.start for definition in found}
    lasts = {definition.symbol.end for definition in found}
    marks = bytearray(len(lines) + 2)
    for start, count, other in ranges:
        first = start if other else align(lines, start, count, firsts, lasts)
        for line in range(max(first, 1), min(first + count, len(lines) + 1)):
            marks[line] = 1
    return _innermost(found, lines, marks)


def _innermost(found: Sequence[Definition], lines: Sequence[bytes], marks: bytearray) -> tuple[Symbol, ...]:
    """Return the definitions with a marked line that is in none of their nested definitions.

    A blank line counts only in a definition without nested ones: between two methods it belongs to neither.
    """
    every = list(accumulate(marks))
    full = list(accumulate(mark if row and lines[row - 1].strip() else 0 for row, mark in enumerate(marks[:-1])))
    inside = [0] * len(found)
    reached = [0] * len(found)
    leaf = [True] * len(found)
    for symbol, parent in found:
        if parent >= 0:
            leaf[parent] = False
            start = max(symbol.start, reached[parent] + 1)
            if symbol.end >= start:
                inside[parent] += full[symbol.end] - full[start - 1]
                reached[parent] = symbol.end
    return tuple(
        symbol
        for index, (symbol, _) in enumerate(found)
        if (
            every[symbol.end] > every[symbol.start - 1]
            if leaf[index]
            else full[symbol.end] - full[symbol.start - 1] > inside[index]
        )
    )
