"""What a session is working on, in one line: cheap enough for a hook and for fifty sessions at once."""

import os
from typing import NamedTuple

from context_sync.claude.transcripts import discovery, glance
from context_sync.domain.masking import shown
from context_sync.domain.records import Session
from context_sync.state import summaries

MAX_TASK = 300  # characters


class Work(NamedTuple):
    """What a session does (`status`, one of `glance.STATUSES`) and on what (`task`, "" when unknown)."""

    status: str
    task: str


def of(session: Session) -> Work:
    """Return what a session works on: from its summary if that covers the latest request, else in the user's words."""
    transcript = session.transcript
    if not os.path.isfile(transcript):  # it moved into a worktree with the session, or there is none
        transcript = discovery.find(session.id)
    seen = glance.take(transcript)
    made = summaries.load(session.id)
    request = shown(seen.latest, MAX_TASK)
    if request and made.get("request") == request:
        return Work(seen.status, shown(str(made.get("task", "")), MAX_TASK))
    return Work(seen.status, task_of(seen.first, seen.latest, MAX_TASK))


def task_of(first: str, latest: str, limit: int) -> str:
    """Return the task in the user's words: the first request, and the latest if that is a different one."""
    if latest in ("", first):
        return shown(first, limit)
    half = (limit - len(LATEST)) // 2
    return f"{shown(first, half)}{LATEST}{shown(latest, half)}" if first else shown(latest, limit)


LATEST = " – latest request: "
