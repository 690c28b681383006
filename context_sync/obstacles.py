"""Owns which failures of the system are for a person to solve, and the sentence that says so."""

import errno

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
OBSTACLES = FULL | {errno.EROFS, errno.EACCES, errno.EPERM}


def told(error: BaseException) -> str:
    """Return what is said of a full disk, or of what may not be read or written; "" of all else, which is a bug."""
    if not isinstance(error, OSError) or error.errno not in OBSTACLES:
        return ""
    what = f"{error.filename}: " if error.filename else ""
    return f"{what}{error.strerror}: solve that and run this again."


def is_of_output(error: BaseException) -> bool:
    """Say whether there was no room for what is printed: such an error names no file."""
    return isinstance(error, OSError) and error.errno in FULL and not error.filename
