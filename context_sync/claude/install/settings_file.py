"""Claude Code's settings files: where they are, reading them, and replacing them atomically."""

import hashlib
import os
import stat
import tempfile
import time
from typing import NamedTuple

from context_sync import paths
from context_sync.claude.install import hooks_entry as entries
from context_sync.claude.install import status_line_entry
from context_sync.errors import ContextSyncError
from context_sync.git import checkouts

SCOPES = ("user", "project")

ABANDONED = 60.0  # seconds after which a draft must be from a process that was killed

UNCHANGED = "so nothing was changed: solve that, and run this again."


class Settings(NamedTuple):
    """A settings file: its real path and its bytes, None when there is no such file."""

    file: str
    content: bytes | None

    @property
    def text(self) -> str:
        """The content as text; raises ContextSyncError when it is not UTF-8."""
        try:
            return (self.content or b"").decode("utf-8")
        except UnicodeDecodeError as error:
            raise ContextSyncError(f"it is not UTF-8 text ({error.reason} at byte {error.start})") from error


def digest(content: bytes) -> str:
    """Return the SHA-256 of a file's content, which identifies what we wrote."""
    return hashlib.sha256(content).hexdigest()


def without_hooks(found: Settings, written: str, before: bytes | None) -> bytes | None:
    """Return what a settings file would contain without us, None when it would not exist.

    `written` is the digest of what we wrote last, `before` the content from before that, which is returned if the
    file was not changed since. Raises ContextSyncError when Claude Code could not read the file.
    """
    if found.content is None:
        return None
    if digest(found.content) == written:
        return before
    if not entries.registered(found.text) and not status_line_entry.registered(found.text):
        return found.content
    earlier = (before or b"").decode()
    text = entries.unregister(status_line_entry.unregister(found.text, earlier), earlier)
    return None if before is None and entries.is_empty(text) else text.encode()


def path_for(scope: str, folder: str) -> str:
    """Return the settings file of a scope that applies in `folder`.

    For a project it is the local one next to the main worktree's `.git`: the shared `settings.json` would give one
    machine's paths to everyone, and Claude Code reads the local one in all worktrees and subfolders (seen in 2.1.328).
    """
    if scope == "user":
        return os.path.join(paths.claude_folder(), "settings.json")
    return os.path.join(project_of(folder), ".claude", "settings.local.json")


def project_of(folder: str) -> str:
    """Return the folder of the project that `folder` is in: its main worktree, or the folder itself without git."""
    checkout = checkouts.checkout_of(folder)
    if checkout is None:
        return os.path.realpath(folder)
    main, name = os.path.split(checkout.repository)
    return main if name == ".git" else checkout.worktree


def read(path: str) -> Settings:
    """Read a settings file, through symbolic links; raises ContextSyncError when it cannot be read."""
    file = os.path.realpath(path)
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise ContextSyncError(f"{path} is not a regular file, so nothing was changed: move it away.")
        with open(path, "rb") as stream:
            return Settings(file, stream.read())
    except FileNotFoundError:
        return Settings(file, None)
    except OSError as error:
        raise ContextSyncError(
            f"{path} cannot be read ({error.strerror}), so nothing was changed: make it readable."
        ) from error


def check_writable(settings: Settings) -> None:
    """Raise ContextSyncError when the file, or the folder it is in, is read-only.

    The mode counts, too, since root can write regardless of it.
    """
    existing = settings.file
    while not os.path.lexists(existing):
        existing = os.path.dirname(existing)
    for path in (existing, existing if settings.content is None else os.path.dirname(existing)):
        if not os.access(path, os.W_OK) or not os.stat(path).st_mode & 0o222:
            raise ContextSyncError(f"{path} is read-only, so nothing was changed: make it writable.")


def replace(settings: Settings, content: bytes) -> None:
    """Replace the file's content atomically, keeping its mode and owner; its folder must exist.

    Raises ContextSyncError, and leaves the file as it is, when that fails or the file was changed meanwhile.
    """
    try:
        _replace(settings, content)
    except OSError as error:
        message = f"{settings.file} cannot be written ({error.strerror}), {UNCHANGED}"
        raise ContextSyncError(message) from error


def delete(settings: Settings) -> None:
    """Delete the file; raises ContextSyncError when that fails."""
    try:
        _remove_abandoned(settings.file)
        os.unlink(settings.file)
    except OSError as error:
        raise ContextSyncError(f"{settings.file} cannot be deleted ({error.strerror}): delete it by hand.") from error


def make_folders(folder: str) -> list[str]:
    """Make a folder and its missing parents, with mode 0700, and return those made, outermost first."""
    if os.path.isdir(folder):
        return []
    made = make_folders(os.path.dirname(folder))
    os.mkdir(folder, 0o700)
    return [*made, folder]


def remove_folders(folders: list[str]) -> None:
    """Remove the empty ones of the folders, which are given outermost first."""
    for folder in reversed(folders):
        try:
            os.rmdir(folder)
        except OSError:
            continue  # it contains other files, or no longer exists


def _replace(settings: Settings, content: bytes) -> None:
    folder, prefix = _drafts(settings.file)
    _remove_abandoned(settings.file)
    descriptor, temporary = tempfile.mkstemp(prefix=prefix, dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            _keep_mode(settings, stream.fileno())
            os.fsync(stream.fileno())
        if read(settings.file).content != settings.content:
            raise ContextSyncError(f"{settings.file} was changed by somebody else meanwhile: run this again.")
        os.replace(temporary, settings.file)
    except BaseException:
        os.unlink(temporary)
        raise
    _flush_folder(folder)


def _drafts(file: str) -> tuple[str, str]:
    """Return the folder of the file's drafts, and how their names begin."""
    folder, name = os.path.split(file)
    return folder, f".{name}.context-sync-"


def _remove_abandoned(file: str) -> None:
    """Remove the drafts of processes that were killed."""
    folder, prefix = _drafts(file)
    for name in os.listdir(folder):
        draft = os.path.join(folder, name)
        try:
            if name.startswith(prefix) and time.time() - os.lstat(draft).st_mtime > ABANDONED:
                os.unlink(draft)
        except FileNotFoundError:
            continue  # another process removed it


def _keep_mode(settings: Settings, descriptor: int) -> None:
    # A new file stays as private as mkstemp makes it, as settings can contain keys.
    if settings.content is None:
        return
    before = os.stat(settings.file)
    os.fchmod(descriptor, stat.S_IMODE(before.st_mode))
    if (before.st_uid, before.st_gid) != (os.geteuid(), os.getegid()):
        try:
            os.fchown(descriptor, before.st_uid, before.st_gid)
        except PermissionError:
            pass  # another user's file in a folder of ours: it becomes ours


def _flush_folder(folder: str) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError:
        pass  # the file has been replaced already, and not every file system can flush a folder
    finally:
        os.close(descriptor)
