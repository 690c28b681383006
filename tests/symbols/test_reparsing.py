"""A text that is mostly the one read before is parsed with its tree, and read as if it were the first."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from context_sync.symbols import parsing, resolver

OWN = Path(resolver.__file__).read_text()
SCRIPT = (
    "export class Box%d extends Base {\n  size() {\n    return `${this.a}` + 1;\n  }\n}\nconst area%d = (x) => x * 2;\n"
)
GO = (
    'func Area%d(x int) int {\n\tif x > 1 {\n\t\treturn x\n\t}\n\treturn len("a")\n}\n\n'
    "type Box%d struct {\n\tSize int\n}\n"
)
RUST = (
    "impl Box%d {\n    /// Doubles.\n    pub fn area(&self) -> u8 {\n        self.size * 2\n    }\n}\n"
    "const SIZE%d: u8 = 2;\n"
)
YAML = "box%d:\n  - name: one\n    size: [1, 2]\nother%d: |\n  a text\n    of lines\n"
TEXT = "## Box %d\n\nSome *words* about it.\n\n```\ncode\n```\n\n### Size %d\n\n- one\n- two\n"


def repeated(unit: str) -> str:
    return "".join(unit % (number, number) for number in range(60))


TEXTS = [
    pytest.param("a.py", OWN, id="Python"),
    pytest.param("a.js", repeated(SCRIPT), id="JavaScript"),
    pytest.param("a.ts", repeated(SCRIPT), id="TypeScript"),
    pytest.param("a.go", repeated(GO), id="Go"),
    pytest.param("a.rs", repeated(RUST), id="Rust"),
    pytest.param("a.yaml", repeated(YAML), id="YAML"),
    pytest.param("a.md", repeated(TEXT), id="Markdown"),
]
EDITS: list[Callable[[list[str], int], object]] = [
    lambda lines, at: lines.pop(at),
    lambda lines, at: lines.insert(at, lines[at // 2]),
    lambda lines, at: lines.insert(at, "    " + lines[at]),
    lambda lines, at: lines.__setitem__(at, lines[at].lstrip()),
    lambda lines, at: lines.__setitem__(at, lines[at] + "("),
    lambda lines, at: lines.__setitem__(at, lines[at] + '"""'),
    lambda lines, at: lines.__setitem__(slice(at, at + 20), []),
    lambda lines, at: lines.__setitem__(slice(at, at + 3), ["é" * 9]),
]


@pytest.fixture(autouse=True)
def _nothing_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsing, "_last", {})


def read(path: str, text: str) -> object:
    resolver._parsed.clear()
    return resolver.definitions(path, text.encode(), 30.0)


@pytest.mark.parametrize(("path", "text"), TEXTS)
def test_it_is_read_as_if_it_were_the_first(path: str, text: str):
    chance = random.Random(path)
    for edit in EDITS * 5:
        lines = text.split("\n")
        edit(lines, chance.randrange(len(lines)))
        changed = "\n".join(lines)
        read(path, text)
        again = read(path, changed)
        parsing._last.clear()
        assert again == read(path, changed)


@pytest.mark.parametrize(
    ("text", "reused"),
    [
        pytest.param(OWN.replace("found", "seen", 1), True, id="mostly the same"),
        pytest.param("x = 1\n" + OWN, True, id="more in the beginning"),
        pytest.param(OWN + "x = 1\n", True, id="more at the end"),
        pytest.param(repeated("def area%d():\n    return %d\n"), False, id="another text"),
        pytest.param(OWN[: len(OWN) // 3], True, id="the beginning of it"),
    ],
)
def test_the_tree_is_used_for_a_text_that_is_mostly_the_same(text: str, reused: bool):
    read("a.py", OWN)
    edited = parsing._edited("python", text.encode())
    assert (edited is not None) is reused


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        pytest.param(OWN, True, id="of an ordinary size"),
        pytest.param("def f():\n    return 1\n", False, id="so short that it saves nothing"),
        pytest.param(OWN + "x = (\n", False, id="with an error in it"),
        pytest.param("x = 1\n" * 50_000, False, id="so large that its tree takes much memory"),
    ],
)
def test_which_tree_is_kept(text: str, kept: bool):
    read("a.py", text)
    assert bool(parsing._last) is kept
