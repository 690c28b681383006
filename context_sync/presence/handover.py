"""Handover: the mail of a session that `/clear` ended goes to the session that sits in its seat now."""

from context_sync.domain.records import Session
from context_sync.state import gate, mailbox, seats, sessions


def recipient(session: Session) -> Session:
    """Return the session that reads what is sent to this one: itself, unless `/clear` ended it."""
    seen = {session.id}
    while (following := seats.recipient(session)) and following not in seen:
        known = sessions.load(following)
        if known is None:
            break  # it has only just begun
        seen.add(following)
        session = known
    return session


def complete(session: Session, source: str) -> None:
    """Seat the session, which begins or is back, and hand it the mail of those that `/clear` ended in its seat.

    Done again it changes nothing. Who was cleared without a word, as its hook died or had no time, counts as well.
    """
    before = [each.id for each in _before(session)] if source == "clear" else []
    for box in seats.sit(session, before):
        known = sessions.load(box)
        if known and seats.recipient(known) == session.id:
            for delivery in mailbox.unread(box):
                mailbox.hand_over(delivery, session.id)


def take_back(session: Session) -> None:
    """Give the session, which is back after `/clear`, the mail addressed to it that no other session was given."""
    others = [box for box in mailbox.boxes() if box != session.id] if seats.recipient(session) else []
    for delivery in [each for box in others for each in mailbox.unread(box)]:
        if delivery.message.to == session.id and not delivery.injections():
            mailbox.hand_over(delivery, session.id)


def replace(session: Session) -> None:
    """End whom the session takes the place of in its process by `/clear` or `/resume`, if nobody noted that end."""
    for other in _before(session):
        sessions.end(other, other.last_seen)


def _before(session: Session) -> list[Session]:
    """Return the sessions that the session's process had before, if nobody noted their end."""
    found = sessions.live([each for each in gate.registered() if each != session.id]) if session.pid_start else []
    return [other for other in found if _process(other) == _process(session)]


def _process(session: Session) -> tuple[int, str]:
    return session.pid, session.pid_start
