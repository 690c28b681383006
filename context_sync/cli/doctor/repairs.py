"""`context-sync doctor --fix`: what is safe to repair without asking. Nothing that the user wrote is changed."""

import os
from collections.abc import Callable, Iterator

from context_sync.claude import waiters
from context_sync.claude.install import hooks_entry, installed_plugin, registrations, settings_file
from context_sync.cli import output
from context_sync.cli.commands import init
from context_sync.cli.doctor import folders, hooks, installations
from context_sync.cli.doctor.findings import Finding
from context_sync.domain import wording
from context_sync.errors import ContextSyncError
from context_sync.state import inspection, sessions

Repair = Callable[[str], Iterator[str]]


def repair(found: list[Finding], folder: str) -> Iterator[str]:
    """Repair the findings that are safe to repair, and yield one sentence for each repair.

    A repair that fails is reported and does not keep the rest from being done.
    """
    due = dict.fromkeys(REPAIRS[each.id] for each in found if each.id in REPAIRS)
    for each in due:
        try:
            yield from each(folder)
        except ContextSyncError as error:
            yield f"Not repaired: {error}"
        except OSError as error:
            yield f"Not repaired: {error.filename} ({error.strerror})."


def is_repairable(finding: Finding) -> bool:
    """Return whether `--fix` repairs the finding."""
    return finding.id in REPAIRS


def _register(folder: str) -> Iterator[str]:
    """Register the hooks of this installation where hooks are registered, unless those of another one work."""
    plugin = installed_plugin.find(folder)
    if plugin and os.path.realpath(plugin.hooks) == os.path.realpath(registrations.here().hooks):
        message = "this context-sync belongs to the plugin: run `context-sync uninstall` to use the plugin's hooks."
        raise ContextSyncError(message)
    for scope in settings_file.SCOPES:
        file = settings_file.path_for(scope, folder)
        commands = hooks_entry.registered(settings_file.read(file).text)
        if commands and _is_free(commands):
            yield from _carry_out(init.plan_for(file))
            yield from _carry_out(init.server_plan_for(scope, folder))
        elif commands:
            yield f"Left {output.tilde(file)} alone: its hooks belong to another installation that works."


def _is_free(commands: dict[str, list[str]]) -> bool:
    found = registrations.installations_in(commands)
    return any(map(registrations.is_here, found)) or not any(map(installations.works, found))


def _register_elsewhere(folder: str) -> Iterator[str]:
    for file in hooks.gone_elsewhere(folder):
        yield from _carry_out(init.plan_for(file))


def _carry_out(plan: init.Plan) -> Iterator[str]:
    if plan.changes:
        init.carry_out(plan)
        yield f"Added {plan.what} to {output.tilde(plan.found.file)}."


def _close(_: str) -> Iterator[str]:
    for path in inspection.close():
        yield f"Removed access for other users to {_shown(path)}."


def _drop(_: str) -> Iterator[str]:
    for path in inspection.drop_broken():
        yield f"Deleted {_shown(path)}, which made no sense."


def _clear(_: str) -> Iterator[str]:
    for path in inspection.drop_misplaced():
        yield f"Deleted {_shown(path)}, which was in the way."


def _note_ends(_: str) -> Iterator[str]:
    for each in sessions.end_vanished(folders.vanished()):
        session = sessions.load(each)
        name = wording.plain(session.name, wording.LONGEST_NAME) if session else each
        yield f"Noted that the session “{name}” ended."


def _end_waiters(_: str) -> Iterator[str]:
    for pid in waiters.stuck():
        waiters.end(pid)
        yield f"Ended the process {pid}, which was waiting for a session that is gone."


def _shown(path: str) -> str:
    return wording.plain(output.tilde(os.fspath(path)), wording.LONGEST_PATH)


REPAIRS: dict[str, Repair] = {
    "hooks-missing": _register,
    "hooks-twice": _register,
    "hooks-outdated": _register,
    "hooks-gone-elsewhere": _register_elsewhere,
    "gate-gone": _register,
    "python-gone": _register,
    "python-broken": _register,
    "python-old": _register,
    "python-upgraded": _register,
    "hooks-silent": _register,
    "statusline-outdated": _register,
    "mcp-missing": _register,
    "mcp-outdated": _register,
    "state-exposed": _close,
    "state-misplaced": _clear,
    "state-set-aside": _drop,
    "sessions-vanished": _note_ends,
    "waiters-stuck": _end_waiters,
}
