"""Owns which session started this process, when the client does not say so with every call."""

import os

from context_sync.presence import identity
from context_sync.state import gate, sessions


def caller() -> str:
    """Return the id of the session that this process serves, "" when that is not known.

    A client lives on under another session after `/clear`, so its process counts before the environment that it gave
    its servers once.
    """
    parent = os.getppid()
    found = [each for each in sessions.live(gate.registered()) if each.pid == parent]
    if found:
        return max(found, key=lambda session: session.last_seen).id
    told = os.environ.get("CLAUDE_CODE_SESSION_ID", "")
    known = sessions.load(told) if told else None
    return identity.successor_of(known).id if known else ""
