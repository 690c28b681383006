"""Reading and writing of the state folder's files: private, atomic, and never trusted when read."""

from __future__ import annotations

import os
import time
from _thread import get_ident  # `threading` itself takes 2 ms

from context_sync import paths
from context_sync.hotpath import json_codec
from context_sync.hotpath.namedtuples import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

TRIES = 3  # to make a folder that other processes remove when it is empty
GRACE = 0.05  # seconds after which a process that opened a file without a lock has appended to it
LOCK_TIMEOUT = 1.0  # seconds to wait for a lock, at least; only a stopped process holds one that long
POLL_INTERVAL = 0.002  # seconds between two attempts


_known: tuple[tuple[str | None, ...], str] = ((), "")  # the environment that names the state folder, and its path


def path(*parts: str) -> str:
    """Return a path in the state folder."""
    global _known
    named_by = os.environ.get("CLAUDE_CONFIG_DIR"), os.environ.get("HOME")
    if named_by != _known[0]:
        _known = named_by, paths.state_folder()
    return "/".join((_known[1], *parts))


def write_bytes(where: str, text: bytes) -> None:
    """Replace the file `where` with `text` atomically: a reader sees the old or the new text, never a part."""
    folder_of(where)
    _replace(where, text)


def write_json(where: str, value: object) -> None:
    """Replace the file `where` with `value`, as `write_bytes` does."""
    write_bytes(where, json_codec.dumps(value) + b"\n")


def read_json(where: str) -> dict[str, Any] | None:
    """Return the object in the file `where`, None when it is missing or holds anything else."""
    return object_of(read_bytes(where))


def change_json(where: str, change: Callable[[dict[str, Any]], dict[str, Any] | None]) -> bool:
    """Replace the object in the file `where` with what `change` returns for it, unless that is None.

    No other change to the file comes between reading and writing. Returns False when there is no object to change.
    """
    while True:
        try:
            descriptor = os.open(where, os.O_RDWR | os.O_NOFOLLOW)
        except OSError:  # also for a link or a folder in its place
            return False
        try:
            _lock(descriptor)
            if _is_replaced(descriptor, where):
                continue
            known = object_of(_read_from(descriptor, 0))
            changed = None if known is None else change(known)
            if changed is not None:
                _replace(where, json_codec.dumps(changed) + b"\n")
            return known is not None
        finally:
            os.close(descriptor)


def append_lines(where: str, values: list[dict[str, Any]]) -> None:
    """Append one JSON line per value in a single write, so that other writers cannot interleave theirs."""
    folder_of(where)
    _append(where, _lines(values))


def rewrite_lines(where: str, wanted: Callable[[dict[str, Any]], bool]) -> None:
    """Remove the objects that are not wanted from a JSON Lines file atomically; lines appended meanwhile stay.

    A file that cannot be opened, or is a link, is left as it is.
    """

    def kept(text: bytes) -> bytes:
        lines = text.splitlines(keepends=True)
        return b"".join(line for line in lines if (value := object_of(line)) is not None and wanted(value))

    _rewrite(where, kept)


