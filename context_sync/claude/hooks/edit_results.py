"""Edit results: an edit made as the tool Edit makes it, with the result that it reports (seen in 2.1.328)."""

import difflib
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

SHOWN_AROUND = 3  # lines around a change that a patch shows
NO_NEWLINE = "\\ No newline at end of file"


class _Change(NamedTuple):
    """Lines of the old text, counted from 0, that are replaced by lines of the new one; the ends are behind them."""

    old: int
    old_end: int
    new: int
    new_end: int


def make(path: str, old: str, new: str) -> dict[str, Any]:
    """Replace the first `old` in the file by `new` and return the tool's result; raises ValueError without an `old`."""
    with open(path, encoding="utf-8", newline="") as stream:
        before = stream.read()
    if old not in before:
        raise ValueError(f"{old!r} is not in {path}")
    after = before.replace(old, new, 1)
    with open(path, "w", encoding="utf-8", newline="") as stream:
        stream.write(after)
    return {
        "filePath": path,
        "oldString": old,
        "newString": new,
        "originalFile": before,
        "structuredPatch": structured_patch(before, after),
        "userModified": False,
        "replaceAll": False,
    }


def structured_patch(before: str, after: str, around: int = SHOWN_AROUND) -> list[dict[str, Any]]:
    """Return the hunks between two texts, each with `around` lines of what is the same on both sides."""
    old, new = _lines(before), _lines(after)
    return [_hunk(group, old, new, around) for group in _groups(_changes(old, new), around)]


def _changes(old: list[str], new: list[str]) -> Iterator[_Change]:
    """Yield what differs between what both begin and what both end with.

    These are not compared: the time grows with the square of the lines that occur often, to 12 s of 1 MB.
    """
    start = _alike(old, new)
    end = _alike(old[start:][::-1], new[start:][::-1])
    middle = old[start : len(old) - end], new[start : len(new) - end]
    for tag, *places in difflib.SequenceMatcher(None, *middle, autojunk=False).get_opcodes():
        if tag != "equal":
            yield _Change(*(start + place for place in places))


def _alike(lines: list[str], others: list[str]) -> int:
    """Return how many lines both begin with."""
    pairs = enumerate(zip(lines, others, strict=False))
    return next((place for place, (one, other) in pairs if one != other), min(len(lines), len(others)))


def _groups(changes: Iterable[_Change], around: int) -> list[list[_Change]]:
    groups: list[list[_Change]] = []
    for change in changes:
        if groups and change.old - groups[-1][-1].old_end <= 2 * around:
            groups[-1].append(change)
        else:
            groups.append([change])
    return groups


def _hunk(group: list[_Change], old: list[str], new: list[str], around: int) -> dict[str, Any]:
    first, last = group[0], group[-1]
    before, behind = min(around, first.old), min(around, len(old) - last.old_end)
    lines: list[str] = []
    reached = first.old - before
    for change in group:
        lines += _with_sign(" ", old[reached : change.old])
        lines += _with_sign("-", old[change.old : change.old_end])
        lines += _with_sign("+", new[change.new : change.new_end])
        reached = change.old_end
    return {
        "oldStart": first.old - before + 1,
        "oldLines": last.old_end - first.old + before + behind,
        "newStart": first.new - before + 1,
        "newLines": last.new_end - first.new + before + behind,
        "lines": lines + _with_sign(" ", old[reached : reached + behind]),
    }


def _lines(text: str) -> list[str]:
    lines = text.split("\n")  # and at nothing else that splitlines takes for the end of a line
    return [line + "\n" for line in lines[:-1]] + lines[-1:] * bool(lines[-1])


def _with_sign(sign: str, lines: list[str]) -> list[str]:
    signed = [sign + line.removesuffix("\n") for line in lines]
    return signed if not lines or lines[-1].endswith("\n") else [*signed, NO_NEWLINE]
