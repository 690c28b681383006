"""Owns SessionEnd: the conversation is over, or goes on under another id."""

from context_sync.awareness import attendance, inheriting, recording
from context_sync.claude.payloads import Event
from context_sync.state import mailbox

PATIENCE = 0.2  # seconds for edits that no hook saw: the client waits 1.5 for all


def handle(event: Event) -> None:
    """Record what is left in the transcript, as the client kills hooks in the background, and take leave."""
    session = recording.catch_up(attendance.attend(event), PATIENCE)
    if mailbox.unread_names(session.id):
        from context_sync.awareness import delivering  # 2 ms

        delivering.settle(session.id)
    if event.reason == "clear":
        inheriting.offer(session)
    attendance.leave(session)
