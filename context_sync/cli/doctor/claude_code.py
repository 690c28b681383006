"""Checks of Claude Code: its version, the events that fired, its status line and its MCP servers."""

import os
import time
from collections.abc import Iterator

from context_sync.claude.install import client_version, mcp_entry, registrations, settings_file, status_line_entry
from context_sync.claude.install.registrations import Installation, Source
from context_sync.cli import output
from context_sync.cli.doctor import hooks
from context_sync.cli.doctor.findings import Finding, find
from context_sync.errors import ContextSyncError
from context_sync.state import gate

SETTLING_IN = 600.0  # seconds after which an event that should have fired along with another counts as missing
LATELY = 7 * 86400.0  # seconds
# Events whose absence means nothing: the first may never happen, and the second creates the folder of the receipts.
NOT_MISSED = ("PostToolUseFailure", "SessionStart")


def examine(folder: str, sources: list[Source]) -> Iterator[Finding]:
    """Yield the findings for Claude Code running in `folder`."""
    yield _version()
    yield _events(time.time())
    installed = [source for source in sources if source.commands]
    if installed:
        yield from _status_line(folder, sources)
        yield from _server(folder, installed)


def _version() -> Finding:
    client = client_version.command()
    if not client:
        return find("client-missing")
    version = client_version.version_of(client)
    if not version:
        return find("client-broken", client=client)
    shown, needed, tested = map(client_version.text_of, (version, client_version.COMPLETE, client_version.TESTED))
    return find(_age(version), version=shown, needed=needed, tested=tested, client=output.tilde(client))


def _age(version: client_version.Version) -> str:
    """Return the row for the age of a version."""
    if version < client_version.LENIENT:
        return "client-too-old"
    if version < client_version.COMPLETE:
        return "client-old"
    if version < client_version.TESTED:
        return "client-older"
    return "client-newer" if version > client_version.TESTED else "client"


def _events(now: float) -> Finding:
    fired = {event: gate.receipt(event) for event in hooks.EVENTS}
    never = [event for event, at in fired.items() if not at and event not in NOT_MISSED]
    last = sorted(fired, key=lambda event: fired[event])[-1]  # of two in one tick of the clock the later in a turn
    if not fired[last]:
        return find("events-none")
    if "PostToolBatch" in never and 0 < fired["PostToolUse"] < now - SETTLING_IN:
        return find("events-without-batch")
    ago = output.ago(fired[last], now)
    if never:
        return find("events-some", events=", ".join(never), last=last, ago=ago)
    return find("events" if now - fired[last] < LATELY else "events-long-ago", last=last, ago=ago)


def _status_line(folder: str, sources: list[Source]) -> Iterator[Finding]:
    user = os.path.realpath(settings_file.path_for("user", folder))
    texts = {source.file: _text(source) for source in sources if not source.error}
    ours = next((file for file, text in texts.items() if os.path.realpath(file) == user), "")
    if not ours or not status_line_entry.registered(texts[ours]):
        return
    hiding = [file for file, text in texts.items() if file != ours and status_line_entry.is_set(text)]
    if status_line_entry.register(texts[ours], _installation(sources).hooks) != texts[ours]:
        yield find("statusline-outdated")
    elif hiding:
        yield find("statusline-hidden", file=hiding[-1])
    else:
        yield find("statusline", file=output.tilde(ours))


def _installation(sources: list[Source]) -> Installation:
    """Return the installation whose hooks are registered, this one if that cannot be determined."""
    found = [each for source in sources for each in registrations.installations_in(source.commands)]
    return found[0] if found else registrations.here()


def _text(source: Source) -> str:
    return settings_file.read(source.file).text


def _server(folder: str, installed: list[Source]) -> Iterator[Finding]:
    """Check that the server is registered where `init` adds it for the scopes that contain the hooks."""
    file = mcp_entry.path()
    entry = mcp_entry.entry_for(_installation(installed).python)
    scopes = [scope for scope in settings_file.SCOPES if _holds(scope, folder, installed)]
    try:
        text = settings_file.read(file).text
        standing = mcp_entry.registered(text)
        wanted = [mcp_entry.keys_for(scope, folder) for scope in scopes]
    except ContextSyncError as error:
        yield find("mcp-broken", file=file, reason=registrations.reason(error, file))
        return
    try:
        outdated = any(mcp_entry.register(text, keys, entry) != text for keys in wanted)
    except ContextSyncError:
        yield find("mcp-taken", file=file)
        return
    if not standing:
        yield find("mcp-missing")
    elif outdated:
        yield find("mcp-outdated")
    else:
        yield find("mcp", file=output.tilde(file))


def _holds(scope: str, folder: str, installed: list[Source]) -> bool:
    file = os.path.realpath(settings_file.path_for(scope, folder))
    return any(os.path.realpath(source.file) == file for source in installed)
