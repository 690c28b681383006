"""Owns blanking out the macros that stand where the grammars of C and its kin expect none.

`class API_EXPORT Widget {` or a line `Q_OBJECT` make a grammar lose the definitions around them. Names in capitals in
such places are overwritten with spaces, every offset kept.
"""

import re
from functools import cache

GRAMMARS = frozenset({"c", "cpp", "objc"})  # the grammars whose texts may need it, when they do not parse as they are

_MACRO = r"[A-Z_][A-Z0-9_]{2,}\b(?:\([^()\n]*\))?"
_PLACES = (
    rf"^[ \t]*{_MACRO}[ \t]*$",
    rf"\b(?:class|struct|union|enum)\s+({_MACRO})(?=\s+[A-Za-z_])",
    rf"\bnamespace\s+\w+\s+({_MACRO})(?=\s*\{{)",
    rf"\b({_MACRO})(?=\s+\w+\s+\w+\()",
    rf"\)\s*(?:const\s*)?({_MACRO})(?=\s*[;{{:])",
)


def without_macros(text: bytes) -> bytes:
    """Return the text with the macros blanked that stand alone on a line or beside a name, type or body."""
    for place in _patterns():
        text = place.sub(_blanked, text)
    return text


@cache
def _patterns() -> tuple[re.Pattern[bytes], ...]:
    return tuple(re.compile(place.encode(), re.MULTILINE) for place in _PLACES)


def _blanked(match: re.Match[bytes]) -> bytes:
    start, end = match.span(match.re.groups)
    start, end = start - match.start(), end - match.start()
    whole = match.group()
    return whole[:start] + b" " * (end - start) + whole[end:]
