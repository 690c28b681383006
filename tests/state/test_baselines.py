import json
from pathlib import Path

import pytest

from context_sync import paths
from context_sync.state import baselines
from context_sync.state.baselines import Known

OUTLINE = [("A", "class", 1, 3, -1), ("A.f", "method", 2, 3, 0)]
KNOWN = Known("f" * 64, {"A": "1" * 16, "A.f": "2" * 16}, OUTLINE)


def file() -> Path:
    (found,) = Path(paths.state_folder(), "fingerprints").rglob("*.json")
    return found


def test_what_is_known_of_a_file_comes_back():
    assert baselines.read("/w", "a.py") is None
    baselines.write("/w", "a.py", KNOWN)
    assert baselines.read("/w", "a.py") == KNOWN
    assert baselines.read("/w", "b.py") is None
    assert baselines.read("/v", "a.py") is None


OUTLINES = [
    pytest.param(None, id="nothing"),
    pytest.param("text", id="a text"),
    pytest.param([1, 2], id="numbers"),
    pytest.param([["A", "class", 1, 3]], id="too short"),
    pytest.param([["A", "class", 1, 3, -1, 0]], id="too long"),
    pytest.param([["A", "class", "1", 3, -1]], id="a text for a line"),
    pytest.param([["A", "class", True, 3, -1]], id="a truth for a line"),
    pytest.param([["A", "class", 1, 3, -1], ["B", None, 4, 5, -1]], id="one of two broken"),
]


@pytest.mark.parametrize("outline", OUTLINES)
def test_an_outline_that_makes_no_sense_is_none(outline: object):
    baselines.write("/w", "a.py", KNOWN)
    file().write_text(json.dumps(json.loads(file().read_text()) | {"outline": outline}))
    assert baselines.read("/w", "a.py") == KNOWN._replace(outline=[])


def test_what_an_earlier_version_wrote_is_read():
    baselines.write("/w", "a.py", KNOWN)
    file().write_text(json.dumps({"path": "a.py", "text": KNOWN.text, "symbols": KNOWN.symbols}))
    assert baselines.read("/w", "a.py") == KNOWN._replace(outline=[])


@pytest.mark.parametrize("text", ["", "[]", "{", '{"text": "x", "symbols": []}'], ids=repr)
def test_a_broken_file_tells_nothing(text: str):
    baselines.write("/w", "a.py", KNOWN)
    file().write_text(text)
    assert baselines.read("/w", "a.py") is None
