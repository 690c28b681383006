"""Precedence of the hooks in the settings over those of the plugin, so that nothing is reported twice."""

import os

from context_sync.claude.hooks.payloads import Event
from context_sync.state import backups, gate


def is_due(event: Event) -> bool:
    """Return whether the settings register working hooks where the session starts; noted for the plugin's gate."""
    elsewhere = backups.are_there() and _are_registered(event.cwd or os.getcwd())
    gate.mark_elsewhere(event.session, elsewhere)
    return elsewhere


def _are_registered(folder: str) -> bool:
    from context_sync.claude.install import registrations  # 10 ms

    commands = [each for source in registrations.sources(folder) for each in source.commands.get("SessionStart", [])]
    found = filter(None, map(registrations.installation_of, commands))
    return any(os.access(each.python, os.X_OK) and os.path.exists(os.path.join(each.hooks, "run.py")) for each in found)
