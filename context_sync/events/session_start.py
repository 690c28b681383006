"""Owns SessionStart: a session begins, is resumed, forked or cleared, or was compacted."""

from context_sync.awareness import attendance, noticing, recording
from context_sync.claude.payloads import Event


def handle(event: Event) -> None:
    """Register the session, and record what its transcript tells of edits that no hook saw."""
    session = recording.catch_up(attendance.attend(event))
    noticing.look(attendance.place_of(session.cwd))
