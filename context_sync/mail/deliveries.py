"""Owns how mail reaches a session: told once, proved by its transcript, and told again when there is no proof."""

from __future__ import annotations

import os
import time

from context_sync.claude.transcripts import delivery_proof
from context_sync.claude.transcripts.delivery_proof import Evidence, Proof
from context_sync.domain import messages
from context_sync.domain.messages import RECEIPTS
from context_sync.domain.records import Session
from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple
from context_sync.state import mailbox, sessions
from context_sync.state.mailbox import Delivery, Mark

if TYPE_CHECKING:
    from collections.abc import Iterable

PATIENCE = 10.0  # seconds that the client is given to write its transcript, which it does within one
MOST_INJECTIONS = 3  # of one message: a client that keeps its transcript in another form proves nothing


class Due(NamedTuple):
    """What a session is to be told of its mail, "" for nothing, and what `told` is to note once it was handed over."""

    text: str = ""
    unnoted: tuple[Delivery, ...] = ()


def due(session: Session, room: int, *, at_end: bool, continued: bool) -> Due:
    """Return what the session is to be told of its mail within `room` UTF-16 units.

    It is noted as injected before it is, as the transcript proves what arrives. A session without a transcript cannot
    prove anything, so that what is not handed over because this process dies would be lost: it is noted afterwards.
    At the end of a turn a receipt alone is not worth another step, and a turn that `continued` ends in any case.
    """
    waiting = settle(session.id)
    if at_end and (continued or all(each.message.sender == RECEIPTS for each in waiting)):
        return Due()
    batch = messages.Batch(room)
    told = []
    for delivery in waiting:
        if not batch.add(delivery.message):
            break
        told.append(delivery)
    if not told:
        return Due()
    text = batch.text(left=len(waiting) - len(told))
    if not os.path.exists(session.transcript):
        return Due(text, tuple(told))
    injected(session, told)
    return Due(text)


def injected(session: Session, told: Iterable[Delivery]) -> None:
    """Note that the messages are handed to the client; those that do not arrive there are told again."""
    for delivery in told:
        mailbox.note(delivery, Mark("injected", time.time(), session.transcript, _size(session.transcript)))


def shown_to_model(session_id: str, shown: Iterable[Delivery]) -> None:
    """Note that a command of the session shows it messages that it was not told yet, as `injected` does."""
    known = sessions.load(session_id)
    if known:
        injected(known, [each for each in shown if each.is_unread and not each.injections()])


def shown_to_person(shown: Iterable[Delivery]) -> None:
    """Note that the person was shown messages, after they were: they are read by that."""
    for each in shown:
        if each.is_unread:
            _read(each, time.time())


def sent_by(sender: str) -> list[Delivery]:
    """Return what the sender sent, oldest first, with what the receivers' transcripts prove of it now."""
    boxes = {posting.to for posting in mailbox.postings(sender)}
    while heirs := {heir for box in boxes for heir in mailbox.heirs(box)} - boxes:
        boxes |= heirs
    for box in boxes:
        settle(box)
    found = [each for box in boxes for each in mailbox.everything(box) if each.message.sender == sender]
    return sorted(found, key=lambda each: messages.order(each.message))


def settle(session_id: str) -> list[Delivery]:
    """Note what the transcript proves of the session's mail, and return what is to be told, oldest first."""
    unread = list(mailbox.unread(session_id))
    seen = _evidence(session_id, [each for each in unread if each.injections()])
    return [each for each in unread if _is_open(each, seen)]


def _evidence(session_id: str, doubtful: list[Delivery]) -> list[Evidence]:
    """Return what the transcripts tell of these messages since they were injected.

    The client moves a transcript when the session moves to another worktree: it is looked for where it is now, too.
    """
    begins: dict[str, int] = {}
    for each in doubtful:
        for mark in each.injections():
            begins[mark.transcript] = min(mark.position, begins.get(mark.transcript, mark.position))
    known = sessions.load(session_id) if doubtful else None
    if known:
        begins.setdefault(known.transcript, 0)
    marks = {messages.mark_of(each.message.id) for each in doubtful}
    return [delivery_proof.since(path, position, marks) for path, position in begins.items()]


def _is_open(delivery: Delivery, seen: list[Evidence]) -> bool:
    """Say whether the message is to be told; one that is proved, or cannot be, is settled."""
    injections = delivery.injections()
    if not injections:
        return True
    mark, last = messages.mark_of(delivery.message.id), injections[-1].at
    proof = next((each.proofs[mark] for each in seen if mark in each.proofs), None)
    if proof:
        _confirm(delivery, proof)
        return False
    if time.time() - last < PATIENCE and all(each.answered <= last for each in seen):
        return False
    if len(injections) < MOST_INJECTIONS and any(each.exists for each in seen):
        return True
    mailbox.settle(delivery)
    return False


def _confirm(delivery: Delivery, proof: Proof) -> None:
    # The client tells milliseconds: what it was given within the same one seems to have come before.
    given = max(proof.given, delivery.injections()[0].at)
    if not delivery.at("confirmed"):
        delivery = mailbox.note(delivery, Mark("confirmed", given))
    if proof.answered:
        _read(delivery, max(proof.answered, given))


def _read(delivery: Delivery, at: float) -> None:
    delivery = mailbox.note(delivery, Mark("read", at))
    if delivery.message.ack:
        from context_sync.mail import sending

        sending.acknowledge(delivery)
    mailbox.settle(delivery)


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0
