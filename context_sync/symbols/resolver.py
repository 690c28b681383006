"""Owns the answer to "which definitions does this file have, and which of them does this change touch"."""

from __future__ import annotations

from functools import lru_cache
from itertools import accumulate
from os.path import basename

from context_sync.domain.records import Symbol
from context_sync.hotpath.namedtuples import TYPE_CHECKING
from context_sync.symbols.hunks import Hunk, settled
from context_sync.symbols.languages import language_of
from context_sync.symbols.outline import Definition, outline
from context_sync.symbols.parsing import TIME_LIMIT, UnreadError, matches

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TypeAlias

# The fields of a `Symbol`, then the place in the same outline of the definition around it, -1 at the top.
Outlined: TypeAlias = "tuple[str, str, int, int, int]"

MOST_RECALLED = 32  # texts
MOST_TOUCHED = 500  # definitions that one change is said to touch at most


def definitions(path: str, text: bytes, seconds: float = TIME_LIMIT) -> tuple[Symbol, ...]:
    """Return every definition of the text in source order, its name qualified by those around it.

    Overloads and definitions under different conditions share a name. Empty for an unknown language, a text over
    a limit of `symbols.parsing`, and one that takes longer than `seconds`. Never raises for any text.
    """
    return tuple(definition.symbol for definition in _outline(basename(path), text, seconds) or ())


def is_read(path: str, text: bytes) -> bool:
    """Say whether the definitions of the text are known: it is within the limits of `symbols.parsing`."""
    return _outline(basename(path), text, TIME_LIMIT) is not None


def touched(path: str, before: bytes | None, after: bytes | None, hunks: Iterable[Hunk]) -> tuple[Symbol, ...]:
    """Return the innermost definitions that a change touches, those of the new text first; names once each.

    Added lines are looked up in `after`, removed lines in `before`. `before` is None for a created file,
    `after` for a deleted one: then every definition is touched and the hunks do not matter. A hunk is
    `(old start, old lines, new start, new lines)` as in a unified diff without context. Empty: the change
    lies outside every definition, or one of the texts is not read for symbols: what it has would count as gone.
    Beyond `MOST_TOUCHED` only the outermost are named, and no more than that many.
    """
    if before is None or after is None:
        return bounded(definitions(path, after or before or b""))
    hunks = tuple(hunks)
    new = _touched_side(path, after, [(hunk[2], hunk[3], hunk[1]) for hunk in hunks])
    old = None if new is None else _touched_side(path, before, [(hunk[0], hunk[1], hunk[3]) for hunk in hunks])
    return () if new is None or old is None else bounded((*new, *old))


def outlined(path: str, text: bytes) -> list[Outlined]:
    """Return the definitions of a text as plain values, with which `recall` spares a later process the parsing."""
    return [(*symbol, parent) for symbol, parent in _outline(basename(path), text, TIME_LIMIT) or ()]


def recall(path: str, text: bytes, known: Sequence[Outlined]) -> None:
    """Take what `outlined` returned of this very text for its definitions, in this process; not what cannot be it."""
    last = text.count(b"\n") + 1
    if len(_recalled) == MOST_RECALLED:
        _recalled.clear()
    if all(0 < start <= end <= last and -1 <= around < place for place, (*_, start, end, around) in enumerate(known)):
        _recalled[basename(path), text] = tuple(Definition(Symbol(*each[:4]), each[4]) for each in known)


_recalled: dict[tuple[str, bytes], tuple[Definition, ...]] = {}


@lru_cache(maxsize=32)  # a hook and a judgement ask for the same text several times
def _outline(path: str, text: bytes, seconds: float) -> tuple[Definition, ...] | None:
    if (path, text) in _recalled:
        return _recalled[path, text]
    try:
        return _read(path, text, seconds)
    except UnreadError:
        return None


def _read(path: str, text: bytes, seconds: float) -> tuple[Definition, ...]:
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
            from context_sync.symbols.scripts import read_scripts as read
        case _:
            return outline(language, text, matches(language, text, seconds))
    return read(language, text, seconds)


def bounded(symbols: Iterable[Symbol]) -> tuple[Symbol, ...]:
    """Return the first of each name, beyond `MOST_TOUCHED` only the outermost, and no more than that many."""
    first: dict[str, Symbol] = {}
    for symbol in symbols:
        first.setdefault(symbol.name, symbol)
    named = tuple(first.values())
    return named if len(named) <= MOST_TOUCHED else _outermost(named)[:MOST_TOUCHED]


def _outermost(symbols: Sequence[Symbol]) -> tuple[Symbol, ...]:
    kept: list[Symbol] = []
    for symbol in symbols:
        if not kept or not 0 < kept[-1].start <= symbol.start <= symbol.end <= kept[-1].end:
            kept.append(symbol)
    return tuple(kept)


def _touched_side(path: str, text: bytes, ranges: Sequence[tuple[int, int, int]]) -> tuple[Symbol, ...] | None:
    """Return the innermost definitions at `(start, count, count on the other side)` ranges of lines, None if unread."""
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
        first = start if other else settled(lines, start, count, firsts, lasts)
        for line in range(max(first, 1), min(first + count, len(lines) + 1)):
            marks[line] = 1
    return _innermost(found, lines, marks)


def _innermost(found: Sequence[Definition], lines: Sequence[bytes], marks: bytearray) -> tuple[Symbol, ...]:
    """Return the definitions with a marked line that none of those inside them has.

    A blank line counts only in a definition with nothing inside: between two methods it is nobody's.
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
