"""UserPromptSubmit: the moment for everything that the session has not been notified of."""

from context_sync.claude.hooks.payloads import Event
from context_sync.conflicts import alerts
from context_sync.events import response
from context_sync.events.dispatch import Answer
from context_sync.presence import lifecycle


def handle(event: Event) -> Answer | None:
    """Return the alerts and the mail that go with the prompt."""
    session = lifecycle.current(event)
    return response.answer(event, session, alerts.at_prompt(session))
