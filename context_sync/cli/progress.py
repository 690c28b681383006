"""Progress of a slow command, shown only on a terminal."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

ERASE = "\r\033[K"


@contextmanager
def shown(what: str) -> Iterator[None]:
    """Show what is being done on standard error until the block ends, and erase it then."""
    visible = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    if visible:
        print(f"{what} …", end="", file=sys.stderr, flush=True)
    try:
        yield
    finally:
        if visible:
            print(ERASE, end="", file=sys.stderr, flush=True)
