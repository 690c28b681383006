"""Owns Stop: the end of a turn, the last moment to tell what its last edit brought about, and what arrived."""

import os
import time

from context_sync.awareness import alerting, attendance, recording
from context_sync.claude.payloads import Event
from context_sync.events import telling
from context_sync.events.answer import Answer
from context_sync.records import Session
from context_sync.state import markers, processes

PATIENCE = 0.5  # seconds to wait for a recorder that is still at work
STEP = 0.005  # seconds between two looks


def handle(event: Event) -> Answer | None:
    """Return the mail, and the collisions worth another step, those of the edit recorded this moment included."""
    session = attendance.attend(event)
    if _await_recorders(session):
        session = recording.catch_up(session, PATIENCE)
    answer = telling.answer(event, session, alerting.at_end(session))
    if answer:
        markers.go_on(session.id)
    return answer


def _await_recorders(session: Session) -> bool:
    """Wait until the recorders of the session are done; say whether one of them died."""
    died = False
    end = time.monotonic() + PATIENCE
    while pids := markers.recorders(session.id):
        for pid in pids:
            if not processes.start_of(pid):
                markers.recorded(session.id, pid)
                died = os.path.isfile(session.transcript)
        if time.monotonic() > end:
            break
        time.sleep(STEP)
    return died
