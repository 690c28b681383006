import pytest

from context_sync.domain.records import Symbol
from context_sync.references.tokens import is_comment, tokens

COMMENTS = [
    pytest.param("a.py", "x = 1  # why\n# why\n\n", [False, True, True], id="Python"),
    pytest.param("a.ts", "/* one\ntwo */\nlet x\n", [True, True, False], id="TypeScript"),
    pytest.param("a.unknown", "# why\n\nx\n", [False, True, False], id="a language that is not read"),
]


@pytest.mark.parametrize(("path", "text", "are"), COMMENTS)
def test_which_lines_are_nothing_but_comment(path: str, text: str, are: list[bool]):
    assert [is_comment(path, text.encode(), line) for line in range(1, 4)] == are
    assert is_comment(path, text.encode(), 99)


TEXT = b'def f(x):\n    """Do it."""\n    # why\n    return "a b" + x\n'
TOKENS = [
    pytest.param("a.py", ["def", "f", "(", "x", ")", ":", "return", '"a b"', "+", "x"], id="without what nobody runs"),
    pytest.param("a.unknown", ["def f(x):", '"""Do it."""', "# why", 'return "a b" + x'], id="else by lines"),
]


@pytest.mark.parametrize(("path", "found"), TOKENS)
def test_the_code_of_a_definition(path: str, found: list[str]):
    assert [text for _, text in tokens(path, TEXT, Symbol("f", "function", 1, 4))] == found
