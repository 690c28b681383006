import pytest

from context_sync.domain.records import Symbol
from context_sync.symbols import parsing, resolver
from context_sync.symbols.resolver import Outlined

TEXT = b"class A:\n    def f(self):\n        pass\n\n\ndef g():\n    pass\n"
OUTLINE = [("A", "class", 1, 3, -1), ("A.f", "method", 2, 3, 0), ("g", "function", 6, 7, -1)]


def text(number: int) -> bytes:
    return TEXT + b"# %d\n" % number  # a text that no other test has read in this process


@pytest.fixture
def unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(*_: object) -> list[object]:
        raise AssertionError("the text was parsed")

    monkeypatch.setattr(parsing, "matches", read)


def test_an_outline_tells_all_that_the_text_does():
    assert resolver.outlined("/somewhere/a.py", text(1)) == OUTLINE


@pytest.mark.usefixtures("unreadable")
def test_a_text_that_is_known_is_not_parsed():
    resolver.recall("/somewhere/a.py", text(2), OUTLINE)
    assert resolver.definitions("a.py", text(2)) == tuple(Symbol(*each[:4]) for each in OUTLINE)
    assert resolver.touched("a.py", text(2), text(2), [(3, 1, 3, 1)]) == (Symbol("A.f", "method", 2, 3),)
    with pytest.raises(AssertionError, match="parsed"):
        resolver.definitions("a.py", text(3))
    with pytest.raises(AssertionError, match="parsed"):
        resolver.definitions("b.pyi", text(2))


WRONG = [
    pytest.param([("A", "class", 1, 99, -1)], id="behind the end"),
    pytest.param([("A", "class", 0, 3, -1)], id="before the beginning"),
    pytest.param([("A", "class", 3, 1, -1)], id="the wrong way round"),
    pytest.param([("A", "class", 1, 3, 0)], id="around itself"),
    pytest.param([("A", "class", 1, 3, 5)], id="in one that there is not"),
    pytest.param([("A", "class", 1, 3, -2)], id="in what is no place"),
]


@pytest.mark.parametrize(("number", "outline"), list(enumerate([each.values[0] for each in WRONG], 10)))
def test_an_outline_that_cannot_be_is_not_taken(number: int, outline: list[Outlined]):
    resolver.recall("a.py", text(number), outline)
    assert [symbol.name for symbol in resolver.definitions("a.py", text(number))] == ["A", "A.f", "g"]
