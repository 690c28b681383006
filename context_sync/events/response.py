"""The answer to an event: alerts first, then mail as far as there is room."""

from __future__ import annotations

from context_sync.claude.hooks import payloads
from context_sync.claude.hooks.payloads import Event
from context_sync.conflicts import alerts
from context_sync.conflicts.alerts import News
from context_sync.domain import messages
from context_sync.domain.records import Session
from context_sync.events.dispatch import Answer
from context_sync.hotpath.namedtuples import TYPE_CHECKING
from context_sync.state import mailbox

if TYPE_CHECKING:
    from collections.abc import Callable

CUT = "\n- and more: `context-sync status` lists them all."


def answer(event: Event, session: Session, news: News) -> Answer | None:
    """Return an answer with the news and as much of the session's mail as fits, None without any."""
    alert = _bounded(news.text)
    mail, note_mail = _mail(event, session, messages.LONGEST_ANSWER - messages.length(alert) - 2)

    def printed() -> None:
        alerts.told(news)
        note_mail()

    if not alert and not mail:
        alerts.told(news)
        return None
    text = "\n\n".join(filter(None, (alert, mail)))
    return Answer(payloads.context(event.name, text), printed)


def _mail(event: Event, session: Session, room: int) -> tuple[str, Callable[[], None]]:
    """Return the text of the mail, and what to do once it was printed."""
    if not mailbox.unread_names(session.id):
        return "", lambda: None
    from context_sync.mail import deliveries  # 2 ms

    due = deliveries.due(session, room, at_end=event.name == "Stop", continued=event.continued)
    return due.text, lambda: deliveries.injected(session, due.unnoted)


def _bounded(text: str) -> str:
    if messages.length(text) <= messages.LONGEST_ANSWER:
        return text
    while messages.length(text) > messages.LONGEST_ANSWER - len(CUT):
        text = text.rpartition("\n")[0]
    return text + CUT
