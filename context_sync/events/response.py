"""The answer to an event: alerts first, then mail as far as there is room."""

from __future__ import annotations

from context_sync.claude.hooks import payloads
from context_sync.claude.hooks.payloads import Event
from context_sync.conflicts import alerts
from context_sync.conflicts.alerts import News
from context_sync.domain.records import Session
from context_sync.events.dispatch import Answer
from context_sync.hotpath.namedtuples import TYPE_CHECKING
from context_sync.state import gate

if TYPE_CHECKING:
    from collections.abc import Callable

SHORT = 5_000  # characters that an answer has room for, whatever they are
CUT = "\n- and more: `context-sync status` lists them all."


def answer(event: Event, session: Session, news: News) -> Answer | None:
    """Return an answer with the news and as much of the session's mail as fits, None without any."""
    alert = news.text if len(news.text) <= SHORT else _bounded(news.text)
    mail, note_mail = _mail(event, session, alert) if gate.has_mail(session.id) else ("", None)

    def printed() -> None:
        alerts.mark_notified(news)
        if note_mail:
            note_mail()

    if not alert and not mail:
        alerts.mark_notified(news)
        return None
    text = "\n\n".join(filter(None, (alert, mail)))
    return Answer(payloads.context(event.name, text), printed)


def _mail(event: Event, session: Session, alert: str) -> tuple[str, Callable[[], None]]:
    """Return the text of the mail for which an alert leaves room, and what to do once it was printed."""
    from context_sync.domain import messages
    from context_sync.mail import deliveries  # 2 ms

    room = messages.LONGEST_ANSWER - messages.length(alert) - 2
    due = deliveries.due(session, room, at_end=event.name == "Stop", continued=event.continued)
    return due.text, lambda: deliveries.injected(session, due.unnoted)


def _bounded(text: str) -> str:
    from context_sync.domain import messages

    if messages.length(text) <= messages.LONGEST_ANSWER:
        return text
    while messages.length(text) > messages.LONGEST_ANSWER - len(CUT):
        text = text.rpartition("\n")[0]
    return text + CUT
