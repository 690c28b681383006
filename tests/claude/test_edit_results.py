from pathlib import Path

import pytest

from context_sync.claude import edit_results


def test_what_the_client_told_of_an_edit_of_its_own(tmp_path: Path):
    file = tmp_path / "w.py"
    file.write_text("x = 1\ny = 2\nz = 3\n")
    assert edit_results.make(str(file), "y = 2", "y = 3\nyy = 4") == {  # recorded with 2.1.328, but for the path
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
