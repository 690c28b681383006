"""Owns what is done again when a recorder died: what it did not write down, and what it did not tell."""

import time

from context_sync.claude.hooks.payloads import Event
from context_sync.domain.records import Session
from context_sync.edits import command_writes, recorder
from context_sync.state import gate, processes, touches

LONGEST = 60.0  # seconds; no recorder lives as long, so its pid is that of another process by then


def recover(session: Session, event: Event, patience: float = float("inf")) -> Session:
    """Return the session, perhaps renamed, with the work of its dead recorders done, as far as `patience` seconds go.

    The transcript has the edits, the touch file those that were not announced, and git what a command wrote. What takes
    long is tried once, or each event after a recorder that ran out of its time would run out of its own.
    """
    dead = [pid for pid in gate.recorders(session.id) if is_dead(session.id, pid)]
    if not dead or session.ended:
        return session
    session = recorder.catch_up(session, patience)
    ends = {pid: gate.recording_since(session.id, pid) for pid in dead}
    again = [pid for pid in dead if not gate.is_tried(session.id, pid)]
    if len(again) < len(dead):
        recorder.call(session, touches.read(session.id).unsettled(), search=False)
    for pid in dead:
        (gate.tried if pid in again else gate.recorded)(session.id, pid)
    for pid in dead:
        command_writes.notice(
            session, event._replace(tool="Bash", tool_use="", agent="", duration=0.0), ends[pid], late=True
        )
    if again:
        recorder.call(session, touches.read(session.id).unsettled())
    for pid in again:
        gate.recorded(session.id, pid)
    return session


def is_dead(session_id: str, pid: int) -> bool:
    """Say whether a recorder is not at work any more, though it did not finish."""
    return not processes.is_there(pid) or time.time() - gate.recording_since(session_id, pid) > LONGEST
