"""Stop: the end of a turn, the last moment to report what its last edit caused and what arrived."""

import time

from context_sync.claude.hooks.payloads import Event
from context_sync.conflicts import alerts
from context_sync.events import response
from context_sync.events.dispatch import Answer
from context_sync.presence import lifecycle
from context_sync.state import gate, processes

PATIENCE = 0.5  # seconds to wait for a recorder that is still at work
STEP = 0.005  # seconds between two checks


def handle(event: Event) -> Answer | None:
    """Return the mail and the conflicts worth another step, including those of an edit being recorded right now."""
    session = lifecycle.current(event)
    if session.ended:
        return None
    _await_recorders(session.id)
    if gate.recorders(session.id):
        from context_sync.edits import recovery

        session = recovery.catch_up(session, event, PATIENCE)
    answer = response.answer(event, session, alerts.at_end(session))
    if answer:
        gate.go_on(session.id)
    return answer


def _await_recorders(session_id: str) -> None:
    """Wait until no recorder of the session is at work."""
    end = time.monotonic() + PATIENCE
    while any(processes.is_there(pid) for pid in gate.recorders(session_id)) and time.monotonic() < end:
        time.sleep(STEP)
