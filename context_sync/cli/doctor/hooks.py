"""Checks of the hooks: where they are registered, and what keeps them from running."""

import os
from collections.abc import Iterator

from context_sync.claude.install import hooks_entry, installed_plugin, mcp_entry, registrations, settings_file
from context_sync.claude.install.installed_plugin import Plugin
from context_sync.claude.install.registrations import Installation, Source
from context_sync.cli import output
from context_sync.cli.doctor import installations
from context_sync.cli.doctor.findings import Finding, find
from context_sync.errors import ContextSyncError
from context_sync.state import backups

EVENTS = tuple(hook.event for hook in hooks_entry.EVENTS)


def examine(folder: str, sources: list[Source], plugin: Plugin | None) -> Iterator[Finding]:
    """Yield the findings for Claude Code running in `folder`."""
    yield from _switches(sources, plugin)
    yield from _registered(sources, plugin)
    if plugin and plugin.is_on:
        yield from _plugin(plugin)
    yield from _versions(folder, sources)


def commands_of(sources: list[Source], event: str) -> set[str]:
    """Return the distinct commands of context-sync for an event; Claude Code runs equal ones once."""
    return {command for source in sources for command in source.commands.get(event, [])}


def gone_elsewhere(folder: str) -> list[str]:
    """Return the settings files of other projects with hooks of an installation that no longer exists."""
    known = {os.path.realpath(source.file) for source in registrations.sources(folder)}
    servers = os.path.basename(mcp_entry.path())
    found = []
    for file in (backup.file for backup in backups.load_all()):
        if file not in known and os.path.basename(file) != servers:
            try:
                commands = hooks_entry.registered(settings_file.read(file).text)
            except ContextSyncError:
                continue
            if not all(map(installations.is_there, registrations.installations_in(commands))):
                found.append(file)
    return found


def _switches(sources: list[Source], plugin: Plugin | None) -> Iterator[Finding]:
    for source in sources:
        if source.error:
            yield find("settings-broken", file=source.file, reason=source.error)
        if source.switch == "disableAllHooks":
            yield find("hooks-switched-off", switch=source.switch, file=source.file)
        elif source.switch and not (plugin and plugin.is_managed):
            yield find("hooks-managed-only", switch=source.switch, file=source.file)
    if os.environ.get("CONTEXT_SYNC") == "0":
        yield find("switched-off-here")


def _registered(sources: list[Source], plugin: Plugin | None) -> Iterator[Finding]:
    files = [source.file for source in sources if source.commands]
    if not files:
        yield _without_settings(plugin)
        return
    missing = [event for event in EVENTS if not commands_of(sources, event)]
    if missing:
        yield find("hooks-missing", events=", ".join(missing))
        return
    both = "hooks-of-both" if plugin and plugin.is_on else "hooks-in-settings"
    yield find(both, number=len(EVENTS), files=" and ".join(map(output.tilde, files)))


def _without_settings(plugin: Plugin | None) -> Finding:
    if plugin is None:
        return find("not-installed")
    if not plugin.is_on:
        return find("plugin-off", plugin=plugin.key)
    commands = installed_plugin.commands(plugin)
    if not commands:
        return find("plugin-gone", folder=plugin.root, plugin=plugin.key)
    missing = [event for event in EVENTS if event not in commands]
    if missing:
        return find("plugin-old", events=", ".join(missing), plugin=plugin.key)
    return find("hooks-of-plugin", number=len(EVENTS), folder=output.tilde(plugin.root))


def _plugin(plugin: Plugin) -> Iterator[Finding]:
    if os.access(plugin.python, os.X_OK):
        yield find("plugin", folder=output.tilde(plugin.data))
        return
    reason = installed_plugin.failure(plugin)
    log = os.path.join(plugin.data, "log")
    yield find("plugin-unready", reason=f" ({reason.rstrip('.')})" if reason else "", log=log)


def _versions(folder: str, sources: list[Source]) -> Iterator[Finding]:
    """Find hooks that are registered twice, or not as this installation would register them."""
    twice = [event for event in EVENTS if len(commands_of(sources, event)) > 1]
    if twice:
        yield find("hooks-twice", events=", ".join(twice))
    else:
        yield from _others(sources)
    shared = registrations.shared_file(folder)
    user = settings_file.path_for("user", folder)
    if shared != user and any(source.commands for source in sources if source.file == shared):
        yield find("hooks-shared", file=shared)
    for file in gone_elsewhere(folder):
        yield find("hooks-gone-elsewhere", file=file)


def _others(sources: list[Source]) -> Iterator[Finding]:
    for source in sources:
        found = registrations.installations_in(source.commands)
        others = [each for each in found if not registrations.is_here(each)]
        if any(map(installations.is_there, others)):
            yield find("hooks-of-another", file=source.file, folder=others[0].hooks)
        elif source.commands and not others and not _are_as_registered(source, found):
            yield find("hooks-outdated", file=source.file)


def _are_as_registered(source: Source, found: list[Installation]) -> bool:
    expected = [registrations.commands_of(each) for each in found]
    return all(any([known.get(event)] == each for known in expected) for event, each in source.commands.items())
