"""Handover: the mail of a session that `/clear` ended goes to the session that sits in its seat now."""

from context_sync.domain.records import Session
from context_sync.state import gate, mailbox, seats, sessions


def recipient(party: str) -> str:
    """Return who reads what is sent to a session, or the user: the same one, unless `/clear` ended that session."""
    line = [party]
    while (follower := seats.follower(line[-1])) and follower not in line and sessions.load(follower):
        line.append(follower)
    return line[-1]


def complete(session: Session, source: str) -> None:
    """Seat the session, which begins or is back, and hand it the mail of those that `/clear` ended in its seat.

    Done again it changes nothing. A session whose end was not noted, as its hook died or had no time, counts as well.
    """
    before = [each.id for each in _before(session)] if source == "clear" else []
    for box in seats.sit(session, before):
        if seats.follower(box) == session.id:
            for delivery in mailbox.unread(box):
                mailbox.hand_over(delivery, session.id)


def take_back(session: Session) -> None:
    """Give the session, which is back after `/clear`, the mail addressed to it that no other session was given."""
    others = [box for box in mailbox.boxes() if box != session.id] if seats.follower(session.id) else []
    for delivery in [each for box in others for each in mailbox.unread(box)]:
        if delivery.message.to == session.id and not delivery.injections():
            mailbox.hand_over(delivery, session.id)


def replace(session: Session) -> None:
    """End the session that this one replaces in its process by `/clear` or `/resume`, if that end was not noted."""
    for other in _before(session):
        sessions.end(other, other.last_seen)


def _before(session: Session) -> list[Session]:
    """Return the sessions that the session's process had before and whose end was not noted."""
    found = sessions.live([each for each in gate.registered() if each != session.id]) if session.pid_start else []
    return [other for other in found if _process(other) == _process(session)]


def _process(session: Session) -> tuple[int, str]:
    return session.pid, session.pid_start
