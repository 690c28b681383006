import errno
import os

import pytest

from context_sync import errors


@pytest.mark.parametrize(
    ("number", "file", "message"),
    [
        pytest.param(errno.ENOSPC, "/x", "/x: No space left on device: solve that and run this again.", id="full"),
        pytest.param(errno.EROFS, "/x", "/x: Read-only file system: solve that and run this again.", id="read-only"),
        pytest.param(errno.EACCES, None, "Permission denied: solve that and run this again.", id="no file's name"),
        pytest.param(errno.EINVAL, "/x", "", id="a call that was wrong"),
        pytest.param(errno.ENOENT, "/x", "", id="a file that is expected"),
    ],
)
def test_what_the_user_can_solve_has_a_message(number: int, file: str | None, message: str):
    assert errors.system_failure(OSError(number, os.strerror(number), file)) == message


def test_what_is_no_failure_of_the_system_is_a_bug():
    assert errors.system_failure(ValueError("oh")) == ""


@pytest.mark.parametrize("name", ["ENOSPC", "EDQUOT", "EFBIG", "EROFS", "EACCES", "EPERM"])
def test_every_solvable_failure_has_a_message(name: str):
    number = getattr(errno, name)
    assert errors.system_failure(OSError(number, os.strerror(number))).startswith(os.strerror(number))


@pytest.mark.parametrize(
    ("number", "file", "is_of_output"),
    [
        pytest.param(errno.ENOSPC, None, True, id="no room, and no file"),
        pytest.param(errno.ENOSPC, "/x", False, id="no room for a file"),
        pytest.param(errno.EACCES, None, False, id="something else"),
    ],
)
def test_no_room_for_the_output_names_no_file(number: int, file: str | None, is_of_output: bool):
    assert errors.is_output_full(OSError(number, os.strerror(number), file)) == is_of_output
