"""Owns how an idle session is waited for: until mail arrives that wakes it, or it is not idle any more."""

import os
import time

from context_sync.messages import Message
from context_sync.state import mailbox, markers, processes
from context_sync.state.mailbox import Mark

STEP = 1.0  # seconds between two looks, each of which takes 0.2 ms: 0.02 % of a core


def wait(session_id: str) -> Message | None:
    """Return the message that wakes the session, which is noted, None when the session is gone or busy.

    The first look comes a step late: what the end of the turn itself tells need wake nobody. A message wakes once.
    """
    parent = os.getppid()
    idle = markers.idle_since(session_id)
    if not idle or not processes.start_of(processes.client()):
        return None  # a client that died just before has another parent for us, which may never end
    while True:
        time.sleep(STEP)
        # The client is our parent. A later time means that another waiter took over.
        if os.getppid() != parent or markers.idle_since(session_id) != idle:
            return None
        for delivery in mailbox.waking(session_id):
            if not delivery.marks:
                mailbox.note(delivery, Mark("woken", time.time()))
                return delivery.message
