"""Calls and names found by reading text, for languages without queries and where parsing can be avoided."""

from __future__ import annotations

import re

from context_sync.hotpath.namedtuples import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_OPENING, _CLOSING, _QUOTES = "([{", ")]}", "\"'`"
_LIMIT = 4_000
_NAME = re.compile(r"[A-Za-z_]\w*")


def names_in(line: str) -> Iterator[tuple[int, str]]:
    """Yield the column and text of each identifier in a line, including those in strings and comments."""
    yield from ((found.start(), found.group()) for found in _NAME.finditer(line))


def may_name(text: bytes, names: Iterable[str]) -> bool:
    """Return whether one of the names may be used or defined in a text: False is certain, and needs no parsing.

    A name that is not a plain identifier can be written differently, and an ECMAScript import can mean `default`
    without writing it.
    """
    return any(
        name == "default" or not (name.isascii() and name.isidentifier()) or name.encode() in text for name in names
    )


def arguments_of(source: str, opening: int) -> list[str] | None:
    """Return what is between the bracket at `opening` and the matching one, split at the commas of that level.

    None when the brackets are not closed within a few thousand characters.
    """
    depth, quote, start = 0, "", opening + 1
    found: list[str] = []
    for at in range(opening, min(len(source), opening + _LIMIT)):
        sign = source[at]
        if quote or sign in _QUOTES:
            quote = ("" if sign == quote and source[at - 1] != "\\" else quote) if quote else sign
            continue
        depth += (sign in _OPENING) - (sign in _CLOSING)
        if depth == 0 or (depth == 1 and sign == ","):
            found.append(source[start:at].strip())
            start = at + 1
        if depth == 0:
            return [each for each in found if each]
    return None
