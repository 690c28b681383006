import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from context_sync.symbols.hunks import hunks_between

CASES = [
    pytest.param("a\nb\nc\n", "a\nb\nc\n", (), id="equal texts"),
    pytest.param("a\nb\nc\n", "a\nx\nc\n", ((2, 1, 2, 1),), id="a changed line"),
    pytest.param("a\nc\n", "a\nb\nc\n", ((1, 0, 2, 1),), id="an added line starts behind the line before"),
    pytest.param("a\nb\nc\n", "a\nc\n", ((2, 1, 1, 0),), id="a removed line"),
    pytest.param("", "a\nb\n", ((0, 0, 1, 2),), id="from nothing"),
    pytest.param("a\nb\n", "", ((1, 2, 0, 0),), id="to nothing"),
    pytest.param("a\nb\nc\nd\ne\n", "x\nb\nc\nd\ny\n", ((1, 1, 1, 1), (5, 1, 5, 1)), id="both ends"),
    pytest.param("a\na\na\n", "a\na\na\na\n", ((3, 0, 4, 1),), id="repeated lines"),
    pytest.param("a\nb", "a\nb\n", (), id="only the newline at the end"),
    pytest.param("a\r\n", "a\n", ((1, 1, 1, 1),), id="line endings"),
    pytest.param("f\n}\ng\n}\n", "f\n}\nnew\n}\ng\n}\n", ((2, 0, 3, 2),), id="a block beside its like"),
    pytest.param("a\nb\n", "b\na\n", ((1, 1, 0, 0), (2, 0, 2, 1)), id="a moved line"),
]


@pytest.mark.parametrize(("before", "after", "hunks"), CASES)
def test_hunks(before, after, hunks):
    assert hunks_between(before.encode(), after.encode()) == hunks


def patched(before, after, hunks):
    old, new = before.split(b"\n"), after.split(b"\n")
    result, at = [], 0
    for old_start, old_count, new_start, new_count in hunks:
        first = old_start - 1 if old_count else old_start
        begin = new_start - 1 if new_count else new_start
        result += old[at:first] + new[begin : begin + new_count]
        at = first + old_count
    return b"\n".join(result + old[at:])


LINES = st.lists(st.sampled_from([b"", b"}", b"a", b"b", b"c", b"return"]), max_size=30)


@given(LINES, LINES)
def test_the_hunks_turn_one_text_into_the_other(old, new):
    before, after = (b"\n".join([*lines, b""]) for lines in (old, new))
    hunks = hunks_between(before, after)
    assert patched(before, after, hunks) == after
    assert list(hunks) == sorted(hunks)


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(lambda number: b"line %d" % number, id="every line unique"),
        pytest.param(lambda number: b"line %d" % (number % 7), id="few different lines"),
        pytest.param(lambda number: b"line %d" % (number // 2), id="every line twice"),
    ],
)
def test_a_5_megabyte_file_is_compared_without_hanging(line):
    lines = [line(number) + b" " * 40 for number in range(100_000)]
    before = b"\n".join(lines)
    chance = random.Random(1)
    for at in chance.sample(range(100_000), 500):
        lines[at] = b"changed %d" % at
    after = b"\n".join(lines)
    started = time.process_time()
    hunks = hunks_between(before, after)
    assert time.process_time() - started < 10
    assert patched(before, after, hunks) == after
