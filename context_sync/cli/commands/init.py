"""`context-sync init`: adds the hooks to the settings of Claude Code."""

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
    """What to write into a file of Claude Code, and what it would contain without context-sync (None: no file)."""

    what: str
    found: settings_file.Settings
    content: bytes
    before: bytes | None
    known: backups.Backup

    @property
    def changes(self) -> bool:
        """Whether there is anything to write."""
        return self.content != self.found.content


@click.command("init")
@click.option(
    "--scope",
    type=click.Choice(settings_file.SCOPES),
    default="user",
    help="user: every project, in settings.json of Claude Code's folder (default). "
    "project: this project only, in .claude/settings.local.json of its main worktree, which is read in all its "
    "worktrees. Do not commit that file: it contains paths of this machine.",
)
@click.option(
    "--statusline/--no-statusline",
    default=None,
    help="Add a line to the status line of Claude Code, below yours, with the number of other live sessions, conflicts "
    "and unread messages, or remove it. Default: leave it as it is.",
)
@click.option("--dry-run", is_flag=True, help="Show what would change without writing anything.")
def command(scope: str, statusline: bool | None, dry_run: bool) -> None:
    """Add the hooks and the MCP server to the settings of Claude Code, and keep everything else in them.

    Running it again changes nothing, or updates the hooks after a move or an upgrade.
    """
    if statusline and scope != "user":
        raise click.UsageError("Give --statusline with --scope user: a project's status line would hide yours.")
    folder = paths.any_folder() if scope == "user" else paths.current_folder()
    plans = (plan_for(settings_file.path_for(scope, folder), statusline), server_plan_for(scope, folder))
    for plan in plans:
        if not plan.changes:
            click.echo(f"{plan.found.file} already has {plan.what}: nothing changed.")
        elif dry_run:
            click.echo(difference(plan), nl=False)
        else:
            carry_out(plan)
            click.echo(f"Added {plan.what} to {plan.found.file}.")
    if not dry_run:
        _compile()
        for line in _advice(plans, bool(statusline)):
            click.echo(line)


def _compile() -> None:
    """Compile the modules of context-sync if their folder is writable.

    Otherwise the first hook of each kind would do it, and on a full disk leave a partial file that breaks later ones.
    """
    compileall.compile_dir(os.path.dirname(os.path.dirname(os.path.dirname(__file__))), quiet=2)


def _advice(plans: tuple[Plan, ...], statusline: bool) -> list[str]:
    """Return what to do next, and a note on a status line that was there before."""
    settings_plan, *_ = plans
    lines = []
    if statusline and not status_line_entry.is_kept_current(settings_plan.content.decode()):
        lines.append(
            "Your status line, and context-sync's with it, is refreshed with each message. To refresh it in an idle "
            f'session, too, add "{status_line_entry.INTERVAL}": {status_line_entry.REFRESH_SECONDS} to '
            f'"{status_line_entry.KEY}" in {settings_plan.found.file}.'
        )
    if any(plan.changes for plan in plans):
        lines.append("Next: use claude as usual. Sessions that are already open are included.")
    return [output.fitting(line) for line in lines]


def plan_for(path: str, statusline: bool | None = None) -> Plan:
    """Return the changes to the settings file `path` without making them.

    The status line is added, removed, or with None updated where it is present. Raises ContextSyncError when the
    file is not one that Claude Code reads, or is not writable.
    """
    found = settings_file.read(path)
    known = backups.load(found.file)
    try:
        text = _with_status_line(hooks_entry.register(found.text, _groups()), statusline, known)
        before = settings_file.without_hooks(found, known.written, known.before)
    except ContextSyncError as error:
        raise ContextSyncError(
            f"{path} cannot be used: {error}. Nothing was changed: fix it and run this again."
        ) from error
    what = "the hooks and the status line" if statusline else "the hooks"
    return _checked(Plan(what, found, text.encode(), before, known))


def server_plan_for(scope: str, folder: str) -> Plan:
    """Return the changes for the MCP server of a user in `folder`; raises as `plan_for` does."""
    path = mcp_entry.path()
    found = settings_file.read(path)
    known = backups.load(found.file)
    try:
        entry = mcp_entry.entry_for(_encodable(registrations.here().python))
        text = mcp_entry.register(found.text, mcp_entry.keys_for(scope, folder), entry)
        before = mcp_entry.without_server(found, known.written, known.before)
    except ContextSyncError as error:
        raise ContextSyncError(
            f"{path} cannot be used: {error}. Nothing was changed: fix it and run this again."
        ) from error
    return _checked(Plan("the MCP server", found, text.encode(), before, known))


def carry_out(plan: Plan) -> None:
    """Back up the previous content and write the settings; raises ContextSyncError when either fails."""
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
    """Return the changes as a unified diff."""
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
        pass  # on a full disk a stale backup may remain; it is only used for the exact content that it belongs to
    settings_file.remove_folders(made)
