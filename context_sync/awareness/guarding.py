"""Owns the guard: what a session is told before it edits a definition that another live session holds."""

import os
import time

from context_sync import conflicts, git
from context_sync.awareness import attendance, recording, settling
from context_sync.claude import edits
from context_sync.claude.payloads import Event
from context_sync.claude.transcripts import RecordedEdit
from context_sync.records import Session, Touch
from context_sync.state import alerts, repositories, sessions, touches
from context_sync.wording import Hold


def holds(session: Session, event: Event) -> list[Hold]:
    """Return the unsettled changes of live sessions to the definitions that the event is about to edit."""
    coming = _coming(session, event)
    if coming is None or not coming.symbols:
        return []
    ids = [each for each in repositories.holders(coming.repository, coming.path) if each != session.id]
    found = [_hold(coming, other) for other in sessions.live(ids)]
    return [each for each in found if each]


def fresh(session: Session, found: list[Hold]) -> list[Hold]:
    """Return those of the holds that the session was not told of since the holder's last edit."""
    memory = alerts.recall(session.id) if found else None
    return [hold for hold in found if memory and (memory.is_new(hold.conflict) or memory.is_renewed(hold.conflict))]


def told(session: Session, found: list[Hold]) -> None:
    """Note that the session was told: its next attempt passes, and no alert says the same again."""
    alerts.remember(session.id, [hold.conflict for hold in found], time.time())


def _coming(session: Session, event: Event) -> Touch | None:
    try:
        with open(os.path.join(session.cwd, edits.path_of(event.tool_input)), "rb") as stream:
            edit = edits.intended(event.tool_input, stream.read())
    except OSError:
        return None
    if edit is None:
        return None
    seen = RecordedEdit(time.time(), event.tool, event.tool_use, event.agent, edit)
    return recording.touch_of(session, seen)


def _hold(coming: Touch, other: Session) -> Hold | None:
    history = touches.read(other.id)
    theirs = [each for each in history.touches if (each.repository, each.path) == (coming.repository, coming.path)]
    if not _collide(coming, theirs):
        return None
    if any(each.worktree == coming.worktree for each in theirs):
        (history,) = settling.settle(coming.worktree, {coming.path}, [history])
    theirs = [each for each in theirs if _is_open(coming, each, history)]
    if not _collide(coming, theirs):
        return None
    (conflict,) = conflicts.between([coming], theirs)
    conflict = conflict._replace(since=history.settled_at(coming.worktree, coming.path))
    branch = git.branch_of(attendance.place_of(conflict.theirs_worktree))
    return Hold(conflict, other, branch, _change(coming, conflict.theirs_worktree, conflict.symbols))


def _collide(coming: Touch, theirs: list[Touch]) -> bool:
    return any(conflict.level == "symbol" for conflict in conflicts.between([coming], theirs))


def _is_open(coming: Touch, touch: Touch, history: touches.History) -> bool:
    if touch.worktree == coming.worktree:
        return not history.is_settled(touch)
    if history.is_resolved(touch):
        return False
    base = settling.common_ancestor(coming.worktree, touch.worktree)
    differing = git.differing(touch.worktree, base, [touch.path]) if base else None
    return differing is None or touch.path in differing


def _change(coming: Touch, worktree: str, names: tuple[str, ...]) -> list[str]:
    """Return the lines with - and + of what the definitions became in the holder's worktree."""
    from context_sync.symbols import resolver  # loaded already for `coming`

    base = settling.common_ancestor(coming.worktree, worktree)
    try:
        with open(os.path.join(worktree, coming.path), "rb") as stream:
            text = stream.read()
    except OSError:
        return []
    spans = [symbol for symbol in resolver.definitions(coming.path, text) if symbol.name in names]
    lines: list[str] = []
    for start, count, changed in git.changed_lines(worktree, base, coming.path) if base else []:
        if any(start <= span.end and span.start <= start + max(count - 1, 0) for span in spans):
            lines += changed
    return lines
