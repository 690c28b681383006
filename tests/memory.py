"""A folder in memory, where the system has one, for files that are made and removed again and again.

On a disk that costs more each time: ext4 looks at every file that went in the last seconds before it makes a new one.
"""

import os
import tempfile

_MEMORY = "/dev/shm"


def folder(name: str) -> tempfile.TemporaryDirectory[str]:
    """Return a folder whose name begins with `context-sync-NAME-`, to be used with `with`."""
    where = _MEMORY if os.access(_MEMORY, os.W_OK) else None
    return tempfile.TemporaryDirectory(prefix=f"context-sync-{name}-", dir=where)
