"""A look over the state folder as a whole: who could read or write it, what is in the way, and what is broken."""

from __future__ import annotations

import os
import stat
from fnmatch import fnmatchcase

from context_sync import paths
from context_sync.domain.records import is_session_id
from context_sync.hotpath.namedtuples import TYPE_CHECKING
from context_sync.state import contents, files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LEAST_FREE = 1 << 20  # bytes; a day of several sessions writes less


def folder() -> str:
    """Return the path of the state folder."""
    return paths.state_folder()


def exists() -> bool:
    """Return whether there is a state folder, or anything else in its place."""
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
    """Return whether the disk of the state folder, made or not, has hardly any room for another file."""
    where = paths.state_folder()
    while not os.path.exists(where):
        where = os.path.dirname(where)
    found = os.statvfs(where)
    return found.f_bavail * found.f_frsize < LEAST_FREE or (found.f_files > 0 and not found.f_favail)


def link() -> str:
    """Return where the state folder really is when it is a symbolic link, "" when it is not one."""
    where = paths.state_folder()
    return os.path.realpath(where) if os.path.islink(where) else ""


def foreign() -> list[str]:
    """Return what in the state folder, itself included, belongs to another user."""
    return [path for path, found in _walk() if found.st_uid != os.geteuid()]


def exposed() -> list[str]:
    """Return what in the state folder, itself included, other users may read or write; empty files reveal nothing."""
    return [
        path
        for path, found in _walk()
        if found.st_mode & 0o077 and not stat.S_ISLNK(found.st_mode) and (stat.S_ISDIR(found.st_mode) or found.st_size)
    ]


def broken() -> list[str]:
    """Return what was set aside, and the files that hold no object where one belongs."""
    return [path for path, found in _walk() if _is_broken(path, found)]


def misplaced() -> list[str]:
    """Return what is a file where a folder belongs or the other way round, or has a name that no session can have."""
    return [path for path, found in _walk() if _is_misplaced(os.path.relpath(path, paths.state_folder()), found)]


def close() -> list[str]:
    """Make what `exposed` returns private, and return it."""
    found = exposed()
    for path in found:
        os.chmod(path, stat.S_IMODE(os.stat(path).st_mode) & ~0o077)
    return found


def drop_broken() -> list[str]:
    """Delete what `broken` returns, and return it. Raises OSError for a folder that holds anything."""
    found = broken()
    for path in found:
        _delete(path)
    return found


def drop_misplaced() -> list[str]:
    """Delete what `misplaced` returns, and return it. Raises OSError for a folder that holds anything."""
    found = misplaced()
    for path in reversed(found):
        _delete(path)
    return found


def _delete(path: str) -> None:
    if os.path.isdir(path) and not os.path.islink(path):
        os.rmdir(path)
    else:
        os.unlink(path)


def _is_broken(path: str, found: os.stat_result) -> bool:
    name = os.path.relpath(path, paths.state_folder())
    if name.endswith(".broken"):  # a file that sessions edited may have such a name, too
        return not _is_like(name, contents.folders())
    is_object = any(fnmatchcase(name, each) for each in contents.of_kind("json") if each.count("/") == name.count("/"))
    return is_object and stat.S_ISREG(found.st_mode) and files.read_json(path) is None and os.path.exists(path)


def _is_misplaced(name: str, found: os.stat_result) -> bool:
    if _is_like(name, contents.folders()):
        return not stat.S_ISDIR(found.st_mode)
    if _is_like(name, contents.of_kind("session")):
        return not stat.S_ISREG(found.st_mode) or not is_session_id(os.path.basename(name))
    return _is_like(name, contents.of_kind("file", "json", "lines", "mark")) and stat.S_ISDIR(found.st_mode)


def _is_like(name: str, entries: Iterable[str]) -> bool:
    """Return whether a path is in a place of the table, whatever the last part is called where that may be anything."""
    parts = name.split("/")
    patterns = [entry.split("/") for entry in entries]
    return any(len(parts) == len(each) and all(map(_fits, each, parts)) for each in patterns)


def _fits(pattern: str, part: str) -> bool:
    return "*" in pattern or pattern == part


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
                continue  # sessions go on in the meantime
