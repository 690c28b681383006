"""Owns SessionEnd: the conversation is over, or goes on under another id."""

from context_sync.awareness import attendance, recording
from context_sync.claude.payloads import Event


def handle(event: Event) -> None:
    """Record what is left in the transcript, as the client kills hooks in the background, and take leave."""
    attendance.leave(recording.catch_up(attendance.attend(event)))
