"""Detection of text that is nested too deeply for a grammar.

The scanners of some grammars keep their stack in 1,024 bytes: about 250 open blocks in YAML or Markdown, or 500 in
Python or Kotlin, crash the process. In others, thousands of open brackets take seconds that no time limit interrupts.
"""

from itertools import accumulate

# Brackets, block marks or columns of indentation that may be open at once. Code written by hand has fewer than 50.
LIMIT = 200

_NOT_BRACKETS = bytes(byte for byte in range(256) if byte not in b"()[]{}")
_PAIRS = (b"()", b"[]", b"{}")
_DEPTH_CHANGE = {**dict.fromkeys(b"([{", 1), **dict.fromkeys(b")]}", -1)}
_BLOCK_MARKS = b" \t>-*+?:.)0123456789"
_BLOCK_LANGUAGES = ("yaml", "markdown")


def too_deep(grammar: str, text: bytes) -> bool:
    """Return whether the text is nested deeper than `LIMIT`, by indentation, brackets or block marks."""
    if any(b"\n" + blank * LIMIT in b"\n" + text[:LIMIT] or b"\n" + blank * LIMIT in text for blank in (b" ", b"\t")):
        return True
    if grammar in _BLOCK_LANGUAGES and any(_marks(line) > LIMIT for line in text.split(b"\n")):
        return True
    return _brackets(text) > LIMIT


def _brackets(text: bytes) -> int:
    """Return the largest number of brackets open at once, or some number above `LIMIT` when it exceeds that.

    Each pass removes the innermost pairs, so nested pairs cost little more than one pass per level.
    """
    left = text.translate(None, _NOT_BRACKETS)
    for depth in range(LIMIT + 1):
        before = len(left)
        for pair in _PAIRS:
            left = left.replace(pair, b"")
        if len(left) == before:
            return depth + max(accumulate(_DEPTH_CHANGE[bracket] for bracket in left), default=0)
    return LIMIT + 1


def _marks(line: bytes) -> int:
    """Return how many blocks the start of a line can open or continue: one for each mark and each indentation."""
    head = line[: len(line) - len(line.lstrip(_BLOCK_MARKS))]
    if len(head) <= LIMIT // 2:
        return 0
    indented = len(head) - len(head.lstrip(b" \t"))
    return indented + sum(map(head.count, (b"- ", b"* ", b"+ ", b">", b". ", b") ", b"? ", b": ")))
