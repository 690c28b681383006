"""Owns making an edit as the client's tool Edit does, with the result that it tells of it (seen in 2.1.328)."""

import difflib
from typing import Any

SHOWN_AROUND = 3  # lines around a change that a patch shows
NO_NEWLINE = "\\ No newline at end of file"


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
    groups = difflib.SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(around)
    return [
        {
            "oldStart": group[0][1] + 1,
            "oldLines": group[-1][2] - group[0][1],
            "newStart": group[0][3] + 1,
            "newLines": group[-1][4] - group[0][3],
            "lines": [line for opcode in group for line in _signed(opcode, old, new)],
        }
        for group in groups
    ]


def _lines(text: str) -> list[str]:
    lines = text.split("\n")  # and at nothing else that splitlines takes for the end of a line
    return [line + "\n" for line in lines[:-1]] + lines[-1:] * bool(lines[-1])


def _signed(opcode: tuple[str, int, int, int, int], old: list[str], new: list[str]) -> list[str]:
    tag, start, end, new_start, new_end = opcode
    if tag == "equal":
        return _with_sign(" ", old[start:end])
    return _with_sign("-", old[start:end]) + _with_sign("+", new[new_start:new_end])


def _with_sign(sign: str, lines: list[str]) -> list[str]:
    signed = [sign + line.removesuffix("\n") for line in lines]
    return signed if not lines or lines[-1].endswith("\n") else [*signed, NO_NEWLINE]
