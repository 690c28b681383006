"""PostToolBatch: the moment in the middle of a turn, before the model's next step."""

from context_sync.claude.hooks.payloads import Event
from context_sync.conflicts import alerts
from context_sync.events import response
from context_sync.events.dispatch import Answer
from context_sync.presence import lifecycle


def handle(event: Event) -> Answer | None:
    """Return the mail and the new conflicts; nothing for a subagent, whose model would keep it to itself."""
    session = lifecycle.current(event)
    if event.agent or session.ended:
        return None
    return response.answer(event, session, alerts.in_turn(session))
