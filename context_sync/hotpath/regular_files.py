"""Reading of files that anyone may have put there: never waits for what is not a regular file, never endless."""

import os
import stat

MAX_SIZE = 16 << 20  # bytes


def read(path: str, limit: int = MAX_SIZE) -> bytes:
    """Return at most `limit` bytes of a file; raises OSError, also for a pipe, a device or a folder."""
    with open(opened(path), "rb") as stream:
        return stream.read(limit)


def opened(path: str) -> int:
    """Return an open descriptor of a file, to be closed by the caller; raises OSError as `read` does."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise OSError(f"{path} is not a regular file")


def as_git_has_it(path: str, limit: int = MAX_SIZE) -> bytes:
    """Return what git stores for a path in a worktree: the target of a link, otherwise the content of the file."""
    return os.fsencode(os.readlink(path)) if os.path.islink(path) else read(path, limit)