def replace_lines(where: str, make: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> None:
    """Replace the objects of a JSON Lines file with what `make` returns for them, as `rewrite_lines` does."""
    _rewrite(where, lambda text: _lines(make(_objects(text))))


def _rewrite(where: str, make: Callable[[bytes], bytes]) -> None:
    try:
        descriptor = os.open(where, os.O_RDWR | os.O_NOFOLLOW)
    except OSError:
        return
    try:
        _lock(descriptor)
        if _is_replaced(descriptor, where):
            return  # another process did it
        text = _read_from(descriptor, 0)
        made = make(text)
        if made != text:
            _replace(where, made)
            time.sleep(GRACE)
            late = _read_from(descriptor, len(text))
            if late:
                _append(where, late)
    finally:
        os.close(descriptor)


def read_lines(where: str) -> list[dict[str, Any]]:
    """Return the objects of a JSON Lines file, skipping truncated or broken lines; none when the file is missing."""
    return _objects(read_bytes(where))


def object_of(line: bytes) -> dict[str, Any] | None:
    """Return the object in a line of JSON, None when it is anything else."""
    try:
        value = json_codec.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def read_bytes(where: str) -> bytes:
    """Return the text of a file, empty when it is missing or cannot be read."""
    try:
        with open(where, "rb") as stream:
            return stream.read()
    except OSError:
        return b""


def beginning(where: str, size: int) -> bytes:
    """Return the first bytes of a file, empty when it is missing or cannot be read."""
    try:
        with open(where, "rb") as stream:
            return stream.read(size)
    except OSError:
        return b""


def mark(where: str) -> None:
    """Create an empty file, or set the time of an existing one to now."""
    folder_of(where)
    os.close(os.open(where, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600))


def names(where: str) -> list[str]:
    """Return the names in a folder, none when it is missing."""
    try:
        return os.listdir(where)
    except (FileNotFoundError, NotADirectoryError):
        return []


def stamp(where: str) -> tuple[int, ...]:
    """Return a value that changes with every change of a file, empty when it is missing."""
    try:
        found = os.stat(where)
    except OSError:
        return ()
    return found.st_mtime_ns, found.st_size, found.st_ino


def time_of(where: str) -> float:
    """Return when a file was last written, in seconds since the epoch; 0 when it is missing."""
    try:
        return os.stat(where).st_mtime
    except OSError:
        return 0.0


def move(where: str, to: str) -> None:
    """Rename a file, which may no longer exist."""
    try:
        os.replace(where, to)
    except FileNotFoundError:
        pass


def remove(where: str) -> None:
    """Delete a file, which may no longer exist."""
    try:
        os.unlink(where)
    except (FileNotFoundError, NotADirectoryError):
        pass


def make_folder(where: str) -> None:
    """Make a folder and its missing parents, with mode 0700."""
    for left in reversed(range(TRIES)):
        try:
            _make_missing(where)
            break
        except FileNotFoundError:  # another process just removed one of them, as it was empty
            if not left:
                raise


def remove_folder(where: str) -> None:
    """Delete a folder if it is empty; one that is missing or in use is left alone."""
    try:
        os.rmdir(where)
    except OSError:
        pass


def folder_of(where: str) -> None:
    """Make the folder for the file `where`, with mode 0700, if it is missing."""
    parent = os.path.dirname(where)
    if not os.path.isdir(parent):
        make_folder(parent)


def _make_missing(where: str) -> None:
    missing = []  # os.makedirs applies its mode to the last folder only
    while where and not os.path.isdir(where):
        missing.append(where)
        where = os.path.dirname(where)
    for each in reversed(missing):
        try:
            os.mkdir(each, 0o700)
        except FileExistsError:
            if not os.path.isdir(each):
                raise


def write_all(descriptor: int, text: bytes, where: str) -> None:
    """Write all of `text` to the open file `where`: on a full disk the kernel may accept a part before it fails."""
    try:
        while text:
            text = text[os.write(descriptor, text) :]
    except OSError as error:
        error.filename = where  # tells it apart from a full disk under standard output
        raise


def is_cut(descriptor: int) -> bool:
    """Return whether a file's last line is incomplete: its writer was killed, or the disk was full."""
    size = os.fstat(descriptor).st_size
    return size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"


def _lines(values: list[dict[str, Any]]) -> bytes:
    return b"".join(json_codec.dumps(value) + b"\n" for value in values)


def _objects(text: bytes) -> list[dict[str, Any]]:
    return json_codec.objects(text.split(b"\n")) if text else []


def _replace(where: str, text: bytes) -> None:
    temporary = f"{where}.{os.getpid()}-{get_ident()}.tmp"  # the MCP server has several threads
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        try:
            write_all(descriptor, text, where)
        finally:
            os.close(descriptor)
        os.replace(temporary, where)
    except BaseException:
        remove(temporary)
        raise


def _append(where: str, lines: bytes) -> None:
    descriptor = os.open(where, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        _lock(descriptor)
        write_all(descriptor, b"\n" + lines if is_cut(descriptor) else lines, where)
        is_replaced = _is_replaced(descriptor, where)
    finally:
        os.close(descriptor)
    if is_replaced:
        _append(where, lines)


def _lock(descriptor: int) -> None:
    """Lock a file until it is closed; go on without a lock when others keep it locked or the file system has no locks.

    Others include threads of this process. A record lock would not exclude them, and the process would lose it when
    it closes any descriptor of the file.
    """
    import fcntl  # 0.2 ms where it is not built in, and only needed for writing

    # Not by a clock: this process itself may have been stopped in the meantime.
    for _ in range(max(round(LOCK_TIMEOUT / POLL_INTERVAL), 1)):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(POLL_INTERVAL)
        except OSError:
            return
        else:
            return


def _is_replaced(descriptor: int, where: str) -> bool:
    """Return whether `where` is now another file than the one that was opened; False when it was removed."""
    try:
        return not os.path.samestat(os.fstat(descriptor), os.stat(where))
    except FileNotFoundError:
        return False


def _read_from(descriptor: int, position: int) -> bytes:
    parts = []
    while part := os.pread(descriptor, 1 << 20, position):
        parts.append(part)
        position += len(part)
    return b"".join(parts)
