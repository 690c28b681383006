import signal
import time
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from context_sync.symbols import parsing, resolver
from context_sync.symbols.hunks import hunks_between
from context_sync.symbols.languages import KINDS, LANGUAGES, language_of
from context_sync.symbols.parsing import MAX_SIZE
from context_sync.symbols.resolver import definitions, is_read, touched

PATHS = [f"file{language.suffixes[0]}" for language in LANGUAGES]

BAD = [
    pytest.param(b"", id="empty"),
    pytest.param(b"\n\n\n", id="blank lines"),
    pytest.param(b"\x00\x00\x00", id="NUL bytes"),
    pytest.param(b"def f():\x00\n  pass", id="a NUL byte in code"),
    pytest.param(bytes(range(256)) * 20, id="every byte"),
    pytest.param(b"\xff\xfed\x00e\x00f\x00 \x00f\x00(\x00)\x00:\x00", id="UTF-16"),
    pytest.param("class Ünïcode { größe() {} } 🎉".encode(), id="names beyond ASCII"),
    pytest.param("class Ü {".encode("latin-1"), id="Latin-1"),
    pytest.param(b"function f( {\r\nclass A\r\n\r\n}}}}", id="half-written with CRLF"),
    pytest.param(b"class A {\r  f() {}\r}\r", id="bare carriage returns"),
    pytest.param(b"<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> b\n", id="merge markers"),
    pytest.param(b"(" * 20_000, id="deep parentheses"),
    pytest.param(b"{" * 20_000, id="deep braces"),
    pytest.param(b"[" * 20_000 + b"]" * 20_000, id="deep brackets"),
    pytest.param(b'{"a":' * 5_000 + b"1" + b"}" * 5_000, id="deep JSON"),
    pytest.param(b"class A { " * 3_000, id="classes in classes without end"),
    pytest.param(b"  " * 50_000 + b"x", id="one long indentation"),
    pytest.param(b"x" * 200_000, id="one long word"),
    pytest.param(b'"' + b"x" * 200_000, id="a string without end"),
    pytest.param(b"/*" * 50_000, id="a comment without end"),
    pytest.param(b"\n".join(b" " * depth + b"if x:" for depth in range(1_200)), id="ever deeper indentation"),
    pytest.param(b"```\n" * 3_000, id="fences"),
    pytest.param(b"`" * 3_000, id="backticks"),
    pytest.param(b"#" * 30_000, id="hashes"),
    pytest.param(b"<" * 5_000, id="angle brackets"),
    pytest.param(b"- " * 2_000, id="list marks"),
    pytest.param(b"> " * 2_000, id="quote marks"),
]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("text", BAD)
def test_bad_input_gives_sound_symbols_in_bounded_time(path, text):
    started = time.process_time()
    symbols = definitions(path, text)
    assert time.process_time() - started < 30
    sound(symbols, text)


def sound(symbols, text):
    lines = text.count(b"\n") + 1
    for symbol in symbols:
        assert symbol.name
        assert symbol.kind in KINDS
        assert 1 <= symbol.start <= symbol.end <= lines


SCRAPS = st.sampled_from(
    [b"class A", b"def f(x):", b"function g()", b"{", b"}", b"(", b")", b"\n", b"  ", b"=", b"x", b"@d",
     b"# c", b"<", b">", b"/*", b"*/", b'"', b"'", b"`", b"\xff", b"\x00", b"impl T for U", b"func (r *R) M()",
     b"---\n", b"- ", b": ", b"<script>", b"</script>", b"end", b"do", b"|", b"\\", b"=>"]
)  # fmt: skip
TEXTS = st.one_of(st.binary(max_size=300), st.lists(SCRAPS, max_size=60).map(b"".join))


@settings(max_examples=25, deadline=None)
@given(text=TEXTS)
@pytest.mark.parametrize("path", PATHS)
def test_any_bytes_give_sound_symbols(path, text):
    sound(definitions(path, text), text)


@settings(max_examples=50, deadline=None)
@given(before=TEXTS, after=TEXTS, path=st.sampled_from(PATHS))
def test_any_change_touches_definitions_of_either_side(before, after, path):
    symbols = touched(path, before, after, hunks_between(before, after))
    names = {symbol.name for text in (before, after) for symbol in definitions(path, text)}
    assert {symbol.name for symbol in symbols} <= names


def test_a_byte_order_mark_does_not_hide_the_first_definition():
    assert definitions("a.py", b"\xef\xbb\xbfdef f():\n    pass\n") == (("f", "function", 1, 2),)


def test_parsing_stops_at_the_time_limit():
    text = b"x = [\n" + b"(1, 2, {'a': [b, c]}),\n" * 150_000 + b"]\ndef f(): pass\n"
    assert len(text) < MAX_SIZE
    started = time.process_time()
    assert definitions("a.py", text, seconds=0.05) == ()
    assert time.process_time() - started < 10


