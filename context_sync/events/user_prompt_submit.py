"""Owns UserPromptSubmit: the moment to tell everything that the session was not told yet."""

from context_sync.claude.hooks.payloads import Event
from context_sync.conflicts import alerts
from context_sync.events import response
from context_sync.events.answer import Answer
from context_sync.presence import lifecycle


def handle(event: Event) -> Answer | None:
    """Return what the session is to be told with the prompt."""
    session = lifecycle.attend(event)
    return response.answer(event, session, alerts.at_prompt(session))
