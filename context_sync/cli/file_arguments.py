"""Files named on the command line, located in their repositories."""

import os
from typing import NamedTuple

from context_sync import paths
from context_sync.errors import ContextSyncError
from context_sync.git import checkouts
from context_sync.git.checkouts import Checkout


class Named(NamedTuple):
    """A file of a repository; `path` is relative to the root of the worktree."""

    place: Checkout
    path: str


def place_here() -> Checkout:
    """Return the worktree around the current folder; without git it is the folder itself.

    Raises ContextSyncError when that folder was deleted.
    """
    here = os.path.realpath(paths.current_folder())
    return checkouts.checkout_of(here) or Checkout(here, here, "")


def named(path: str) -> Named:
    """Return the file named on the command line, which may no longer exist.

    Raises ContextSyncError when it is outside the worktree that it is looked for in, and for a path relative to a
    folder that was deleted.
    """
    real = os.path.realpath(path if os.path.isabs(path) else os.path.join(paths.current_folder(), path))
    folder = os.path.dirname(real)
    while not os.path.isdir(folder):
        folder = os.path.dirname(folder)
    place = checkouts.checkout_of(folder) or place_here()
    relative = os.path.relpath(real, place.worktree)
    if relative.startswith(".."):
        raise ContextSyncError(f"{path} is neither in a repository nor below this folder: name a file of a repository.")
    return Named(place, relative)
