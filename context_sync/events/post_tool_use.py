"""PostToolUse, in the background: an edit was made, or a command ran that may have made some."""

import os
import time

from context_sync.claude.hooks import edits
from context_sync.claude.hooks.edits import RecordedEdit
from context_sync.claude.hooks.payloads import EDITING_TOOLS, Event
from context_sync.domain.records import Session
from context_sync.edits import recorder
from context_sync.hotpath.namedtuples import TYPE_CHECKING
from context_sync.presence import lifecycle
from context_sync.state import gate, repositories, sessions, touches

if TYPE_CHECKING:
    import signal
else:
    import _signal as signal  # `signal` itself loads `enum` (3 ms)


def handle(event: Event) -> None:
    """Record the edit, or what a command wrote and settled, and what earlier recorders of the session left undone.

    Whatever keeps this recorder from its end leaves its marker, by which the next one does the rest.
    """
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the end of `claude -p`: 1.5 s are left until SIGKILL (2.1.328)
    # When the gate started, not Python, which may take a second on a busy machine.
    now = gate.recording_since(event.session, os.getpid()) or time.time()
    session = lifecycle.current(event)
    if not session.ended:
        gate.tool_ended(session.id)
    if event.tool in EDITING_TOOLS:
        _record(session, event, now)
    session = recorder.catch_up(session)  # first, so that an edit's writes are not attributed to a command
    if event.tool not in EDITING_TOOLS:
        from context_sync.edits import command_writes
        from context_sync.touches import settlement

        command_writes.notice(session, event, now)
        settlement.settle_own(session.id)
    if gate.recorders(session.id) != [os.getpid()]:
        from context_sync.edits import recovery

        recovery.recover(session, event)
    gate.recorded(session.id, os.getpid())
    _reconcile(session)
    from context_sync.conflicts import counts

    counts.refresh(session)
    if gate.is_sweep_due():
        _sweep()


def _sweep() -> None:
    """Remove what is old, and note what became of all sessions and of their mail; once a day."""
    from context_sync import config
    from context_sync.state import mailbox, retention  # 1 ms

    retention.sweep(config.read().keep_days)
    if len(gate.registered()) > 1 or mailbox.boxes():
        from context_sync import reconcile

        reconcile.reconcile()


def _reconcile(session: Session) -> None:
    """Note what became of the others where the session works: at once who vanished, the rest once in a while."""
    touched = {touch.repository for touch in touches.read(session.id).touches}
    for repository in touched | {session.repository}:
        members = repositories.members(repository)
        if len(members) > 1:
            sessions.end_vanished(members)
            if repositories.is_reconciling_due(repository):
                from context_sync import reconcile  # with the mail, 3 ms

                reconcile.reconcile(repository)


def _record(session: Session, event: Event, now: float) -> None:
    edit = edits.read(event.tool_input, event.tool_response)
    if edit:
        recorder.record(session, [RecordedEdit(now, event.tool, event.tool_use, event.agent, edit)])
