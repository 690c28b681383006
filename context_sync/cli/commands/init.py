"""Owns `context-sync init`: putting our hooks into the client's settings."""

import compileall
import difflib
import os
from typing import NamedTuple

import click

from context_sync import paths
from context_sync.claude.install import hooks_entry, mcp_entry, registrations, settings_file, status_line_entry
from context_sync.cli import output
from context_sync.errors import ContextSyncError
from context_sync.state import backups


class Plan(NamedTuple):
    """What is to be written into a file of the client, and what it would hold without us (None: no such file)."""

    what: str
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
@click.option(
    "--statusline/--no-statusline",
    default=None,
    help="Also show in the client's status line who else is live, how many conflicts there are and how many "
    "messages wait, below the status line that you have; or take that out again. Else it stays as it is.",
)
@click.option("--dry-run", is_flag=True, help="Show what would change; write nothing.")
def command(scope: str, statusline: bool | None, dry_run: bool) -> None:
    """Put the hooks into the client's settings, and the MCP server among its servers, next to whatever is there.

    Running it again changes nothing, or brings the hooks up to date after a move or an upgrade.
    """
    if statusline and scope != "user":
        raise click.UsageError("Give --statusline with --scope user: a project's status line would hide yours.")
    folder = paths.any_folder() if scope == "user" else paths.current_folder()
    plans = (plan_for(settings_file.path_for(scope, folder), statusline), server_plan_for(scope, folder))
    for plan in plans:
        if not plan.changes:
            click.echo(f"{plan.found.file} has {plan.what} already: nothing changed.")
        elif dry_run:
            click.echo(difference(plan), nl=False)
        else:
            carry_out(plan)
            click.echo(f"Put {plan.what} into {plan.found.file}.")
    if not dry_run:
        _compile()
        for line in _advice(plans, bool(statusline)):
            click.echo(line)


def _compile() -> None:
    """Compile the modules of context-sync, where they may be written.

    Else the first hook of each kind would do it, and on a full disk leave a part of it, which fails at each later one.
    """
    compileall.compile_dir(os.path.dirname(os.path.dirname(__file__)), quiet=2)


def _advice(plans: tuple[Plan, ...], statusline: bool) -> list[str]:
    """Return what a person does next, and what there is to know of a status line that was there before."""
    settings_plan, *_ = plans
    lines = []
    if statusline and not status_line_entry.is_kept_current(settings_plan.content.decode()):
        lines.append(
            "Your status line is shown anew with each message, and ours with it. To have that in an idle session, "
            f'add "{status_line_entry.INTERVAL}": {status_line_entry.REFRESH_SECONDS} to "{status_line_entry.KEY}" in '
            f"{settings_plan.found.file}."
        )
    if any(plan.changes for plan in plans):
        lines.append("Next: use claude as usual. Sessions that are open take part, too.")
    return [output.fitting(line) for line in lines]


def plan_for(path: str, statusline: bool | None = None) -> Plan:
    """Return what `init` is to do with the settings file `path`; changes nothing.

    The status line is put in, taken out, or with None brought up to date where it is in. Raises ContextSyncError
    when the file is not one that the client reads, or may not be written.
    """
    found = settings_file.read(path)
    known = backups.load(found.file)
    try:
        text = _with_status_line(hooks_entry.register(found.text, _groups()), statusline, known)
        before = settings_file.without_hooks(found, known.written, known.before)
    except ContextSyncError as error:
        raise ContextSyncError(
            f"{path} cannot be used: {error}. Nothing was changed: mend it, and run this again."
        ) from error
    what = "the hooks and the status line" if statusline else "the hooks"
    return _checked(Plan(what, found, text.encode(), before, known))


def server_plan_for(scope: str, folder: str) -> Plan:
    """Return what `init` is to do about the MCP server for somebody who works in `folder`; raises as `plan_for`."""
    path = mcp_entry.path()
    found = settings_file.read(path)
    known = backups.load(found.file)
    try:
        entry = mcp_entry.entry_for(_encodable(registrations.here().python))
        text = mcp_entry.register(found.text, mcp_entry.keys_for(scope, folder), entry)
        before = mcp_entry.without_server(found, known.written, known.before)
    except ContextSyncError as error:
        raise ContextSyncError(
            f"{path} cannot be used: {error}. Nothing was changed: mend it, and run this again."
        ) from error
    return _checked(Plan("the MCP server", found, text.encode(), before, known))


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
        message = f"{error.filename or file} cannot be written ({error.strerror}), {settings_file.UNCHANGED}"
        raise ContextSyncError(message) from error


def difference(plan: Plan) -> str:
    """Return what would change as a unified diff."""
    old = plan.found.text.splitlines(keepends=True)
    new = plan.content.decode().splitlines(keepends=True)
    lines = difflib.unified_diff(old, new, plan.found.file, f"{plan.found.file} (with {plan.what})")
    return "".join(line if line.endswith("\n") else line + "\n" for line in lines)


def _groups() -> dict[str, hooks_entry.Group]:
    return hooks_entry.groups_for(*map(_encodable, registrations.here()))


def _encodable(path: str) -> str:
    try:
        path.encode()
    except UnicodeEncodeError as error:
        raise ContextSyncError(
            f"the path of this installation is not UTF-8 ({path!r}): install it elsewhere"
        ) from error
    return path


def _checked(plan: Plan) -> Plan:
    if plan.changes:
        settings_file.check_writable(plan.found)
    return plan


def _with_status_line(text: str, wanted: bool | None, known: backups.Backup) -> str:
    if wanted is None:
        wanted = bool(status_line_entry.registered(text))
    if wanted:
        return status_line_entry.register(text, paths.hooks_folder())
    return status_line_entry.unregister(text, (known.before or b"").decode())


def _take_back(plan: Plan, made: list[str]) -> None:
    try:
        if plan.known.written:
            backups.save(plan.known)
        else:
            backups.discard(plan.found.file)
    except OSError:
        pass  # on a full disk a stale backup may stay; it is used only for the exact content it belongs to
    settings_file.remove_folders(made)
