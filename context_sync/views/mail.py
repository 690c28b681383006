"""Messages for the MCP tools: sent, and read."""

from context_sync.domain import messages, wording
from context_sync.domain.masking import shown
from context_sync.mail import deliveries, recipients, sending
from context_sync.mail.sending import SendOptions, Sent
from context_sync.state import mailbox
from context_sync.state.mailbox import Delivery
from context_sync.views.schemas import MessageList, MessageRow, SentList, SentRow

MOST = 20  # messages, the latest


def send(sender: str, text: str, target: str, repository: str) -> SentList:
    """Send a text to a session, or without a `target` to every live session of a repository ("": the sender's own).

    Raises ContextSyncError when there is no such session, the target is ambiguous, or a limit forbids it.
    """
    sent = sending.send(target or recipients.EVERYONE, text, SendOptions(), sender, repository)
    return {"sent": [_sent_row(each) for each in sent]}


def read(box: str, unread_only: bool, *, by_model: bool) -> MessageList:
    """Return the latest messages to a session, oldest first; those read `by_model` are not delivered to it again."""
    if by_model:
        deliveries.reconcile_receipts(box)
    known = deliveries.as_proved(mailbox.everything(box))
    found = [each for each in known if each.is_unread or not unread_only][-MOST:]
    if by_model:
        deliveries.shown_to_model(box, found)
    return {"messages": [_message_row(each) for each in found]}


def _sent_row(sent: Sent) -> SentRow:
    message = sent.message
    row: SentRow = {
        "id": message.id,
        "to": message.to,
        "name": shown(message.to_name, wording.LONGEST_NAME),
        "live": sent.alive,
    }
    if not sent.alive:
        row["alike"] = [shown(name, wording.LONGEST_NAME) for name in recipients.alike(sent.message)]
    return row


def _message_row(delivery: Delivery) -> MessageRow:
    message = delivery.message
    lines, complete = messages.excerpt(message.text, messages.LONGEST_EXCERPT)
    more = [] if complete else [f"(`context-sync thread {message.id}` shows all {len(message.text):,} characters)"]
    return {
        "id": message.id,
        "heading": messages.heading(message),
        "text": "\n".join([*lines, *more]),
        "state": delivery.state,
    }
