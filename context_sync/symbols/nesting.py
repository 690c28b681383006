"""Owns telling which texts are nested too deep to be given to a grammar.

The scanners of some grammars keep a stack in 1,024 bytes: some 250 open blocks in YAML or Markdown, 500 in Python
or Kotlin, crash the process. In others thousands of open brackets cost seconds that no time limit interrupts.
"""

from itertools import accumulate

# Brackets, block marks or columns of indentation that may be open at once. Code written by people has below 50.
LIMIT = 200

_NOT_BRACKETS = bytes(byte for byte in range(256) if byte not in b"()[]{}")
_PAIRS = (b"()", b"[]", b"{}")
_STEP = {**dict.fromkeys(b"([{", 1), **dict.fromkeys(b")]}", -1)}
_BLOCK_MARKS = b" \t>-*+?:.)0123456789"
_BLOCK_LANGUAGES = ("yaml", "markdown")


def too_deep(grammar: str, text: bytes) -> bool:
    """Tell whether the text is nested beyond `LIMIT`: by indentation, by brackets, or by the marks of blocks."""
    if any(b"\n" + blank * LIMIT in b"\n" + text[:LIMIT] or b"\n" + blank * LIMIT in text for blank in (b" ", b"\t")):
        return True
    if grammar in _BLOCK_LANGUAGES and any(_marks(line) > LIMIT for line in text.split(b"\n")):
        return True
    return _brackets(text) > LIMIT


def _brackets(text: bytes) -> int:
    """Return how many brackets are open at most, or a number beyond `LIMIT` when it is beyond it.

    Each pass takes the innermost pairs away, so pairs inside pairs cost a pass per level and little else.
    """
    left = text.translate(None, _NOT_BRACKETS)
    for depth in range(LIMIT + 1):
        before = len(left)
        for pair in _PAIRS:
            left = left.replace(pair, b"")
        if len(left) == before:
            return depth + max(accumulate(_STEP[bracket] for bracket in left), default=0)
    return LIMIT + 1


def _marks(line: bytes) -> int:
    """Return how many blocks the start of a line may open or continue: a mark each, an indentation each."""
    head = line[: len(line) - len(line.lstrip(_BLOCK_MARKS))]
    if len(head) <= LIMIT // 2:
        return 0
    indented = len(head) - len(head.lstrip(b" \t"))
    return indented + sum(map(head.count, (b"- ", b"* ", b"+ ", b">", b". ", b") ", b"? ", b": ")))
