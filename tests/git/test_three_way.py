import pytest

from context_sync.git import three_way

MERGES = [
    pytest.param(b"1\n2\n3\n", b"0\n1\n2\n3\n", b"1\n2\n3\n4\n", b"0\n1\n2\n3\n4\n", 0, id="apart"),
    pytest.param(b"1\n2\n3\n", b"1\nx\n3\n", b"1\nx\n3\n", b"1\nx\n3\n", 0, id="the same on both sides"),
    pytest.param(b"1\n2\n3\n", b"1\nx\n3\n", b"1\ny\n3\n", None, 1, id="the same line"),
    pytest.param(b"", b"x\n", b"y\n", None, 1, id="both new"),
    pytest.param(b"\0a", b"\0b", b"\0c", b"", 1, id="binary"),
    pytest.param(b"<<<<<<< a\n", b"<<<<<<< a\nx\n", b"<<<<<<< a\n", b"<<<<<<< a\nx\n", 0, id="marks in the text"),
]


@pytest.mark.parametrize(("base", "mine", "theirs", "text", "conflicts"), MERGES)
def test_a_merge_of_three_texts(base: bytes, mine: bytes, theirs: bytes, text: bytes | None, conflicts: int):
    merged = three_way.merge_file(base, mine, theirs)
    assert merged
    assert merged.conflicts == conflicts
    if text is None:
        assert three_way.MARK_MINE in merged.text
        assert three_way.MARK_THEIRS in merged.text
    else:
        assert merged.text == text
