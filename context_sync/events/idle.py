"""The waiter beside Stop: it sleeps while the session is idle, and wakes the session for mail."""

import gc

from context_sync import config
from context_sync.claude.hooks.payloads import Event
from context_sync.domain import messages
from context_sync.events.dispatch import Answer
from context_sync.mail import wake_listener

WAKES = 2  # the exit status on which Claude Code starts a turn with the text from standard error


def handle(event: Event) -> Answer | None:
    """Wait for mail that wakes the session and return the notice, None once there is nothing left to wait for."""
    gc.enable()  # a hook starts with it off; this one may run for a week
    if config.read().wake == "none":
        return None
    arrived = wake_listener.wait(event.session)
    return Answer(messages.notice(arrived).encode() + b"\n", status=WAKES) if arrived else None
