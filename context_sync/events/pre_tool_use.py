"""Owns PreToolUse on the editing tools: the moment before an edit."""

from context_sync.awareness import attendance
from context_sync.claude.payloads import Event


def handle(event: Event) -> None:
    """Register a session that began before the hooks were installed."""
    attendance.attend(event)
