"""Backups of settings files from before context-sync, kept until its entries are removed again."""

from __future__ import annotations

import hashlib
import os

from context_sync.hotpath.namedtuples import NamedTuple
from context_sync.state import files


class Backup(NamedTuple):
    """The state of a settings file before context-sync.

    `file` is its real path, `before` its content without our entries (None: there was no such file), `written` the
    digest of what we wrote last ("": unknown), `folders` the folders made for it, outermost first.
    """

    file: str
    before: bytes | None
    written: str
    folders: tuple[str, ...]


def save(backup: Backup) -> None:
    """Write a backup, replacing that of the same file; raises OSError."""
    name = _name(backup.file)
    if backup.before is not None:
        files.write_bytes(files.path("backups", name + ".before"), backup.before)
    record = {
        "file": backup.file,
        "existed": backup.before is not None,
        "written": backup.written,
        "folders": list(backup.folders),
    }
    files.write_json(files.path("backups", name + ".json"), record)


def load(file: str) -> Backup:
    """Return the backup of a settings file, an empty one when there is none that can be trusted."""
    return _load(file) or Backup(file, b"", "", ())


def are_there() -> bool:
    """Return whether there is any backup, as there is while a settings file has our hooks."""
    return bool(files.names(files.path("backups")))


def load_all() -> list[Backup]:
    """Return all backups."""
    found = []
    for name in sorted(files.names(files.path("backups"))):
        record = files.read_json(files.path("backups", name)) if name.endswith(".json") else None
        found.append(_load(str(record.get("file"))) if record else None)
    return [backup for backup in found if backup]


def discard(file: str) -> None:
    """Delete the backup of a settings file, and the folders that become empty."""
    for end in (".json", ".before"):
        files.remove(files.path("backups", _name(file) + end))
    for folder in (files.path("backups"), files.path()):
        try:
            os.rmdir(folder)
        except OSError:
            return


def _load(file: str) -> Backup | None:
    name = _name(file)
    record = files.read_json(files.path("backups", name + ".json"))
    match record:
        case {"file": str(path), "existed": bool(existed), "written": str(written), "folders": list(folders)}:
            if path != file:
                return None
        case _:
            return None
    try:
        before = _read(files.path("backups", name + ".before")) if existed else None
    except OSError:
        return None
    return Backup(path, before, written, tuple(str(each) for each in folders))


def _name(file: str) -> str:
    return f"{os.path.basename(file)}-{hashlib.sha256(os.fsencode(file)).hexdigest()[:12]}"


def _read(path: str) -> bytes:
    with open(path, "rb") as stream:
        return stream.read()
