"""Owns SessionStart: a session begins, is resumed, forked or cleared, or was compacted."""

from context_sync.awareness import attendance, recording
from context_sync.claude.payloads import Event


def handle(event: Event) -> None:
    """Register the session, and record what its transcript tells of edits that no hook saw."""
    recording.catch_up(attendance.attend(event))
