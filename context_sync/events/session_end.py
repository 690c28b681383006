"""SessionEnd: the conversation ended, or continues under another id."""

from context_sync.claude.hooks.payloads import Event
from context_sync.edits import recorder
from context_sync.presence import lifecycle
from context_sync.state import mailbox, seats

PATIENCE = 0.2  # seconds for edits that no hook saw: Claude Code waits 1.5 for everything


def handle(event: Event) -> None:
    """End the session and record what is left in the transcript, as Claude Code kills hooks in the background.

    The order is by what being killed halfway would cost: mail that nobody gets, a session that never ends, mail that
    the next session gets again, an edit that is not known until the session is resumed.
    """
    session = lifecycle.current(event)
    if event.reason == "clear":
        seats.clear(session)
    session = lifecycle.leave(session)
    if mailbox.unread_names(session.id):
        from context_sync.mail import deliveries  # 2 ms

        deliveries.reconcile_receipts(session.id)
    recorder.catch_up(session, PATIENCE)
