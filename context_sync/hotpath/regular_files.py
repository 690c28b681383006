"""Owns reading a file that anybody may have put there: one that is no file is not waited for, and none is endless."""

import os
import stat

LARGEST = 16 << 20  # bytes


def read(path: str, limit: int = LARGEST) -> bytes:
    """Return what is in a file, `limit` bytes of it at most; raises OSError, also for a pipe, a device or a folder."""
    with open(opened(path), "rb") as stream:
        return stream.read(limit)


def opened(path: str) -> int:
    """Return a descriptor of a file, to be read and closed; raises OSError, also for a pipe, a device or a folder."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise OSError(f"{path} is no file")


def as_git_has_it(path: str, limit: int = LARGEST) -> bytes:
    """Return what git keeps of a path in a worktree: of a link where it leads, else what is in the file."""
    return os.fsencode(os.readlink(path)) if os.path.islink(path) else read(path, limit)
