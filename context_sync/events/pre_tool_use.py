"""PreToolUse of the editing tools: the guard before an edit."""

from context_sync import config
from context_sync.claude.hooks import payloads
from context_sync.claude.hooks.payloads import Event
from context_sync.conflicts import guard
from context_sync.domain import wording
from context_sync.events.answer import Answer
from context_sync.presence import lifecycle
from context_sync.state import gate


def handle(event: Event) -> Answer | None:
    """Return the denial, or the note in mode `notify`, when another live session holds what is about to be edited."""
    session = lifecycle.attend(event)
    mode = config.read().guard
    if mode == "off" or session.ended:
        return None
    found = guard.holds(session, event)
    fresh = guard.fresh(session, found)
    if mode == "deny-once":
        fresh = guard.announce(session, fresh)
    due = guard.with_changes(found if mode == "deny" else fresh)
    if not due:
        return None
    text = wording.guard(due, mode)
    if mode == "notify":
        return Answer(payloads.context(event.name, text), lambda: guard.told(session, fresh))

    def printed() -> None:
        guard.told(session, fresh)
        gate.tool_ended(session.id)  # the tool will not run: what is written now is by others

    return Answer(payloads.denial(text), printed)
