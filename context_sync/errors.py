"""Failures that the user can solve: the exception for expected ones, and the message for those of the system."""

import errno

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
SOLVABLE = FULL | {errno.EROFS, errno.EACCES, errno.EPERM}


class ContextSyncError(Exception):
    """An expected failure: the message is one sentence that says what happened and what to do.

    The command line prints it on standard error and exits 1; every other exception is a bug.
    """


def system_failure(error: BaseException) -> str:
    """Return the message for a full disk or a missing permission, "" for any other error, which is a bug."""
    if not isinstance(error, OSError) or error.errno not in SOLVABLE:
        return ""
    what = f"{error.filename}: " if error.filename else ""
    return f"{what}{error.strerror}: solve that and run this again."


def is_output_full(error: BaseException) -> bool:
    """Return whether there was no room for standard output: such an error names no file."""
    return isinstance(error, OSError) and error.errno in FULL and not error.filename
