"""The wake listener: a process that waits, while a session is idle, for mail that wakes it."""

import os
import time

from context_sync.domain.messages import Message
from context_sync.state import gate, mailbox, processes
from context_sync.state.mailbox import Delivery, Mark

POLL_INTERVAL = 1.0  # seconds between two looks, each of which takes 0.2 ms: 0.02 % of a core


def wait(session_id: str) -> Message | None:
    """Return the message that wakes the session, once that is noted, None when the session is gone or busy.

    The first look comes late: what the end of the turn itself shows need not wake the session. A message wakes once.
    """
    parent = os.getppid()
    turn = gate.turn(session_id)
    if not _is_over(*turn) or not processes.is_there(processes.client()):
        return None  # if it died just before, we have another parent, which may never end
    while True:
        time.sleep(POLL_INTERVAL)
        # Claude Code is our parent. Another time means that a turn began, or that another listener took over.
        if os.getppid() != parent or gate.turn(session_id) != turn:
            return None
        for delivery in mailbox.waking(session_id):
            if not delivery.marks and _is_noted(delivery):
                return delivery.message


def _is_over(began: float, ended: float) -> bool:
    """Return whether a turn whose end was noted just now has ended; a later beginning comes from another clock."""
    return ended > began or began > time.time()  # the clock of files stands still for 4 ms: no turn is that short


def _is_noted(delivery: Delivery) -> bool:
    """Note that the message wakes; where that is impossible it must not, or it would do so again and again."""
    try:
        return bool(mailbox.note(delivery, Mark("woken", time.time())).marks)
    except OSError:
        return False
