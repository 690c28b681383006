import subprocess
import sys

import pytest

from context_sync.symbols.grammars import grammar, missing
from context_sync.symbols.languages import LANGUAGES, language_of
from context_sync.symbols.parsing import matches
from tests.rehearse import CHECKOUT

PATHS = [
    pytest.param("src/app.py", "Python", id="a suffix"),
    pytest.param("SRC/APP.PY", "Python", id="a suffix in capitals"),
    pytest.param("Rakefile", "Ruby", id="a whole name"),
    pytest.param("a/b.d.ts", "TypeScript", id="the last suffix counts"),
    pytest.param("view.tsx", "TSX", id="TSX is not TypeScript"),
    pytest.param("Makefile", None, id="a file that is not read"),
    pytest.param("py", None, id="a name without a suffix"),
    pytest.param("", None, id="nothing"),
]


@pytest.mark.parametrize(("path", "name"), PATHS)
def test_a_language_is_known_by_the_path(path, name):
    language = language_of(path)
    assert (language.name if language else None) == name


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.name)
def test_the_grammar_loads_and_the_query_fits_it(language):
    assert grammar(language.grammar) is grammar(language.grammar)
    assert matches(language, b"", 30.0) == []


def test_an_unknown_grammar_is_a_lookup_error_and_counts_as_missing():
    with pytest.raises(LookupError, match="klingon"):
        grammar("klingon")
    assert missing(("klingon",)) == ("klingon",)


def test_no_grammar_of_the_table_is_missing():
    assert missing(tuple(language.grammar for language in LANGUAGES)) == ()


def test_reading_a_file_loads_neither_the_pack_nor_costly_modules():
    script = "from context_sync.symbols.resolver import definitions; assert definitions('a.py', b'def f(): pass')"
    command = [sys.executable, "-X", "importtime", "-c", script]
    report = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    loaded = [line.rpartition("|")[2].strip() for line in report.splitlines()]
    costly = {
        "tree_sitter_language_pack",
        "importlib.resources",
        "dataclasses",
        "difflib",
        "pathlib",
        "subprocess",
        "typing",
    }
    assert "context_sync.symbols.parsing" in loaded
    assert not costly & set(loaded)


@pytest.mark.parametrize("path", ["a.py", "a.ts", "a.go", "a.rb", "a.cpp"])
def test_reading_loads_no_regular_expressions_and_no_enumerations(path: str):
    """They take 8 ms of a hook, and tree-sitter would load them for queries that match patterns and for its log."""
    code = (
        "import sys; from context_sync.symbols import resolver; "
        f"resolver.definitions({path!r}, b''); "
        "print([name for name in ('re', 'enum', 'collections') if name in sys.modules]); "
        "import re, enum; print(re.compile('a').findall('aa'), enum.IntEnum('A', {'B': 3}).B + 1)"
    )
    folders = [str(CHECKOUT), *(each for each in sys.path if each.endswith("site-packages"))]
    start = f"import sys; sys.path[:0] = {folders!r}; {code}"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", start], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n") == ["[]", "['a', 'a'] 4", ""]


def test_a_query_may_match_patterns_though_they_are_loaded_late():
    code = (
        "import sys; from context_sync.symbols.grammars import grammar; "
        "from context_sync.symbols.trees import Parser, Query, QueryCursor; "
        "query = Query(grammar('python'), '((identifier) @x (#match? @x \"^a+$\"))'); "
        "print(len(QueryCursor(query).matches(Parser(grammar('python')).parse(b'aa = b').root_node)))"
    )
    folders = [str(CHECKOUT), *(each for each in sys.path if each.endswith("site-packages"))]
    start = f"import sys; sys.path[:0] = {folders!r}; {code}"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", start], capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"
