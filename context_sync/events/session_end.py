"""Owns SessionEnd: the conversation is over, or goes on under another id."""

from context_sync.claude.hooks.payloads import Event
from context_sync.edits import recorder
from context_sync.presence import lifecycle, succession
from context_sync.state import mailbox

PATIENCE = 0.2  # seconds for edits that no hook saw: the client waits 1.5 for all


def handle(event: Event) -> None:
    """Take leave, and record what is left in the transcript, as the client kills hooks in the background.

    In the order of what it would cost to be killed on the way: mail that waits for nobody, a session that never ends,
    mail that the next one is told again, an edit that is known once the session is resumed.
    """
    session = lifecycle.attend(event)
    if event.reason == "clear":
        succession.offer(session)
    session = lifecycle.leave(session)
    if mailbox.unread_names(session.id):
        from context_sync.mail import deliveries  # 2 ms

        deliveries.settle(session.id)
    recorder.catch_up(session, PATIENCE)
