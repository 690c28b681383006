"""Projects by name: which repository a folder or a name stands for."""

import os

from context_sync import paths
from context_sync.domain import wording
from context_sync.errors import ContextSyncError
from context_sync.git import checkouts
from context_sync.state import gate, sessions


def repository_of(project: str, folder: str = "") -> str:
    """Return the identity of the repository `project`: a folder, or the name of one in which sessions are working.

    "" stands for the repository around `folder`, by default the current folder. Raises ContextSyncError when there is
    no such project, or the folder was deleted.
    """
    place = os.path.expanduser(project) if project else folder or paths.current_folder()
    if os.path.isdir(place):
        found = checkouts.checkout_of(place)
        return found.repository if found else os.path.realpath(place)
    known = {session.repository for session in sessions.live(gate.registered())}
    named = sorted(each for each in known if _name(each) == project)
    if len(named) == 1:
        return named[0]
    there = sorted(wording.plain(each.removesuffix("/.git"), wording.LONGEST_PATH) for each in named or known)
    raise ContextSyncError(
        f"{project!r} is neither a folder nor a repository with live sessions. These are: "
        f"{wording.listed(there) or 'none'}."
    )


def _name(repository: str) -> str:
    return os.path.basename(repository.removesuffix("/.git"))
