"""Owns what becomes of a session's mail when `/clear` begins another one in its place."""

from context_sync.records import Session
from context_sync.state import mailbox, sessions


def inherit(session: Session) -> None:
    """Give the session the mail of the one that `/clear` ended for it, now and later: the last of the same client."""
    before = [
        each
        for each in sessions.everyone()
        if each.id != session.id and session.pid and (each.pid, each.pid_start) == (session.pid, session.pid_start)
    ]
    if before:
        mailbox.bequeath(max(before, key=lambda each: max(each.ended, each.last_seen)).id, session.id)
