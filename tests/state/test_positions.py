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


def test_commits_are_kept_by_worktree_beside_the_positions():
    assert positions.head("one", "/w") == ""
    positions.write_head("one", "/w", "c" * 40)
    positions.write("one", {"/a.jsonl": 10})
    positions.write_head("one", "/v", "d" * 40)
    assert [positions.head("one", worktree) for worktree in ("/w", "/v", "/u")] == ["c" * 40, "d" * 40, ""]
    assert positions.read("one") == {"/a.jsonl": 10}
    assert positions.head("two", "/w") == ""


@pytest.mark.parametrize("heads", [None, 5, "c", ["/w"]], ids=repr)
def test_commits_that_make_no_sense_are_none(heads: object):
    files.write_json(files.path("positions", "one.json"), {"heads": heads})
    assert positions.head("one", "/w") == ""
