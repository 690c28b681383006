"""PreToolUse of the editing tools: the guard before an edit."""

from context_sync import config
from context_sync.claude.hooks import payloads
from context_sync.claude.hooks.payloads import Event
from context_sync.conflicts import guard
from context_sync.events.dispatch import Answer
from context_sync.presence import lifecycle
from context_sync.state import gate


def handle(event: Event) -> Answer | None:
    """Return the denial, or the note in mode `notify`, when another live session holds what is about to be edited."""
    session = lifecycle.current(event)
    mode = config.read().guard
    due = guard.due(session, event, mode) if mode != "off" and not session.ended else None
    if due is None:
        return None
    from context_sync.domain import wording

    text = wording.guard(due.holds, mode)
    if mode == "notify":
        return Answer(payloads.context(event.name, text), lambda: guard.mark_notified(session, due.fresh))

    def printed() -> None:
        guard.mark_notified(session, due.fresh)
        gate.tool_ended(session.id)  # the tool will not run: what is written now is by others

    return Answer(payloads.denial(text), printed)
