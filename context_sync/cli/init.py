"""Owns `context-sync init`: putting our hooks into the client's settings."""

import difflib
import os
import sys
from typing import NamedTuple

import click

from context_sync import paths
from context_sync.claude import settings, settings_file
from context_sync.errors import ContextSyncError
from context_sync.state import backups


class Plan(NamedTuple):
    """What is to be written into a settings file, and what it would hold without us (None: no such file)."""

    found: settings_file.Settings
    content: bytes
    before: bytes | None
    known: backups.Backup

    @property
    def changes(self) -> bool:
        """Tell whether anything is to be written."""
        return self.content != self.found.content


@click.command("init")
@click.option(
    "--scope",
    type=click.Choice(settings_file.SCOPES),
    default="user",
    help="user: every project, in settings.json of the client's folder (default). "
    "project: this one only, in .claude/settings.local.json of its main worktree, "
    "which is read in all its worktrees and is not for committing: it names paths of this machine.",
)
@click.option("--dry-run", is_flag=True, help="Show what would change; write nothing.")
def command(scope: str, dry_run: bool) -> None:
    """Put the hooks into the client's settings, next to whatever is there.

    Running it again changes nothing, or brings the hooks up to date after a move or an upgrade.
    """
    plan = plan_for(settings_file.path_for(scope, os.getcwd()))
    if not plan.changes:
        click.echo(f"The hooks are up to date in {plan.found.file}: nothing changed.")
    elif dry_run:
        click.echo(difference(plan), nl=False)
    else:
        carry_out(plan)
        click.echo(f"Put the hooks into {plan.found.file}.")


def plan_for(path: str) -> Plan:
    """Return what `init` is to do with the settings file `path`; changes nothing.

    Raises ContextSyncError when the file is not one that the client reads, or may not be written.
    """
    found = settings_file.read(path)
    known = backups.load(found.file)
    try:
        text = settings.register(found.text, _groups())
        before = settings_file.without_hooks(found, known.written, known.before)
    except ContextSyncError as error:
        raise ContextSyncError(f"{path} cannot be used: {error}; nothing was changed.") from error
    plan = Plan(found, text.encode(), before, known)
    if plan.changes:
        settings_file.check_writable(found)
    return plan


def carry_out(plan: Plan) -> None:
    """Keep what was there before and write the settings; raises ContextSyncError when either fails."""
    made: list[str] = []
    file = plan.found.file
    try:
        for folder in (paths.claude_folder(), os.path.dirname(file)):
            made += settings_file.make_folders(folder)
        folders = (*plan.known.folders, *made)
        backups.save(backups.Backup(file, plan.before, settings_file.digest(plan.content), folders))
        settings_file.replace(plan.found, plan.content)
    except (OSError, ContextSyncError) as error:
        _take_back(plan, made)
        if isinstance(error, ContextSyncError):
            raise
        message = f"{error.filename or file} cannot be written ({error.strerror}), so nothing was changed."
        raise ContextSyncError(message) from error


def difference(plan: Plan) -> str:
    """Return what would change as a unified diff."""
    old = plan.found.text.splitlines(keepends=True)
    new = plan.content.decode().splitlines(keepends=True)
    lines = difflib.unified_diff(old, new, plan.found.file, plan.found.file + " (with the hooks)")
    return "".join(line if line.endswith("\n") else line + "\n" for line in lines)


def _groups() -> dict[str, settings.Group]:
    # Not resolved: a virtual environment's interpreter is a link that has its packages only as that link.
    folder, python = paths.hooks_folder(), os.path.abspath(sys.executable)
    for path in (folder, python):
        try:
            path.encode()
        except UnicodeEncodeError as error:
            raise ContextSyncError(f"the path of this installation is not UTF-8 ({path!r})") from error
    return settings.groups_for(folder, python)


def _take_back(plan: Plan, made: list[str]) -> None:
    try:
        if plan.known.written:
            backups.save(plan.known)
        else:
            backups.discard(plan.found.file)
    except OSError:
        pass  # on a full disk a stale backup may stay; it is used only for the exact content it belongs to
    settings_file.remove_folders(made)
