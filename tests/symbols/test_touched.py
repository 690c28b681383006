import time
from textwrap import dedent

import pytest

from context_sync.symbols.hunks import hunks_between
from context_sync.symbols.resolver import touched

STORE = """\
import os

LIMIT = 3


class Store:
    path = "x"

    def load(self):
        with open(self.path) as file:
            return file.read()

    @property
    def size(self):
        return 1


def main():
    store = Store()

    def inner():
        return 2

    return inner
"""

EDITS = [
    pytest.param(("file.read()", "file.read(LIMIT)"), ["Store.load"], id="a line in a method touches it"),
    pytest.param(("return 2", "return 3"), ["main.inner"], id="a line in a nested function touches only it"),
    pytest.param(("return inner", "return inner()"), ["main"], id="a line behind it touches the outer one"),
    pytest.param(("LIMIT = 3", "LIMIT = 4"), ["LIMIT"], id="a constant"),
    pytest.param(('path = "x"', 'path = "y"'), ["Store.path"], id="a field"),
    pytest.param(("class Store:", "class Store(Base):"), ["Store"], id="the head of a class touches it alone"),
    pytest.param(("@property", "@cached_property"), ["Store.size"], id="a decorator belongs to its function"),
    pytest.param(("import os", "import sys"), [], id="an import touches no definition"),
    pytest.param(("import os\n", "import os\n\n"), [], id="a blank line outside every definition is nothing"),
    pytest.param(
        ("    @property", "    def save(self):\n        pass\n\n    @property"),
        ["Store.save"],
        id="a new method touches itself, not its class",
    ),
    pytest.param(
        ("def main", "class New:\n    x = 1\n\n    def run(self):\n        pass\n\n\ndef main"),
        ["New", "New.x", "New.run"],
        id="a new class touches itself and what is in it",
    ),
    pytest.param(
        ("    @property\n    def size(self):\n        return 1\n", ""),
        ["Store.size"],
        id="a removed method is named from the old text",
    ),
    pytest.param(("def load", "def read"), ["Store.read", "Store.load"], id="a renamed method has both names"),
    pytest.param(("def main", "# starts\ndef main"), ["main"], id="a comment right above belongs to the definition"),
    pytest.param(
        ("        with", "\n        with"),
        ["Store.load"],
        id="a blank line in a function with nothing inside counts",
    ),
    pytest.param(("    return inner", "\n    return inner"), [], id="one beside a nested function is nobody's"),
    pytest.param(("return 1\n", "return 1\n\n"), [], id="a blank line between definitions is nobody's"),
]


@pytest.mark.parametrize(("edit", "names"), EDITS)
def test_innermost_definitions_are_touched(edit, names):
    old, new = edit
    assert STORE.count(old) == 1
    after = STORE.replace(old, new).encode()
    symbols = touched("store.py", STORE.encode(), after, hunks_between(STORE.encode(), after))
    assert [symbol.name for symbol in symbols] == names


def test_a_created_file_touches_every_definition():
    symbols = touched("store.py", None, b"A = 1\n\n\ndef f():\n    pass\n", ())
    assert [symbol.name for symbol in symbols] == ["A", "f"]


def test_a_deleted_file_touches_every_definition():
    symbols = touched("store.py", b"A = 1\n\n\ndef f():\n    pass\n", None, ())
    assert [symbol.name for symbol in symbols] == ["A", "f"]


def test_a_file_that_never_was_touches_nothing():
    assert touched("store.py", None, None, ()) == ()


def test_a_file_in_an_unknown_language_touches_nothing():
    assert touched("notes.txt", b"a\n", b"b\n", [(1, 1, 1, 1)]) == ()


def test_names_come_once_with_their_place_in_the_new_text():
    before = b"def f():\n    return 1\n"
    after = b"# new\n\n\ndef f():\n    return 2\n"
    (symbol,) = touched("a.py", before, after, [(0, 0, 1, 3), (2, 1, 5, 1)])
    assert symbol == ("f", "function", 4, 5)


def test_an_added_method_that_shares_its_closing_brace_does_not_touch_its_neighbour():
    before = "class A {\n  one() {\n    return 1;\n  }\n}\n"
    after = "class A {\n  one() {\n    return 1;\n  }\n\n  two() {\n    return 1;\n  }\n}\n"
    hunk = (3, 0, 4, 4)  # as a diff may say it: "}", "", "two() {", "return 1;"
    assert after.split("\n")[3:7] == ["  }", "", "  two() {", "    return 1;"]
    symbols = touched("a.js", before.encode(), after.encode(), [hunk])
    assert [symbol.name for symbol in symbols] == ["A.two"]


def test_a_removed_function_that_shares_its_closing_brace_does_not_touch_its_neighbour():
    before = "function one() {\n  f();\n}\n\nfunction two() {\n  f();\n}\n"
    after = "function one() {\n  f();\n}\n"
    symbols = touched("a.js", before.encode(), after.encode(), [(3, 4, 2, 0)])
    assert [symbol.name for symbol in symbols] == ["two"]


@pytest.mark.parametrize(
    "hunks",
    [
        pytest.param([(99, 3, 99, 3)], id="behind the end"),
        pytest.param([(-5, 2, -5, 2)], id="before the start"),
        pytest.param([(0, 0, 0, 0)], id="empty"),
        pytest.param([(1, 10**9, 1, 10**9)], id="longer than the file"),
    ],
)
def test_hunks_that_do_not_fit_the_text_do_not_raise(hunks):
    text = b"def f():\n    return 1\n"
    names = {symbol.name for symbol in touched("a.py", text, text, hunks)}
    assert names <= {"f"}


def test_two_definitions_on_one_line_are_both_touched():
    symbols = touched("a.py", b"a, b = 1, 2\n", b"a, b = 1, 3\n", [(1, 1, 1, 1)])
    assert [symbol.name for symbol in symbols] == ["a", "b"]


def test_lines_are_counted_alike_with_either_line_ending():
    before = dedent(STORE).replace("\n", "\r\n").encode()
    after = before.replace(b"return 2", b"return 3")
    symbols = touched("store.py", before, after, hunks_between(before, after))
    assert [(symbol.name, symbol.start) for symbol in symbols] == [("main.inner", 21)]


def test_a_change_in_a_python_file_of_5000_lines_is_read_without_hanging():
    body = "def function_{0}(first):\n    # about it\n    result = [first, {{'key': {0}}}]\n    return result\n\n"
    text = "".join(body.format(number) for number in range(1_000)).encode()
    assert text.count(b"\n") == 5_000
    after = text.replace(b"'key': 500}", b"'key': 501}")
    touched("a.py", text, after, hunks_between(text, after))
    started = time.process_time()
    symbols = touched("a.py", text, after, hunks_between(text, after))
    assert time.process_time() - started < 10
    assert [symbol.name for symbol in symbols] == ["function_500"]


def test_a_change_of_very_many_definitions_names_the_outermost():
    text = "".join(f"class C{number}:\n" + "    x = 1\n    y = 1\n" for number in range(300)).encode()
    symbols = touched("a.py", None, text, ())
    assert [symbol.name for symbol in symbols] == [f"C{number}" for number in range(300)]
    assert len(touched("a.py", None, b"x%d = 1\n" * 2_000 % tuple(range(2_000)), ())) == 500
