"""Reconciliation: noting what happened to sessions without an event, so that no query has to.

Sessions whose process is gone are ended, those renamed with /rename get their name, what git shows as committed or
reverted is settled, and mail that a transcript proves to have arrived is marked as such. Nothing waits for it: every
reader of the state works out for itself what is not noted yet.
"""

from __future__ import annotations

import time

from context_sync.mail import deliveries
from context_sync.presence import identity
from context_sync.state import gate, mailbox, repositories, sessions
from context_sync.touches import settlement

PATIENCE = 5.0  # seconds; what was not looked at by then is left for the next time


def reconcile(repository: str = "") -> None:
    """Note what happened to the sessions of a repository, or of all, within `PATIENCE`."""
    end = time.monotonic() + PATIENCE
    if repository:
        repositories.reconciling(repository)
    ids = sorted(repositories.members(repository) if repository else gate.registered())
    sessions.end_vanished(ids)
    for session in sessions.live(ids):
        if time.monotonic() > end:
            return
        identity.learn_name(session)
        settlement.settle_own(session.id)
    for box in ids if repository else mailbox.boxes():
        if time.monotonic() > end:
            return
        deliveries.reconcile_receipts(box)
