"""What a change touches by a recorded outline alone: never another answer than that of the parser."""

from collections.abc import Iterator

import pytest

from context_sync.symbols import parsing, resolver
from context_sync.symbols.hunks import hunks_between

PYTHON = b'''\
import os

LIMIT = 3


@first
def add(a, b):
    """Add."""
    total = a + b

    return total


# what follows
def sub(a, b):
    return a - b
class A:
    x = 1

    def f(self):
        return self.x

    def g(self):
        def inner():
            return 1

        return inner
def last():
    pass
'''
SCRIPT = b"""\
// adds
export function add(a, b) {
    return a + b;
}

const sub = (a, b) => {
    return a - b;
};

class A {
    x = 1;
    f() {
        return this.x;
    }
    // gets
    g() {
        return 2;
    }
}
"""
GO = b"""\
package calc

// Add adds.
func Add(a, b int) int {
\treturn a + b
}

type A struct {
\tx int
}

func (a A) F() int {
\treturn a.x
}
"""
SETTINGS = b'{\n  "add": {\n    "a": 1,\n    "b": 2\n  },\n  "sub": [\n    1,\n    2\n  ]\n}\n'
HEADINGS = b"# add\n\nIt adds.\nAnd adds.\n\n## sub\n\nIt takes away.\n\n# A\n\nIt is.\n"
TEXTS = {"a.py": PYTHON, "a.js": SCRIPT, "a.go": GO, "a.json": SETTINGS, "a.md": HEADINGS}

# Put in the place of one to three lines, as they are or at the indentation of the first of them.
NEW = [
    b"return 0",
    b"",
    b"# a word\n",
    b"x = 2",
    b"}\n\nfunction sub() {",
    b"return 0\n\n\ndef sub(a, b):\n    return 1",
    b"def new():\n    return 1",
    b"@first",
    b"func F() int {\n}",
    b"# sub",
    b'"sub": 3,',
    b"class A:\n    pass",
]


def changes(text: bytes) -> Iterator[bytes]:
    lines = text.split(b"\n")
    for start in range(len(lines)):
        for count in (0, 1, 3):
            indent = lines[start][: len(lines[start]) - len(lines[start].lstrip())]
            yield b"\n".join([*lines[:start], *lines[start + count :]])
            for new in NEW:
                for put in {new, b"\n".join(indent + line for line in new.split(b"\n"))}:
                    yield b"\n".join([*lines[:start], put, *lines[start + count :]])


@pytest.mark.parametrize("path", TEXTS)
def test_it_says_what_the_parser_says_or_nothing(path: str):
    before = TEXTS[path]
    names = sorted({symbol.name for symbol in resolver.definitions(path, before)} | {"gone", "A.gone"})
    resolver.recall(path, before, resolver.outlined(path, before))
    answers = dict.fromkeys(("known", "unknown", "touched"), 0)
    for after in changes(before):
        hunks = hunks_between(before, after)
        context = {symbol.name for symbol in resolver.touched(path, before, after, hunks)}
        for held in ({name} for name in names):
            found = resolver.touched_by_outline(path, before, after, hunks, held)
            answers["unknown" if found is None else "known"] += 1
            if found is not None:
                assert {symbol.name for symbol in found} == context & held, after.decode()
                answers["touched"] += bool(found)
    assert min(answers.values()) > 50


@pytest.mark.parametrize(
    ("old", "new", "touched"),
    [
        pytest.param(b"a - b", b"b - a", {"sub"}, id="a line in a function"),
        pytest.param(b"a - b", b"(\n        a\n        - b\n    )", {"sub"}, id="more lines than before"),
        pytest.param(b"return self.x", b"return 0", set(), id="a line in a method"),
        pytest.param(b"    total = a + b\n\n", b"", set(), id="lines that are gone"),
        pytest.param(b"def sub(a, b)", b"def sub(b, a)", {"sub"}, id="the head of the one that is meant"),
        pytest.param(b"def last()", b"def last(a)", None, id="the head of another"),
        pytest.param(b"    total = a + b\n", b"    total = a + b\n    total += 0\n", None, id="only new lines"),
        pytest.param(b"return self.x", b"return sub(self.x, 0)", None, id="the name in the new lines"),
        pytest.param(b"total = a + b", b"total = 0", None, id="below an attribute"),
        pytest.param(b"def inner():", b"def inner(a):", None, id="in a method with something in it"),
    ],
)
def test_no_parser_is_needed(old: bytes, new: bytes, touched: set[str] | None, monkeypatch: pytest.MonkeyPatch):
    before = PYTHON.replace(b"# what follows\n", b"") + b"# one that no other test has read\n"
    resolver.recall("b.py", before, resolver.outlined("b.py", before))
    after = before.replace(old, new)
    monkeypatch.setattr(parsing, "matches", pytest.fail)
    found = resolver.touched_by_outline("b.py", before, after, hunks_between(before, after), {"sub"})
    assert (None if found is None else {symbol.name for symbol in found}) == touched


def test_of_a_text_that_is_not_recalled_nothing_is_said():
    before, after = PYTHON + b"# another one\n", PYTHON
    assert resolver.touched_by_outline("b.py", before, after, hunks_between(before, after), {"sub"}) is None
