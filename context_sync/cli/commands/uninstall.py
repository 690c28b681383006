"""`context-sync uninstall`: removes the hooks from the settings of Claude Code, and on request all data."""

import os
import shutil

import click

from context_sync import paths
from context_sync.claude.install import mcp_entry, settings_file
from context_sync.errors import ContextSyncError
from context_sync.state import backups


@click.command("uninstall")
@click.option("--purge", is_flag=True, help="Also delete all data of context-sync, its log and its configuration.")
def command(purge: bool) -> None:
    """Remove the hooks and the MCP server from every settings file that they were added to.

    A file that has not changed since is restored byte for byte.
    """
    folders: list[str] = []
    failures: list[str] = []
    taken_out = False
    for file in settings_files(paths.any_folder()):
        try:
            done, made = take_out(file)
        except ContextSyncError as error:
            failures.append(str(error))
            continue
        folders += made
        if done:
            taken_out = True
            click.echo(f"{done} {file}.")
    if failures:
        raise ContextSyncError(" ".join(failures))
    if not taken_out:
        click.echo("No settings file contains the hooks.")
    for line in _purge() if purge else _kept():
        click.echo(line)
    settings_file.remove_folders(sorted(set(folders), key=len))


def settings_files(folder: str) -> list[str]:
    """Return the real paths of the files that may contain the hooks or the server, including `folder`'s project."""
    known = [settings_file.path_for(scope, folder) for scope in settings_file.SCOPES]
    known = [os.path.realpath(path) for path in (*known, mcp_entry.path())]
    return list(dict.fromkeys([*known, *(backup.file for backup in backups.load_all())]))


def take_out(file: str) -> tuple[str, tuple[str, ...]]:
    """Remove context-sync from a settings file; return what was done ("": nothing) and the folders made for it.

    Raises ContextSyncError, and changes nothing, when the file is not one that Claude Code reads or is not writable.
    """
    found = settings_file.read(file)
    known = backups.load(file)
    try:
        content = _without_us(found, known)
    except ContextSyncError as error:
        raise ContextSyncError(
            f"{file} cannot be used: {error}. Nothing was changed in it: fix it and run this again."
        ) from error
    done = ""
    if content != found.content:
        settings_file.check_writable(found)
        if content is None:
            settings_file.delete(found)
            done = "Deleted"
        else:
            settings_file.replace(found, content)
            done = "Restored" if known.written and content == known.before else f"Removed {_ours(file)} from"
    backups.discard(file)
    return done, known.folders


def _without_us(found: settings_file.Settings, known: backups.Backup) -> bytes | None:
    without = mcp_entry.without_server if _is_servers(found.file) else settings_file.without_hooks
    return without(found, known.written, known.before)


def _ours(file: str) -> str:
    return "the MCP server" if _is_servers(file) else "the hooks"


def _is_servers(file: str) -> bool:
    path = mcp_entry.path()
    return file == os.path.realpath(path) or os.path.basename(file) == os.path.basename(path)


def _data() -> list[str]:
    return [paths.state_folder(), paths.log_folder(), paths.config_file()]


def _kept() -> list[str]:
    present = [path for path in _data() if os.path.lexists(path)]
    if not present:
        return []
    return [f"Kept: {', '.join(present)}. `context-sync uninstall --purge` deletes it."]


def _purge() -> list[str]:
    deleted = []
    for path in _data():
        try:
            if os.path.isdir(path) and not os.path.islink(path):
                shutil.rmtree(path)
            elif os.path.lexists(path):
                os.unlink(path)
            else:
                continue
        except OSError as error:
            raise ContextSyncError(f"{path} cannot be deleted ({error.strerror}): delete it by hand.") from error
        deleted.append(f"Deleted {path}.")
    settings_file.remove_folders([os.path.dirname(paths.config_file())])
    return deleted
