"""Repositories: `repositories/<key>/` shows which sessions work in one and which files each of them holds.

`members/<id>` is an empty file per session, `holders/<id>` one per session that edited a file there,
`held/<base name>/<id>` one per file that a session edited; `reconciled` carries the time of the last look at what
became of all sessions. The shell gate finds all three by name alone, however many sessions and files there are.
"""

import os
import time
from itertools import combinations

from context_sync.hotpath import hashing
from context_sync.state import files, gate

LONGEST_NAME = 255  # bytes of a file's name, as most file systems have it
PAUSE = 60.0  # seconds between two looks at what became of the sessions of a repository


def join(session_id: str, repository: str) -> None:
    """Note that the session works in `repository`, its own or one that it edited a file of."""
    key = _key(repository)
    for member in (
        files.path("repositories", key, "members", session_id),
        gate.repository(session_id, key),
    ):
        if not os.path.exists(member):
            files.mark(member)


def members(repository: str) -> list[str]:
    """Return the ids of the sessions that work in `repository`, including those whose end was not noticed yet."""
    return files.names(files.path("repositories", _key(repository), "members"))


def hold(session_id: str, repository: str, path: str) -> None:
    """Note that the session holds the file `path` of `repository`."""
    if not _can_be(path):
        return
    holding = files.path("repositories", _key(repository), "holders", session_id)
    for holder in (holding, os.path.join(_held(repository, path), session_id)):
        if not os.path.exists(holder):
            files.mark(holder)


def holders(repository: str, path: str) -> list[str]:
    """Return the ids of the sessions that hold a file of this base name; their touches say which one it is."""
    return files.names(_held(repository, path)) if _can_be(path) else []


def meetings() -> set[tuple[str, str]]:
    """Return the pairs of sessions, each in order, that hold files of one repository and one base name."""
    met: set[tuple[str, str]] = set()
    for key in files.names(files.path("repositories")):
        held = files.path("repositories", key, "held")
        for name in files.names(held):
            met.update(combinations(sorted(files.names(os.path.join(held, name))), 2))
    return met


def leave(session_id: str, home: str) -> None:
    """Take the session out of `home`, its own repository, and out of every other that it worked in."""
    for key in {_key(home), *gate.repositories(session_id)}:
        held = files.path("repositories", key, "held")
        for name in files.names(held):
            files.remove(os.path.join(held, name, session_id))
            files.remove_folder(os.path.join(held, name))
        for name in ("holders", "members"):
            files.remove(files.path("repositories", key, name, session_id))


def is_reconciling_due(repository: str) -> bool:
    """Return whether the last look is long ago; where there was none, the time until the first begins now."""
    where = _reconciled(repository)
    last = files.time_of(where)
    if not last:
        files.mark(where)
    return bool(last) and not 0 <= time.time() - last < PAUSE


def reconciling(repository: str) -> None:
    """Note that a look at what became of the sessions of the repository begins."""
    files.mark(_reconciled(repository))


def _reconciled(repository: str) -> str:
    return files.path("repositories", _key(repository), "reconciled")


def _can_be(path: str) -> bool:
    """Return whether there can be such a file, whatever Claude Code said."""
    return 0 < len(os.fsencode(os.path.basename(path))) <= LONGEST_NAME


def _held(repository: str, path: str) -> str:
    return files.path("repositories", _key(repository), "held", os.path.basename(path))


def _key(repository: str) -> str:
    digest = hashing.sha256(os.fsencode(repository)).hexdigest()[:16]
    folder = repository.removesuffix("/.git").rpartition("/")[2]
    readable = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in folder)
    return f"{readable[:40]}-{digest}"
