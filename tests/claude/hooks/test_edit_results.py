from pathlib import Path

import pytest

from context_sync.claude.hooks import edit_results


def test_the_result_is_that_of_claude_code(tmp_path: Path):
    file = tmp_path / "w.py"
    file.write_text("x = 1\ny = 2\nz = 3\n")
    assert edit_results.make(str(file), "y = 2", "y = 3\nyy = 4") == {  # recorded with 2.1.328, except the path
        "filePath": str(file),
        "oldString": "y = 2",
        "newString": "y = 3\nyy = 4",
        "originalFile": "x = 1\ny = 2\nz = 3\n",
        "structuredPatch": [
            {
                "oldStart": 1,
                "oldLines": 3,
                "newStart": 1,
                "newLines": 4,
                "lines": [" x = 1", "-y = 2", "+y = 3", "+yy = 4", " z = 3"],
            }
        ],
        "userModified": False,
        "replaceAll": False,
    }
    assert file.read_text() == "x = 1\ny = 3\nyy = 4\nz = 3\n"


def test_a_text_that_is_not_there_is_refused_and_the_file_stays(tmp_path: Path):
    file = tmp_path / "w.py"
    file.write_bytes(b"x = 1\r\n")
    with pytest.raises(ValueError, match="'y' is not in"):
        edit_results.make(str(file), "y", "z")
    assert file.read_bytes() == b"x = 1\r\n"


def test_a_last_line_without_its_end_is_marked():
    (hunk,) = edit_results.structured_patch("a\nb", "a\nb\n")
    assert hunk["lines"] == [" a", "-b", "\\ No newline at end of file", "+b"]


@pytest.mark.parametrize("line", [0, 1, 30_000, 59_998, 59_999])
def test_one_line_of_very_many_that_are_alike(line: int):
    lines = ["    return None\n"] * 60_000  # comparing each with each takes half an hour
    before = "".join(lines)
    lines[line] = "    return 1\n"
    (hunk,) = edit_results.structured_patch(before, "".join(lines))
    above, below = min(line, 3), min(59_999 - line, 3)
    assert [hunk[name] for name in ("oldStart", "newStart")] == [line - above + 1] * 2
    assert [hunk[name] for name in ("oldLines", "newLines")] == [above + 1 + below] * 2
    assert hunk["lines"] == [
        *["     return None"] * above,
        *["-    return None", "+    return 1"],
        *["     return None"] * below,
    ]


def test_changes_that_are_near_share_a_hunk():
    before = "".join(f"{each}\n" for each in range(40))
    after = before.replace("\n3\n", "\n3!\n").replace("\n10\n", "\n").replace("\n18\n", "\n18\nnew\n")
    hunks = edit_results.structured_patch(before, after)
    ranges = [[hunk[name] for name in ("oldStart", "oldLines", "newStart", "newLines")] for hunk in hunks]
    assert ranges == [[1, 14, 1, 13], [17, 6, 16, 7]]
    assert hunks[1]["lines"] == [" 16", " 17", " 18", "+new", " 19", " 20", " 21"]
