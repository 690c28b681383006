"""Owns the form in which news become the answer to an event."""

from context_sync.awareness import alerting
from context_sync.awareness.alerting import News
from context_sync.claude import payloads
from context_sync.claude.payloads import Event
from context_sync.events.answer import Answer


def answer(event: Event, news: News) -> Answer | None:
    """Return the answer that tells the news, None when there are none."""
    if not news.text:
        alerting.told(news)
        return None
    return Answer(payloads.context(event.name, news.text), lambda: alerting.told(news))
