import errno
import os

import pytest

from context_sync import obstacles


@pytest.mark.parametrize(
    ("number", "file", "told"),
    [
        pytest.param(errno.ENOSPC, "/x", "/x: No space left on device: solve that and run this again.", id="full"),
        pytest.param(errno.EROFS, "/x", "/x: Read-only file system: solve that and run this again.", id="read-only"),
        pytest.param(errno.EACCES, None, "Permission denied: solve that and run this again.", id="no file's name"),
        pytest.param(errno.EINVAL, "/x", "", id="a call that was wrong"),
        pytest.param(errno.ENOENT, "/x", "", id="a file that is expected"),
    ],
)
def test_what_a_person_can_solve_is_told_in_a_sentence(number: int, file: str | None, told: str):
    assert obstacles.told(OSError(number, os.strerror(number), file)) == told


def test_what_is_no_failure_of_the_system_is_a_bug():
    assert obstacles.told(ValueError("oh")) == ""


@pytest.mark.parametrize("name", ["ENOSPC", "EDQUOT", "EFBIG", "EROFS", "EACCES", "EPERM"])
def test_every_obstacle_is_told(name: str):
    number = getattr(errno, name)
    assert obstacles.told(OSError(number, os.strerror(number))).startswith(os.strerror(number))


@pytest.mark.parametrize(
    ("number", "file", "is_of_output"),
    [
        pytest.param(errno.ENOSPC, None, True, id="no room, and no file"),
        pytest.param(errno.ENOSPC, "/x", False, id="no room for a file"),
        pytest.param(errno.EACCES, None, False, id="something else"),
    ],
)
def test_no_room_for_the_output_names_no_file(number: int, file: str | None, is_of_output: bool):
    assert obstacles.is_of_output(OSError(number, os.strerror(number), file)) == is_of_output
