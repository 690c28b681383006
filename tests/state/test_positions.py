import pytest

from context_sync.state import files, positions


def test_positions_are_kept_by_transcript():
    assert positions.read("one") == {}
    positions.write("one", {"/a.jsonl": 10, "/b/\udcff.jsonl": 0})
    assert positions.read("one") == {"/a.jsonl": 10, "/b/\udcff.jsonl": 0}
    assert positions.read("two") == {}


@pytest.mark.parametrize("position", [-1, "5", None, 1.5, [1]])
def test_a_position_that_is_none_is_left_out(position: object):
    files.write_json(files.path("positions", "one.json"), {"/a.jsonl": position, "/b.jsonl": 7})
    assert positions.read("one") == {"/b.jsonl": 7}
