"""Recovery: what a recorder left undone because it died or ran out of time is done by the next one.

There are two cursors, and every recorder goes on from both: the position in the transcripts, which has the edits, and
the commit that the session last saw checked out, see `command_writes`. Neither moves before the work up to it is done,
and doing that twice changes nothing. What no cursor covers is done for the markers of dead recorders: looking for what
a command wrote and did not commit, and announcing what was stored. Each step of that has a share of the time that is
left, and the markers are removed whether or not it succeeds, so that nothing is attempted endlessly.
"""

import time

from context_sync.claude.hooks.payloads import Event
from context_sync.domain.records import Session
from context_sync.edits import command_writes, recorder
from context_sync.hotpath import deadlines
from context_sync.state import gate, processes, touches

MAX_AGE = 60.0  # seconds; no recorder lives that long, so by then its pid belongs to another process
SHARE = 0.5  # of the time that is left to a hook, for one step


def catch_up(session: Session, event: Event, patience: float = float("inf")) -> Session:
    """Return the session, perhaps renamed, with the work of its recorders done up to now.

    What its transcripts have that is not read after `patience` seconds is left for the next time.
    """
    session = recorder.catch_up(session, patience)
    recover(session, event)
    return session


def recover(session: Session, event: Event) -> None:
    """Do what the dead recorders of the session left undone that no cursor covers, and remove their markers."""
    dead = [] if session.ended else [pid for pid in gate.recorders(session.id) if is_dead(session.id, pid)]
    if not dead:
        return
    try:
        _do_again(session, event, sorted(gate.recording_since(session.id, pid) for pid in dead))
    finally:
        for pid in dead:
            gate.recorded(session.id, pid)


def _do_again(session: Session, event: Event, ends: list[float]) -> None:
    """Announce what is stored, and find and announce what the commands that ended at these times wrote."""
    recorder.notify(session, touches.read(session.id).unsettled(), search=False)
    command = event._replace(tool="Bash", tool_use="", agent="", duration=0.0, tool_input={}, tool_response={})
    for ended in ends:
        _find(session, command, ended)
    deadlines.attempt(lambda: recorder.notify(session, touches.read(session.id).unsettled()), SHARE)


def _find(session: Session, command: Event, ended: float) -> None:
    deadlines.attempt(lambda: command_writes.notice(session, command, ended, late=True), SHARE)


def is_dead(session_id: str, pid: int) -> bool:
    """Return whether a recorder is no longer running, though it did not finish."""
    return not processes.is_there(pid) or time.time() - gate.recording_since(session_id, pid) > MAX_AGE
