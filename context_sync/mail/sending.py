"""Sending a message: it is addressed, checked against the limits, stored, and only then reported."""

from __future__ import annotations

import os
import time

from context_sync import config
from context_sync.domain import messages, wording
from context_sync.domain.messages import RECEIPTS, USER, Message
from context_sync.domain.records import Session
from context_sync.errors import ContextSyncError
from context_sync.hotpath.namedtuples import NamedTuple
from context_sync.mail import recipients
from context_sync.presence import handover, identity
from context_sync.state import mailbox, sessions
from context_sync.state.mailbox import Delivery


class SendOptions(NamedTuple):
    """What the sender asks for; see `Message`."""

    reply_to: str = ""
    urgent: bool = False
    ack: bool = False


class Sent(NamedTuple):
    """A message that was stored; `alive` is whether its receiver is live, `wakes` whether it is woken when idle."""

    message: Message
    alive: bool
    wakes: bool


class Refused(NamedTuple):
    """A receiver for whom a message was not stored, by id and by name, whether it is live, and why it was refused."""

    to: str
    to_name: str
    alive: bool
    why: str


class SendResult(NamedTuple):
    """What became of a message to each of its receivers."""

    sent: list[Sent]
    refused: list[Refused]


def send(target: str, text: str, options: SendOptions, sender: str = "", repository: str = "") -> list[Sent]:
    """Send `text` as `post` does; raises ContextSyncError when a receiver is refused, with how many were not."""
    sent, refused = post(target, text, options, sender, repository)
    if refused:
        others = f" It was sent to {len(sent)} other session{'s' * (len(sent) > 1)}." if sent else ""
        raise ContextSyncError(refusal(refused) + others)
    return sent


def refusal(refused: list[Refused]) -> str:
    """Return the sentence that says to whom a message was not sent and why, each reason once."""
    reasons: dict[str, list[str]] = {}
    for each in refused:
        reasons.setdefault(each.why, []).append(each.to_name)
    return f"not sent to {'; '.join(f'{_and(names)}: {why}' for why, names in reasons.items())}."


def post(target: str, text: str, options: SendOptions, sender: str = "", repository: str = "") -> SendResult:
    """Send `text`, secrets masked, to those whom `target` stands for; "" is the other side of the message replied to.

    Without a `sender` it is whoever this process speaks for; `recipients.EVERYONE` are those of `repository`, "" being
    the sender's own. Where a limit refuses some of the receivers, the others get it all the same. Raises
    ContextSyncError when the target is unknown or ambiguous.
    """
    from context_sync.domain.masking import masked

    text = masked(text)
    me = sender or identity.myself()
    answered = _message(options.reply_to, me) if options.reply_to else None
    options = options._replace(reply_to=answered.id if answered else "")
    sent, refused = [], []
    for receiver in _receivers(target, me, answered, repository):
        why = _refusal(me, receiver, text)
        if why:
            refused.append(Refused(receiver, identity.name_of(receiver), _is_there(receiver), why))
        else:
            sent.append(_send(me, receiver, text, options, target == recipients.EVERYONE))
    return SendResult(sent, refused)


def acknowledge(delivery: Delivery) -> None:
    """Send a receipt for a message that was read; a second call changes nothing while the first receipt is unread."""
    message, at = delivery.message, delivery.at("read")
    reader = identity.name_of(delivery.box)
    to = handover.recipient(message.sender)
    mailbox.store(_own(message.id[::-1], at, to, message.sender_name, messages.receipt(message, reader, at)))


def tell(receiver: Session, text: str) -> None:
    """Send a session a notice of context-sync's own."""
    mailbox.store(_own(messages.identifier(os.urandom(16)), time.time(), receiver.id, receiver.name, text))


def _own(message_id: str, at: float, to: str, to_name: str, text: str) -> Message:
    return Message(message_id, at, sender=RECEIPTS, sender_name=RECEIPTS, branch="", to=to, to_name=to_name, text=text)


def _message(message_id: str, me: str) -> Message:
    from context_sync.mail import message_search

    own = (me, *(entry.to for entry in mailbox.sent_entries(me)))
    for among in (dict.fromkeys(own), mailbox.boxes()):
        found = {each.message.id: each.message for each in mailbox.find(message_id, among)}
        if len(found) == 1:
            return found.popitem()[1]
        if found:
            break
    raise ContextSyncError(message_search.not_one(message_id, found))


def _receivers(target: str, me: str, answered: Message | None, repository: str) -> list[str]:
    if target == recipients.EVERYONE:
        return [each.id for each in recipients.everyone(me, repository)]
    if target in recipients.THE_USER:
        return [USER]
    if target or answered is None:
        return [handover.recipient(recipients.session_named(target, me).id)]
    other = answered.to if answered.sender == me else answered.sender
    if other == RECEIPTS:
        raise ContextSyncError(f"{answered.id} is a receipt, to which nobody can reply: name a session instead.")
    return [handover.recipient(other)]


def _refusal(me: str, receiver: str, text: str) -> str:
    now = time.time()
    unread = len(mailbox.unread_names(receiver))
    lately = [each for each in mailbox.sent_entries(me, now - messages.BURST) if each.to == receiver]
    recent = [(each.at, _text_of(each) if now - each.at < messages.REPEATED else "") for each in lately]
    return messages.refusal(text, recent, unread, now)


def _and(names: list[str]) -> str:
    if len(names) > wording.MOST_NAMED:
        return wording.listed(names)
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _text_of(entry: mailbox.SentEntry) -> str:
    return "".join(each.message.text for each in mailbox.find(entry.id, [entry.to]))


def _send(me: str, receiver: str, text: str, options: SendOptions, everyone: bool) -> Sent:
    sender = sessions.load(me)
    message = Message(
        id=messages.identifier(os.urandom(messages.ID_LENGTH)),
        at=time.time(),
        sender=me,
        sender_name=identity.name_of(me),
        branch=identity.branch_of(sender) if sender else "",
        to=receiver,
        to_name=identity.name_of(receiver),
        text=text,
        everyone=everyone,
        **options._asdict(),
    )
    wakes = messages.wakes(message, config.read().wake)
    try:
        receiver = mailbox.store(message, wakes)
    except OSError as error:
        raise ContextSyncError(
            f"not sent: {error.filename} cannot be written ({error.strerror}); `context-sync doctor` says more."
        ) from error
    alive = _is_there(receiver)
    return Sent(message, alive, wakes and alive and _is_attended(sessions.load(receiver)))


def _is_there(receiver: str) -> bool:
    session = sessions.load(receiver)
    return receiver == USER or (session is not None and sessions.is_alive(session))


def _is_attended(session: Session | None) -> bool:
    return session is not None and session.entrypoint == "cli"
