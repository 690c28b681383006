"""The words of texts, with and without the regular expressions that tell what a word is."""

import re

import pytest

from context_sync.conflicts import mentions

TEXTS = [
    pytest.param("def parse_line(text: str) -> Line2:\n    return _Line(text[0])\n", id="code"),
    pytest.param("0x1F 12ab 3 4_ 5é 6_7a __init__ a.b-c", id="words that begin with digits"),
    pytest.param("naïve = größe + 变量 — “quoted” ٣x", id="letters beyond ASCII"),
    pytest.param("", id="nothing"),
    pytest.param("".join(map(chr, range(256))), id="each letter"),
    pytest.param("".join(map(chr, range(128))), id="each letter of ASCII"),
]


@pytest.mark.parametrize("text", TEXTS)
def test_words_are_what_a_regular_expression_says(text: str):
    whole = set(re.findall(r"\w+", text))
    behind = {each for word in whole for each in re.findall(r"[A-Za-z_]\w*", word) if not "A" <= word[0] <= "\x7f"}
    assert mentions._words(text.encode()) == whole | behind