def test_a_minified_text_is_not_read():
    assert definitions("a.js", b"function f(){};" * 40) == ()
    assert definitions("a.js", b"function f(){};\n" * 40) != ()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        pytest.param("a.yml", b"- " * 300 + b"\n" * 9, id="YAML lists on one line"),
        pytest.param("a.yml", b"\n".join(b" " * depth + b"x:" for depth in range(300)), id="YAML by indentation"),
        pytest.param("a.md", b"> - " * 150 + b"\n" * 9, id="Markdown quotes and lists"),
        pytest.param("a.py", b"\n".join(b" " * depth + b'$"{' for depth in range(700)), id="Python strings"),
        pytest.param("a.kt", b'"${\n' * 3_000, id="Kotlin templates"),
    ],
)
def test_nesting_that_crashes_a_scanner_is_not_given_to_it(path, text):
    assert definitions(path, text) == ()


def test_code_nested_a_hundred_deep_is_read():
    text = b"\n".join(b"%sdef f%d():" % (b" " * depth, depth) for depth in range(100)) + b" pass"
    assert len(definitions("a.py", text)) == 100
    assert definitions("a.json", b'{"a":\n' * 100 + b"1" + b"}" * 100) != ()


def test_a_text_over_the_size_limit_is_not_read():
    text = b"def f(): pass\n" + b"#" * MAX_SIZE
    assert definitions("a.py", text) == ()
    assert not is_read("a.py", text)
    assert is_read("a.py", b"# nothing is defined\n")


LARGE = b"def f():\n    pass\n" + b"#" * MAX_SIZE


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(b"def f():\n    pass\n\ndef g():\n    pass\n", LARGE, id="the new one"),
        pytest.param(LARGE, b"def f():\n    pass\n\ndef g():\n    pass\n", id="the old one"),
        pytest.param(LARGE, LARGE.replace(b"pass", b"return"), id="both"),
    ],
)
def test_a_change_between_texts_of_which_one_is_not_read_touches_the_file_alone(before, after):
    """Otherwise the definitions of the other text would all count as new, or as removed."""
    assert touched("a.py", before, after, hunks_between(before, after)) == ()


@pytest.fixture
def alarm() -> Iterator[None]:
    """Restore the time limit of the process, which never expires here."""
    before = signal.signal(signal.SIGALRM, signal.SIG_IGN)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.usefixtures("alarm")
@pytest.mark.parametrize(
    ("left", "whole", "lines", "is_known"),
    [
        pytest.param(0, 0, 7_000, True, id="no time limit"),
        pytest.param(7000, 10_000, 7_000, True, id="in the first third"),
        pytest.param(6000, 10_000, 7_000, False, id="behind it"),
        pytest.param(5000, 0, 7_000, True, id="an alarm that is none of a hook"),
        pytest.param(4000, 10_000, 6_000, True, id="a short text in the second third"),
        pytest.param(3000, 10_000, 0, False, id="a short text behind it"),
    ],
)
def test_two_thirds_of_the_time_of_a_hook_are_for_something_else_than_long_texts(left, whole, lines, is_known):
    # A text that no other test has read in this process.
    text = b'def f%d():\n    """%s"""\n' % (left + whole, b"of a line\n" * lines)
    signal.setitimer(signal.ITIMER_REAL, left, whole)
    assert is_read("a.py", text) == is_known
    assert bool(definitions("a.py", text)) == is_known
    assert bool(parsing.parsed("python", text, 30.0)) == is_known


METHOD = "    # says\n    @d\n    def f{0}(self):\n        return {0}\n\n"
WINDOWED = [
    pytest.param("a.py", "class A:\n", METHOD, "", id="methods of one class"),
    pytest.param("a.js", "describe('all', () => {\n", "it('does {0}', () => {{}})\n", "})\n", id="tests in one block"),
    pytest.param("a.md", "", "# part {0}\n\ntext\n\n## more\n\n", "", id="headings"),
    pytest.param("a.ipynb", '{"cells": [{"id": "c"}\n', ',{{"id": "c{0}", "source": ["x"]}}\n', "]}", id="cells"),
    pytest.param("a.vue", "<script>\n", "function f{0}() {{}}\n", "</script>\n", id="a script"),
]


@pytest.mark.parametrize("size", [1, 64, 1000])
@pytest.mark.parametrize(("path", "head", "part", "tail"), WINDOWED)
def test_a_text_read_by_windows_has_the_same_definitions_once_each(path, head, part, tail, size, monkeypatch):
    text = (head + "".join(map(part.format, range(90))) + tail).encode()
    whole = definitions(path, text)
    assert len(whole) >= 90
    monkeypatch.setattr(parsing, "_WINDOW", size)
    resolver._parsed.clear()
    assert definitions(path, text, seconds=60.0) == whole  # windows of a byte take half a second


def test_every_kind_in_the_tables_is_known_and_every_suffix_has_one_language():
    suffixes = [suffix for language in LANGUAGES for suffix in (*language.suffixes, *language.filenames)]
    assert len(suffixes) == len(set(suffixes))
    for language in LANGUAGES:
        assert all(language_of(f"dir/file{suffix}") is language for suffix in language.suffixes)
