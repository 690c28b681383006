"""Owns what becomes of a session's mail when `/clear` begins another one in its place."""

from context_sync.domain.records import Session
from context_sync.state import gate, mailbox, sessions


def offer(session: Session) -> None:
    """Leave the session's mail to the one that follows in the same client; once that has it, nothing changes."""
    if session.pid_start and not mailbox.successor(session.id):
        mailbox.offer(session.id, _client(session))


def inherit(session: Session, source: str) -> None:
    """Give the session, which is new, the mail that was left to it, now and later; done again it changes nothing.

    What `/clear` ended without a word, as its hook died or had no room, leaves its mail, too.
    """
    if not session.pid_start:
        return
    left = mailbox.offered(_client(session))
    if source == "clear":
        left += [other.id for other in _before(session)]
    for box in left:
        mailbox.bequeath(box, session.id, _client(session))


def withdraw(session: Session) -> None:
    """Keep the mail of a session that is back from going to the one that was its heir."""
    mailbox.withdraw(session.id)


def replace(session: Session) -> None:
    """End what the session takes the place of in its client by `/clear` or `/resume`, if nobody noted that end."""
    for other in _before(session):
        sessions.end(other, other.last_seen)


def _before(session: Session) -> list[Session]:
    """Return the sessions that the session's client had before, if nobody noted their end."""
    found = sessions.live([each for each in gate.registered() if each != session.id]) if session.pid_start else []
    return [other for other in found if _client(other) == _client(session)]


def _client(session: Session) -> str:
    return f"{session.pid} {session.pid_start}"
