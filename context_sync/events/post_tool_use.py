"""PostToolUse, in the background: an edit was made, or a command ran that may have made some."""

import os
import time

from context_sync.claude.hooks import edits
from context_sync.claude.hooks.payloads import EDITING_TOOLS, Event
from context_sync.claude.transcripts.reader import RecordedEdit
from context_sync.conflicts import counts
from context_sync.domain.records import Session
from context_sync.edits import command_writes, recorder, recovery
from context_sync.hotpath.namedtuples import TYPE_CHECKING
from context_sync.presence import lifecycle
from context_sync.state import gate
from context_sync.touches import settlement

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
    session = lifecycle.attend(event)
    if not session.ended:
        gate.tool_ended(session.id)
    if event.tool in EDITING_TOOLS:
        _record(session, event, now)
    session = recorder.catch_up(session)  # first, so that an edit's writes are not attributed to a command
    if event.tool not in EDITING_TOOLS:
        command_writes.notice(session, event, now)
        settlement.settle_own(session.id)
    recovery.recover(session, event)
    gate.recorded(session.id, os.getpid())
    counts.refresh(session)
    if gate.is_sweep_due():
        from context_sync import config
        from context_sync.state import retention  # 1 ms, once a day

        retention.sweep(config.read().keep_days)


def _record(session: Session, event: Event, now: float) -> None:
    edit = edits.read(event.tool_input, event.tool_response)
    if edit:
        recorder.record(session, [RecordedEdit(now, event.tool, event.tool_use, event.agent, edit)])
