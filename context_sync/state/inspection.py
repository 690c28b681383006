"""Owns the look over the state folder as a whole: who could read or write it, and what was set aside."""

from __future__ import annotations

import os
import stat

from context_sync import paths
from context_sync.domain.records import is_session_id
from context_sync.hotpath.namedtuples import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LEAST_FREE = 1 << 20  # bytes; a day of several sessions writes less


def folder() -> str:
    """Return the path of the state folder."""
    return paths.state_folder()


def exists() -> bool:
    """Say whether there is a state folder, or anything else in its place."""
    return os.path.lexists(paths.state_folder())


def obstacle() -> str:
    """Return why nothing can be written into the state folder, "" when it can, also where it is yet to be made."""
    where = paths.state_folder()
    if os.path.islink(where) and not os.path.exists(where):
        return f"{where} is a link to nothing"
    while not os.path.lexists(where) and os.path.dirname(where) != where:
        where = os.path.dirname(where)
    if not os.path.isdir(where):
        return f"{where} is not a folder"
    return "" if os.access(where, os.W_OK | os.X_OK) else f"{where} is read-only"


def is_full() -> bool:
    """Say whether hardly a file can be made any more on the disk that the state folder is on, or will be."""
    where = paths.state_folder()
    while not os.path.exists(where):
        where = os.path.dirname(where)
    found = os.statvfs(where)
    return found.f_bavail * found.f_frsize < LEAST_FREE or (found.f_files > 0 and not found.f_favail)


def link() -> str:
    """Return where the state folder really is when it is a symbolic link, "" when it is none."""
    where = paths.state_folder()
    return os.path.realpath(where) if os.path.islink(where) else ""


def foreign() -> list[str]:
    """Return what in the state folder, itself included, belongs to another user."""
    return [path for path, found in _walk() if found.st_uid != os.geteuid()]


def exposed() -> list[str]:
    """Return what in the state folder, itself included, other users may read or write; empty files tell nothing."""
    return [
        path
        for path, found in _walk()
        if found.st_mode & 0o077 and not stat.S_ISLNK(found.st_mode) and (stat.S_ISDIR(found.st_mode) or found.st_size)
    ]


def set_aside() -> list[str]:
    """Return what was set aside as broken (see `files.read_json`); a file that sessions hold may be called so, too."""
    found = [path for path, _ in _walk() if path.endswith(".broken")]
    return [path for path in found if not _is_like(os.path.relpath(path, paths.state_folder()), FOLDERS)]


def misplaced() -> list[str]:
    """Return what is a file where a folder belongs or the other way round, or is called as no session can be."""
    return [path for path, found in _walk() if _is_misplaced(os.path.relpath(path, paths.state_folder()), found)]


def close() -> list[str]:
    """Take from other users what `exposed` tells of, and return it."""
    found = exposed()
    for path in found:
        os.chmod(path, stat.S_IMODE(os.stat(path).st_mode) & ~0o077)
    return found


def drop_set_aside() -> list[str]:
    """Delete what `set_aside` tells of, and return it. Raises OSError for a folder that holds anything."""
    found = set_aside()
    for path in found:
        _delete(path)
    return found


def drop_misplaced() -> list[str]:
    """Delete what `misplaced` tells of, and return it. Raises OSError for a folder that holds anything."""
    found = misplaced()
    for path in reversed(found):
        _delete(path)
    return found


def _delete(path: str) -> None:
    if os.path.isdir(path) and not os.path.islink(path):
        os.rmdir(path)
    else:
        os.unlink(path)


def _is_misplaced(name: str, found: os.stat_result) -> bool:
    if _is_like(name, FOLDERS):
        return not stat.S_ISDIR(found.st_mode)
    if _is_like(name, NAMED_BY_SESSIONS):
        return not stat.S_ISREG(found.st_mode) or not is_session_id(os.path.basename(name))
    return _is_like(name, FILES) and stat.S_ISDIR(found.st_mode)


def _is_like(name: str, patterns: tuple[tuple[str, ...], ...]) -> bool:
    parts = name.split("/")
    return any(
        len(parts) == len(pattern) and all(each in ("*", part) for each, part in zip(pattern, parts, strict=True))
        for pattern in patterns
    )


def _patterns(*lines: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(each.split("/")) for line in lines for each in line.split())


# Where hooks look for folders, for files, and for files that sessions are named by: what else is there is in their way.
FOLDERS = _patterns(
    "alerts backups fingerprints gate mail names positions receipts repositories seats sessions summaries touches",
    "fingerprints/* gate/* mail/* repositories/*",
    "gate/*/client gate/*/conflicts gate/*/later gate/*/pending gate/*/recording gate/*/repositories",
    "mail/*/cur mail/*/new mail/*/tmp",
    "repositories/*/held repositories/*/holders repositories/*/members repositories/*/held/*",
)
FILES = _patterns(
    "alerts/* names/* positions/* receipts/* seats/* sessions/* summaries/* touches/*",
    "fingerprints/*/* mail/*/new/* gate/*/*/*",
)
NAMED_BY_SESSIONS = _patterns("repositories/*/holders/* repositories/*/members/* repositories/*/held/*/*")


def _walk() -> Iterator[tuple[str, os.stat_result]]:
    top = paths.state_folder()
    if os.path.isdir(top):
        yield top, os.stat(top)
    for where, folders, names in os.walk(top):
        for name in sorted((*folders, *names)):
            path = os.path.join(where, name)
            try:
                yield path, os.lstat(path)
            except FileNotFoundError:
                continue  # sessions go on while one looks
