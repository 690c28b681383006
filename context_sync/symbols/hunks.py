"""Hunks: the line ranges in which two texts differ, how to align one that can slide over equal lines, and as text."""

from __future__ import annotations

from itertools import pairwise

from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

# Old start, old lines, new start, new lines; 1-based, as in a unified diff without context lines.
Hunk = tuple[int, int, int, int]

_EXACT_CELLS = 250_000
_DEPTH = 16
_MAX_SLIDE = 200
_MAX_BLANK = 100  # lines at either end of a block that are searched for the first non-blank one


class Block(NamedTuple):
    """Lines with - and + that belong together; `start` is where they are in the file, 0 when it has moved on since."""

    start: int
    lines: tuple[str, ...]


def hunks_between(before: bytes, after: bytes) -> tuple[Hunk, ...]:
    """Return the ranges of lines in which two texts differ, in order.

    Lines that occur once on both sides are the anchors (patience diff), so the time is linear: 100,000 lines
    take about 0.1 s.
    """
    if before == after:
        return ()
    old, new = _lines(before), _lines(after)
    return tuple(_unified(*block) for block in _differing(old, new, 0, len(old), 0, len(new), 0))


def blocks(before: bytes, after: bytes) -> Iterator[Block]:
    """Yield the blocks of lines in which two texts differ."""
    old, new = (text.decode("utf-8", "replace").split("\n") for text in (before, after))
    for start, count, new_start, new_count in hunks_between(before, after):
        removed = [f"-{line}" for line in old[start - 1 : start - 1 + count] if count]
        added = [f"+{line}" for line in new[new_start - 1 : new_start - 1 + new_count] if new_count]
        yield Block(new_start, (*removed, *added))


def is_near(block: Block, spans: Collection[tuple[int, int]]) -> bool:
    """Return whether a block lies in one of the spans of lines, or was removed from there."""
    added = sum(line.startswith("+") for line in block.lines)
    last = block.start + max(added - 1, 0)
    return any(block.start <= end and start <= last for start, end in spans)


def align(lines: Sequence[bytes], start: int, count: int, firsts: Collection[int], lasts: Collection[int]) -> int:
    """Return the best start of `count` inserted or removed lines, given the first and last lines of definitions.

    Such a block can slide over equal lines (a closing brace and a blank line) without changing the text. Of its
    possible positions, the one that begins and ends with definitions is what was meant.
    """
    best, best_score = start, _score(lines, start, count, firsts, lasts)
    for position in _slides(lines, start, count):
        score = _score(lines, position, count, firsts, lasts)
        if score > best_score:
            best, best_score = position, score
    return best


def _lines(text: bytes) -> list[bytes]:
    lines = text.split(b"\n")
    return lines if lines[-1] else lines[:-1]


def _unified(old: int, old_end: int, new: int, new_end: int) -> Hunk:
    return (
        old + 1 if old_end > old else old,
        old_end - old,
        new + 1 if new_end > new else new,
        new_end - new,
    )


_Block = tuple[int, int, int, int]


def _differing(
    old: Sequence[bytes], new: Sequence[bytes], i: int, i_end: int, j: int, j_end: int, depth: int
) -> Iterator[_Block]:
    while i < i_end and j < j_end and old[i] == new[j]:
        i, j = i + 1, j + 1
    while i < i_end and j < j_end and old[i_end - 1] == new[j_end - 1]:
        i_end, j_end = i_end - 1, j_end - 1
    if i == i_end or j == j_end:
        if i < i_end or j < j_end:
            yield i, i_end, j, j_end
        return
    anchors = _anchors(old, new, i, i_end, j, j_end) if depth < _DEPTH else []
    if not anchors:
        yield from _exact(old, new, i, i_end, j, j_end)
        return
    edges = [(i - 1, j - 1), *anchors, (i_end, j_end)]
    for (a, b), (a_next, b_next) in pairwise(edges):
        yield from _differing(old, new, a + 1, a_next, b + 1, b_next, depth + 1)


def _anchors(
    old: Sequence[bytes], new: Sequence[bytes], i: int, i_end: int, j: int, j_end: int
) -> list[tuple[int, int]]:
    """Return the longest increasing run of lines that occur exactly once on each side."""
    places = _once(new, j, j_end)
    pairs = [(a, places[line]) for line, a in _once(old, i, i_end).items() if line in places]
    return _rising(sorted(pairs))


def _once(lines: Sequence[bytes], start: int, end: int) -> dict[bytes, int]:
    places: dict[bytes, int] = {}
    for at in range(start, end):
        places[lines[at]] = -1 if lines[at] in places else at
    return {line: at for line, at in places.items() if at >= 0}


def _rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    if not pairs:
        return []
    from bisect import bisect_left

    tops: list[int] = []
    piles: list[int] = []
    before = [-1] * len(pairs)
    for at, (_, b) in enumerate(pairs):
        pile = bisect_left(tops, b)
        before[at] = piles[pile - 1] if pile else -1
        if pile == len(tops):
            tops.append(b)
            piles.append(at)
        else:
            tops[pile], piles[pile] = b, at
    run: list[tuple[int, int]] = []
    at = piles[-1] if piles else -1
    while at >= 0:
        run.append(pairs[at])
        at = before[at]
    return run[::-1]


def _exact(old: Sequence[bytes], new: Sequence[bytes], i: int, i_end: int, j: int, j_end: int) -> Iterator[_Block]:
    if (i_end - i) * (j_end - j) > _EXACT_CELLS:
        yield i, i_end, j, j_end
        return
    if set(old[i:i_end]).isdisjoint(new[j:j_end]):
        yield i, i_end, j, j_end
        return
    from difflib import SequenceMatcher  # 2 ms: only for a block in which no line is unique

    for tag, a, a_end, b, b_end in SequenceMatcher(None, old[i:i_end], new[j:j_end], False).get_opcodes():
        if tag != "equal":
            yield i + a, i + a_end, j + b, j + b_end


def _slides(lines: Sequence[bytes], start: int, count: int) -> Iterator[int]:
    """Yield the other 1-based starts that `count` lines can slide to, nearest first in either direction."""
    for position in range(start - 1, max(0, start - _MAX_SLIDE), -1):
        if lines[position - 1] != lines[position + count - 1]:
            break
        yield position
    for position in range(start + 1, min(start + _MAX_SLIDE, len(lines) - count + 2)):
        if lines[position - 2] != lines[position + count - 2]:
            break
        yield position


def _score(lines: Sequence[bytes], start: int, count: int, firsts: Collection[int], lasts: Collection[int]) -> int:
    rows = range(start, min(start + count, len(lines) + 1))
    first = next((row for row in rows[:_MAX_BLANK] if lines[row - 1].strip()), None)
    last = next((row for row in reversed(rows[-_MAX_BLANK:]) if lines[row - 1].strip()), None)
    return (first in firsts) + (last in lasts)
