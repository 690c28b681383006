"""Owns the waiter that stands beside Stop: it sleeps while the session is idle, and wakes it for mail."""

import gc

from context_sync import config
from context_sync.claude.hooks.payloads import Event
from context_sync.domain import messages
from context_sync.events.answer import Answer
from context_sync.mail import wakeup

WAKES = 2  # the status by which the client begins a turn, with what is on standard error


def handle(event: Event) -> Answer | None:
    """Return what wakes the session once there is mail for that, None once there is nothing left to wait for."""
    gc.enable()  # off where a hook starts; this one may live for a week
    if config.read().wake == "none":
        return None
    arrived = wakeup.wait(event.session)
    return Answer(messages.notice(arrived).encode() + b"\n", status=WAKES) if arrived else None
