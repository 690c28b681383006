"""Owns PostToolUse: an edit was made, or a command was run that may have made some."""

import os
import time

from context_sync.awareness import attendance, recording, settling
from context_sync.claude import edits
from context_sync.claude.payloads import EDITING_TOOLS, Event
from context_sync.claude.transcripts import RecordedEdit
from context_sync.state import markers


def handle(event: Event) -> None:
    """Record the edit, or what a command settled, and what the transcript tells of edits that no hook saw.

    Runs in the background.
    """
    now = time.time()
    session = attendance.attend(event)
    try:
        if event.tool in EDITING_TOOLS:
            edit = edits.read(event.tool_input, event.tool_response)
            if edit:
                recording.record(session, [RecordedEdit(now, event.tool, event.tool_use, event.agent, edit)])
        else:
            settling.settle_own(session.id)
        recording.catch_up(session)
    finally:
        markers.recorded(session.id, os.getpid())
