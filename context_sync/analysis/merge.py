"""Simulated merge of one file: whether git's three-way merge conflicts, and where."""

from __future__ import annotations

from functools import lru_cache

from context_sync.analysis.changes import Edit, hunks_of
from context_sync.domain.verdicts import ConflictRange, Range
from context_sync.git import three_way
from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple
from context_sync.references.definition_lookup import around, definitions_of
from context_sync.symbols.hunks import hunks_between

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_Pieces = list[tuple[list[bytes], list[bytes]] | list[bytes]]


class Conflict(NamedTuple):
    """A file that does not merge; `places` is empty when it conflicts as a whole (binary, or removed on one side)."""

    places: tuple[ConflictRange, ...]


@lru_cache(maxsize=256)  # keyed by content: several sessions are compared over the same files
def merge(mine: Edit, theirs: Edit) -> Conflict | None:
    """Return where merging two edits of one file conflicts, or None when it merges cleanly.

    The result is that of `git merge-file`. A file changed on one side and removed on the other is a conflict, as in
    git, and so is a file that the two sides moved to different paths.
    """
    if mine.new_path != theirs.new_path and mine.path not in (mine.new_path, theirs.new_path):
        return Conflict(())
    if mine.after == theirs.after:
        return None
    if mine.after is None or theirs.after is None:
        return Conflict(())
    merged = three_way.merge_file(mine.before or b"", mine.after, theirs.after)
    if merged is None:
        return Conflict(()) if _meet(mine, theirs) else None
    return Conflict(tuple(_places(mine, theirs, merged))) if merged.conflicts else None


@lru_cache(maxsize=256)
def is_contained(mine: Edit, theirs: Edit) -> bool:
    """Return whether two edits merge cleanly and one includes the other, so that the merge gives one side's text."""
    if mine.after is None or theirs.after is None or mine.new_path != theirs.new_path:
        return False
    merged = three_way.merge_file(mine.before or b"", mine.after, theirs.after)
    return merged is not None and not merged.conflicts and merged.text in (mine.after, theirs.after)


def _meet(mine: Edit, theirs: Edit) -> bool:
    """Return whether changed lines of the base touch: the answer when git is not available."""
    ours, others = ([(start, start + count) for start, count, _, _ in hunks_of(edit)] for edit in (mine, theirs))
    return any(start <= their_end and their_start <= end for start, end in ours for their_start, their_end in others)


def _places(mine: Edit, theirs: Edit, merged: three_way.Merged) -> Iterator[ConflictRange]:
    pieces = _pieces(merged.text)
    ours = list(_located(pieces, 0, mine.after or b""))
    others = list(_located(pieces, 1, theirs.after or b""))
    for our, their in zip(ours, others, strict=True):
        names = dict.fromkeys((*_within(mine, our), *_within(theirs, their)))
        yield ConflictRange(our, their, tuple(names))


def _pieces(text: bytes) -> _Pieces:
    """Split a text with conflict markers into runs of merged lines and pairs of conflicting ones."""
    pieces: _Pieces = [[]]
    side = -1
    for line in text.split(b"\n"):
        if side < 0 and line.startswith(three_way.MARK_MINE):
            pieces.append(([], []))
            side = 0
        elif side == 0 and line.rstrip(b"\r") == three_way.MARK_BETWEEN:
            side = 1
        elif side == 1 and line.startswith(three_way.MARK_THEIRS):
            pieces.append([])
            side = -1
        else:
            piece = pieces[-1]
            (piece[side] if isinstance(piece, tuple) else piece).append(line)
    return pieces


def _located(pieces: _Pieces, side: int, text: bytes) -> Iterator[Range]:
    """Yield the lines of one side's text that each conflict represents."""
    resolved: list[bytes] = []
    spans: list[tuple[int, int]] = []
    for piece in pieces:
        lines = piece[side] if isinstance(piece, tuple) else piece
        if isinstance(piece, tuple):
            spans.append((len(resolved), len(resolved) + len(lines)))
        resolved.extend(lines)
    hunks = hunks_between(b"\n".join(resolved), text)
    for start, end in spans:
        first = _mapped(hunks, start + 1)
        yield Range(first, max(_mapped(hunks, end), first) if end > start else first - 1)


def _mapped(hunks: Sequence[tuple[int, int, int, int]], line: int) -> int:
    shift = 0
    for old, old_count, new, new_count in hunks:
        if old_count and old <= line < old + old_count:
            return new
        if line < old + max(old_count, 1):
            break
        shift = (new + (new_count or 1)) - (old + (old_count or 1))
    return line + shift


def _within(edit: Edit, lines: Range) -> Iterator[str]:
    """Yield the innermost definitions that contain the side's lines of a conflict."""
    symbols = definitions_of(edit.new_path, edit.after or b"")
    for line in range(lines.start, lines.end + 1):
        yield from (symbol.name for symbol in around(symbols, line)[:1])
