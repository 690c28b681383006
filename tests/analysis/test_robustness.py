from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from context_sync.analysis.changes import Change
from context_sync.analysis.judge import judge

PATHS = ("a.py", "a.ts", "a.tsx", "a.js", "a.go", "a.rs", "a.java", "a.vue", "a.ipynb", "a.md", "a.json", "a.bin")

SOURCE = b"""\
import os

def first(a, b=1, *rest, key=None, **others):
    return second(a)

class Thing(Base):
    def go(self):
        return first(self, 2, *[3], key=4)
"""

texts = st.one_of(
    st.none(),
    st.binary(max_size=60),
    st.tuples(st.integers(0, len(SOURCE)), st.integers(0, len(SOURCE)), st.binary(max_size=12)).map(
        lambda cut: SOURCE[: cut[0]] + cut[2] + SOURCE[cut[1] :]
    ),
)


@settings(max_examples=150)
@given(path=st.sampled_from(PATHS), base=texts, mine=texts, theirs=texts)
def test_no_text_makes_it_raise(path: str, base: bytes | None, mine: bytes | None, theirs: bytes | None):
    verdicts = judge([Change(path, base, mine)], [Change(path, base, theirs)], apart=False)
    assert len([verdict for verdict in verdicts if not verdict.dependency]) <= 1


MARKED = b"def f():\n<<<<<<< HEAD\n    return 1\n=======\n    return 2\n>>>>>>> other\n"


@pytest.mark.parametrize(
    ("path", "base", "mine", "theirs"),
    [
        pytest.param(
            "a.py", SOURCE, SOURCE[:70], SOURCE + b"def new():\n    return first(1)\n", id="half-written file"
        ),
        pytest.param("a.py", SOURCE, MARKED, SOURCE + b"\n", id="merge marks in the file"),
        pytest.param(
            "a.py",
            b"\xef\xbb\xbf" + SOURCE,
            SOURCE,
            b"\xef\xbb\xbf" + SOURCE + b"x = 1\n",
            id="byte-order mark taken away",
        ),
        pytest.param("a.py", SOURCE, SOURCE.replace(b"\n", b"\r\n"), SOURCE + b"x = 1\n", id="line ends changed"),
        pytest.param("a.py", SOURCE, SOURCE.replace(b"go", b"\xff\xfe"), SOURCE + b"x = 1\n", id="bad UTF-8"),
    ],
)
def test_bad_input_still_gets_a_verdict(path: str, base: bytes, mine: bytes, theirs: bytes):
    verdicts = judge([Change(path, base, mine)], [Change(path, base, theirs)])
    assert verdicts[0].path == path


def test_a_generated_line_of_5_mb_is_judged_as_a_file_in_time():
    line = b"var a=function(){return b(1,2)};" * 160_000
    start = process_time()
    [verdict] = judge([Change("a.js", line, b"x;" + line)], [Change("a.js", line, line + b"y;")])
    assert verdict.level == "merge"
    assert verdict.symbols == ()
    assert process_time() - start < 60


def test_a_file_of_20000_changed_lines_is_judged_in_time():
    def text(value: int) -> bytes:
        return b"".join(b"def f%d(a):\n    x = %d\n    return f%d(x)\n\n\n" % (n, value, n + 1) for n in range(4_000))

    start = process_time()
    verdicts = judge([Change("a.py", text(1), text(2))], [Change("a.py", text(1), text(3))])
    assert verdicts[0].level == "merge"
    assert process_time() - start < 30
