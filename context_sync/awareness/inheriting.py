"""Owns what becomes of a session's mail when `/clear` begins another one in its place."""

from context_sync.records import Session
from context_sync.state import mailbox, markers, sessions


def offer(session: Session) -> None:
    """Leave the session's mail to the one that follows in the same client."""
    if session.pid_start:
        mailbox.offer(session.id, _client(session))


def inherit(session: Session) -> None:
    """Give the session, which is new, the mail that was left to it, now and later; done again it changes nothing."""
    if session.pid_start:
        for box in mailbox.offered(_client(session)):
            mailbox.bequeath(box, session.id)


def replace(session: Session) -> None:
    """End what the session takes the place of in its client by `/clear` or `/resume`, if nobody noted that end."""
    for other in sessions.live([each for each in markers.registered() if each != session.id]):
        if session.pid_start and _client(other) == _client(session):
            sessions.end(other, other.last_seen)


def _client(session: Session) -> str:
    return f"{session.pid} {session.pid_start}"
