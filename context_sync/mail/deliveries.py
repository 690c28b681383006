"""Message delivery: each message is shown once, proved by the transcript, and shown again when there is no proof."""

from __future__ import annotations

import os
import time

from context_sync.claude.transcripts import delivery_proof
from context_sync.claude.transcripts.delivery_proof import DeliveryProof, Evidence
from context_sync.domain import messages
from context_sync.domain.messages import RECEIPTS
from context_sync.domain.records import Session
from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple
from context_sync.state import mailbox, sessions
from context_sync.state.mailbox import Delivery, Mark

if TYPE_CHECKING:
    from collections.abc import Iterable

TIMEOUT = 10.0  # seconds that Claude Code has to write its transcript, which it does within one
MAX_INJECTIONS = 3  # of one message: where transcripts have another form, nothing is ever proved


class Due(NamedTuple):
    """What a session is to be shown of its mail, "" for nothing, and what to note once it was handed over."""

    text: str = ""
    unnoted: tuple[Delivery, ...] = ()


def due(session: Session, room: int, *, at_end: bool, continued: bool) -> Due:
    """Return what the session is to be shown of its mail within `room` UTF-16 units.

    It is noted as injected before it is, as the transcript proves what arrives. Without a transcript nothing can
    be proved, and what is not handed over because this process dies would be lost: then it is noted afterwards.
    At the end of a turn a receipt alone is not worth another step, and a turn that `continued` ends in any case.
    """
    waiting = reconcile_receipts(session.id)
    if at_end and (continued or all(each.message.sender == RECEIPTS for each in waiting)):
        return Due()
    batch = messages.Batch(room)
    batched = []
    for delivery in waiting:
        if not batch.add(delivery.message):
            break
        batched.append(delivery)
    if not batched:
        return Due()
    text = batch.text(left=len(waiting) - len(batched))
    if not os.path.exists(session.transcript):
        return Due(text, tuple(batched))
    injected(session, batched)
    return Due(text)


def injected(session: Session, handed: Iterable[Delivery]) -> None:
    """Note that the messages are handed to Claude Code; those that do not arrive there are shown again."""
    for delivery in handed:
        mailbox.note(delivery, Mark("injected", time.time(), session.transcript, _size(session.transcript)))


def shown_to_model(session_id: str, shown: Iterable[Delivery]) -> None:
    """Note that a command of the session shows it messages that it has not seen yet, as `injected` does."""
    known = sessions.load(session_id)
    if known:
        injected(known, [each for each in shown if each.is_unread and not each.injections()])


def shown_to_user(shown: Iterable[Delivery]) -> None:
    """Note that the user was shown messages, after they were: that is reading them."""
    for each in shown:
        if each.is_unread:
            _read(each, time.time())


def sent_by(sender: str) -> list[Delivery]:
    """Return what the sender sent, oldest first, with what the receivers' transcripts prove of it; notes nothing."""
    return as_proved(_from(sender))


def as_proved(found: Iterable[Delivery]) -> list[Delivery]:
    """Return the messages with what the receivers' transcripts prove of them now, as `reconcile_receipts` notes it."""
    found = list(found)
    doubtful = [each for each in found if each.is_unread and each.injections()]
    seen = {box: _evidence(box, [each for each in doubtful if each.box == box]) for box in {it.box for it in doubtful}}
    return [_with_proof(each, proof) if (proof := _proof(each, seen.get(each.box, []))) else each for each in found]


def reconcile_receipts(session_id: str) -> list[Delivery]:
    """Note what the transcript proves of the session's mail, and return what is still to be shown, oldest first."""
    unread = list(mailbox.unread(session_id))
    seen = _evidence(session_id, [each for each in unread if each.injections()])
    return [each for each in unread if _is_open(each, seen)]


def _from(sender: str) -> list[Delivery]:
    return [each for each in mailbox.everywhere() if each.message.sender == sender]


def _evidence(session_id: str, doubtful: list[Delivery]) -> list[Evidence]:
    """Return what the transcripts prove of these messages since they were injected.

    Claude Code moves a transcript when the session moves to another worktree: where it is now counts as well.
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
    """Return whether the message is still to be shown; one that is proved, or cannot be, is archived."""
    injections = delivery.injections()
    if not injections:
        return True
    last = injections[-1].at
    proof = _proof(delivery, seen)
    if proof:
        _confirm(delivery, proof)
        return False
    if time.time() - last < TIMEOUT and all(each.answered <= last for each in seen):
        return False
    if len(injections) < MAX_INJECTIONS and any(each.exists for each in seen):
        return True
    mailbox.archive(delivery)
    return False


def _proof(delivery: Delivery, seen: list[Evidence]) -> DeliveryProof | None:
    mark = messages.mark_of(delivery.message.id)
    return next((each.proofs[mark] for each in seen if mark in each.proofs), None)


def _confirm(delivery: Delivery, proof: DeliveryProof) -> None:
    confirmed, read = _times(delivery, proof)
    if not delivery.at("confirmed"):
        delivery = mailbox.note(delivery, Mark("confirmed", confirmed))
    if read:
        _read(delivery, read)


def _with_proof(delivery: Delivery, proof: DeliveryProof) -> Delivery:
    confirmed, read = _times(delivery, proof)
    known = delivery._replace(marks=(*delivery.marks, Mark("confirmed", delivery.at("confirmed") or confirmed)))
    return mailbox.archived(known._replace(marks=(*known.marks, Mark("read", read)))) if read else known


def _times(delivery: Delivery, proof: DeliveryProof) -> tuple[float, float]:
    """Return when the message was confirmed, and when it was read, 0 when it was not."""
    # Transcripts have milliseconds: what was handed over within the same one seems to have come before.
    given = max(proof.given, delivery.injections()[0].at)
    return given, max(proof.answered, given) if proof.answered else 0.0


def _read(delivery: Delivery, at: float) -> None:
    delivery = mailbox.note(delivery, Mark("read", at))
    if delivery.message.ack:
        from context_sync.mail import sending

        sending.acknowledge(delivery)
    mailbox.archive(delivery)


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0
