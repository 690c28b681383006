"""Edits of JSON text that preserve every byte they need not change: layout, order, numbers."""

import json
import re
from typing import NamedTuple

BYTE_ORDER_MARK = "\ufeff"

_SPACE = re.compile(r"[ \t\r\n]*")


class Child(NamedTuple):
    """An element of an array or a member of an object in a text.

    `key` is "" in an array. `start` is the position of the child (of its key, if it has one), `value` that of its
    value, `end` its end.
    """

    key: str
    start: int
    value: int
    end: int


class Layout(NamedTuple):
    """The layout of a text: its line ending, one step of indentation, and whether it is all on one line."""

    newline: str
    step: str
    inline: bool


def parse(text: str) -> object:
    """Return the value of a text as Claude Code reads it, with integers of any length.

    Raises ValueError when the text is not JSON (RFC 8259), also for NaN, Infinity and extremely deep nesting.
    """
    try:
        return _DECODER.decode(text.removeprefix(BYTE_ORDER_MARK))
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def written(value: object, step: str | None = None) -> str:
    """Return a value as Claude Code writes it, `step` being what each level is indented by, None for a single line."""
    return json.dumps(value, ensure_ascii=False, indent=step)


def document(value: object) -> str:
    """Return the text of a file with a value."""
    return written(value, "  ") + "\n"


def root(text: str) -> int:
    """Return the position of the value in a text."""
    return _after_space(text, len(BYTE_ORDER_MARK) if text.startswith(BYTE_ORDER_MARK) else 0)


def children(text: str, container: int) -> list[Child]:
    """Return the children of the object or array at position `container`, in order."""
    found: list[Child] = []
    position = _after_space(text, container + 1)
    while text[position] not in "}]":
        start, key = position, ""
        if text[container] == "{":
            key, position = _DECODER.raw_decode(text, position)
            position = _after_space(text, _after_space(text, position) + 1)
        _, end = _DECODER.raw_decode(text, position)
        found.append(Child(key, start, position, end))
        position = _after_space(text, end)
        if text[position] == ",":
            position = _after_space(text, position + 1)
    return found


def child(text: str, container: int, key: str) -> Child | None:
    """Return the member `key` of an object, or None; the last one of several, which is the one that counts."""
    return next((each for each in reversed(children(text, container)) if each.key == key), None)


def layout_of(text: str) -> Layout:
    """Return the layout of a text, judged by the first child of its root."""
    start = root(text)
    newline = "\r\n" if "\r\n" in text else "\n"
    first = children(text, start)[:1]
    if not first:
        return Layout(newline, "  ", inline=False)
    step = _indentation(text, first[0].start)
    if step is None:
        return Layout(newline, "  ", inline=True)
    return Layout(newline, step or "  ", inline=False)


def append(text: str, container: int, value: object, key: str = "") -> str:
    """Return the text with a child appended to the object or array at position `container`."""
    layout = layout_of(text)
    present = children(text, container)
    if present:
        own_line = _indentation(text, present[-1].start)
        gap = " " if own_line is None else layout.newline + own_line
        item = _render(value, key, layout, own_line)
        end = present[-1].end
        return f"{text[:end]},{gap}{item}{text[end:]}"
    close = _after_space(text, container + 1)
    if layout.inline:
        return text[: container + 1] + _render(value, key, layout, None) + text[close:]
    outer = _line_indentation(text, container)
    inner = outer + layout.step
    item = _render(value, key, layout, inner)
    return f"{text[: container + 1]}{layout.newline}{inner}{item}{layout.newline}{outer}{text[close:]}"


def replace(text: str, old: Child, value: object) -> str:
    """Return the text with another value for a child, which keeps its key."""
    item = _render(value, "", layout_of(text), _indentation(text, old.start))
    return text[: old.value] + item + text[old.end :]


def remove(text: str, container: int, old: Child) -> str:
    """Return the text without a child of the object or array at position `container`; undoes `append`."""
    present = children(text, container)
    index = present.index(old)
    if len(present) == 1:
        return text[: container + 1] + text[_after_space(text, old.end) :]
    if index + 1 < len(present):
        return text[: old.start] + text[present[index + 1].start :]
    return text[: present[index - 1].end] + text[old.end :]


def _render(value: object, key: str, layout: Layout, indentation: str | None) -> str:
    # Without an indentation the child shares its line with others and stays on it.
    step = None if indentation is None else layout.step
    lines = written(value, step).split("\n")
    name = f"{written(key)}: " if key else ""
    return name + (layout.newline + (indentation or "")).join(lines)


def _indentation(text: str, position: int) -> str | None:
    """Return the whitespace before `position` on its line, or None when there is anything else."""
    before = text[text.rfind("\n", 0, position) + 1 : position]
    has_line = "\n" in text[:position] and not before.strip(" \t")
    return before if has_line else None


def _line_indentation(text: str, position: int) -> str:
    line = text[text.rfind("\n", 0, position) + 1 : position].removeprefix(BYTE_ORDER_MARK)
    return line[: len(line) - len(line.lstrip(" \t"))]


def _after_space(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) < 4000 else digits  # Python refuses to convert longer ones


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is not JSON")


_DECODER = json.JSONDecoder(parse_int=_integer, parse_constant=_refuse)
