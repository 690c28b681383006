"""Owns PreToolUse on the editing tools: the guard before an edit."""

from context_sync import config, wording
from context_sync.awareness import attendance, guarding
from context_sync.claude import payloads
from context_sync.claude.payloads import Event
from context_sync.events.answer import Answer


def handle(event: Event) -> Answer | None:
    """Return the denial, or in the mode `notify` the note, when another live session holds what is to be edited."""
    session = attendance.attend(event)
    mode = config.read().guard
    if mode == "off":
        return None
    found = guarding.holds(session, event)
    fresh = guarding.fresh(session, found)
    due = guarding.with_changes(found if mode == "deny" else fresh)
    if not due:
        return None
    text = wording.guard(due, mode)
    output = payloads.context(event.name, text) if mode == "notify" else payloads.denial(text)
    return Answer(output, lambda: guarding.told(session, fresh))
