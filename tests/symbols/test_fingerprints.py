import pytest

from context_sync.symbols import parsing, resolver

TEXT = b"def f():\n    return 1\n\n\nclass A:\n    x = 1\n\n    def g(self):\n        return 2\n"


@pytest.mark.parametrize(
    ("old", "new", "names"),
    [
        pytest.param(b"return 1", b"return 3", ["f"], id="a function"),
        pytest.param(b"return 2", b"return 3", ["A.g"], id="a method, and not its class"),
        pytest.param(b"return 2\n", b"return 2\n\n\ndef h(): pass\n", ["h"], id="a new one"),
        pytest.param(b"def f():\n    return 1\n", b"", ["f"], id="one that is gone"),
        pytest.param(b"    return 1\n", b"    return 1  \n\n", [], id="blanks"),
    ],
)
def test_what_changed_since(old: bytes, new: bytes, names: list[str]):
    before = resolver.fingerprints("a.py", TEXT)
    assert sorted(before) == ["A", "A.g", "A.x", "f"]
    assert [symbol.name for symbol in resolver.changed("a.py", before, TEXT.replace(old, new))] == names


def test_a_text_that_is_not_read_has_none_and_says_of_none_that_it_is_gone():
    large = TEXT + b"#" * parsing.MAX_SIZE
    assert resolver.fingerprints("a.py", large) == {}
    assert resolver.changed("a.py", resolver.fingerprints("a.py", TEXT), large) == ()


def test_a_large_text_that_is_read_has_them():
    large = b"".join(b"def f%d():\n    return '%s'\n" % (each, b"x" * 400) for each in range(1500))
    before = resolver.fingerprints("a.py", large)
    assert len(before) == 1500
    after = large.replace(b"def f500():", b"def f500(x):")
    assert [symbol.name for symbol in resolver.changed("a.py", before, after)] == ["f500"]


def test_no_more_are_returned_than_for_an_edit():
    many = b"".join(b"class A%d:\n    def f(self):\n        return 1\n" % each for each in range(400))
    before = resolver.fingerprints("a.py", many)
    found = resolver.changed("a.py", before, many.replace(b"1\n", b"2\n").replace(b":\n    def", b"(B):\n    def"))
    assert len(before) == 800
    assert [symbol.name for symbol in found] == [f"A{each}" for each in range(400)]
    gone = resolver.changed("a.py", before, b"x = 1\n")
    assert (len(gone), gone[0].name, gone[1].kind) == (resolver.MAX_TOUCHED, "x", "removed")
