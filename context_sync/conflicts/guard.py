"""Owns the guard: what a session is told before it edits a definition that another live session holds."""

from __future__ import annotations

import os
import time

from context_sync.claude.hooks import edits
from context_sync.claude.hooks.payloads import Event
from context_sync.claude.transcripts.reader import RecordedEdit
from context_sync.domain import conflicts, redaction
from context_sync.domain.conflicts import Conflict
from context_sync.domain.edit_history import History
from context_sync.domain.records import Session, Touch
from context_sync.domain.wording import Hold
from context_sync.git import checkouts, commits, differences, objects, refs
from context_sync.hotpath import regular_files
from context_sync.hotpath.namedtuples import NamedTuple
from context_sync.presence import lifecycle
from context_sync.state import alert_memory, repositories, sessions, touches
from context_sync.touches import definitions, settlement


class _Coming(NamedTuple):
    """The edit that is about to be made, as the touch that it would be, and the text after it."""

    touch: Touch
    text: bytes


def holds(session: Session, event: Event) -> list[Hold]:
    """Return the unsettled changes of live sessions to the definitions that the event is about to edit."""
    coming = _coming(session, event)
    if coming is None or not coming.touch.symbols:
        return []
    ids = [each for each in repositories.holders(coming.touch.repository, coming.touch.path) if each != session.id]
    found = [_hold(coming, other) for other in sessions.live(ids)]
    return [each for each in found if each]


def fresh(session: Session, found: list[Hold]) -> list[Hold]:
    """Return those of the holds that the session was not told of since the holder's last edit."""
    memory = alert_memory.recall(session.id) if found else None
    return [hold for hold in found if memory and (memory.is_new(hold.conflict) or memory.is_renewed(hold.conflict))]


def announce(session: Session, found: list[Hold]) -> list[Hold]:
    """Return those of the holds that stopped no edit yet, and note that they are about to.

    Raises OSError where that cannot be noted: a denial that nobody remembers would come again and again.
    """
    memory = alert_memory.recall(session.id) if found else None
    due = [hold for hold in found if memory and not memory.is_announced(hold.conflict)]
    alert_memory.announce(session.id, [hold.conflict for hold in due], time.time())
    return due


def with_changes(found: list[Hold]) -> list[Hold]:
    """Return the holds with what the holders changed, secrets masked."""
    if not found:
        return []
    from context_sync.domain.masking import masked

    return [
        hold._replace(
            conflict=redaction.conflict(hold.conflict), change=[masked(line) for line in _change(hold.conflict)]
        )
        for hold in found
    ]


def told(session: Session, found: list[Hold]) -> None:
    """Note that the session was told: its next attempt passes, and no alert says the same again."""
    alert_memory.remember(session.id, [_until_now(hold.conflict) for hold in found], time.time())


def _until_now(conflict: Conflict) -> Conflict:
    """Return the conflict with everything that the holder did to the file: whatever it is, it is no news after this."""
    made = touches.read(conflict.theirs, {conflict.path}).touches
    return conflict._replace(theirs_touches=conflicts.ids(made))


def _coming(session: Session, event: Event) -> _Coming | None:
    try:
        edit = edits.intended(
            event.tool_input, regular_files.read(os.path.join(session.cwd, edits.path_of(event.tool_input)))
        )
    except OSError:
        return None
    if edit is None or edit.after is None:
        return None
    _expect(session, edit.path)
    touch = definitions.touch_of(session, RecordedEdit(time.time(), event.tool, event.tool_use, event.agent, edit))
    return _Coming(touch, edit.after) if touch else None


def _expect(session: Session, path: str) -> None:
    """Have git look up the file that another session holds, which takes as long as reading the edit does."""
    path = os.path.realpath(os.path.join(session.cwd, path))
    place = checkouts.checkout_of(os.path.dirname(path))
    relative = os.path.relpath(path, place.worktree) if place else ""
    if place and any(each != session.id for each in repositories.holders(place.repository, relative)):
        head = refs.head_of(place.worktree)
        if head:
            objects.expect(place.worktree, head, [relative])


def _hold(coming: _Coming, other: Session) -> Hold | None:
    mine, history = coming.touch, touches.read(other.id, {coming.touch.path})
    theirs = [each for each in history.touches if each.repository == mine.repository]
    if not _collide(mine, theirs):
        return None
    if any(each.worktree == mine.worktree for each in theirs):
        (history,) = settlement.settle(mine.worktree, {mine.path}, [history])
    theirs = _open(mine, history)
    if not _collide(mine, theirs):
        return None
    (conflict,) = conflicts.between([mine], theirs)
    conflict = conflict._replace(mine_touches=())  # the edit to come has none yet
    if conflict.theirs_worktree != mine.worktree:
        foreseen = _merged(coming, conflict)
        if foreseen is None:
            return None
        conflict = foreseen
    branch = refs.branch_of(lifecycle.checkout_of(conflict.theirs_worktree))
    return Hold(conflict, other, branch, [])


def _merged(coming: _Coming, conflict: Conflict) -> Conflict | None:
    """Return the conflict with what a merge would do after the edit, None when the edit is what the other has, too."""
    from context_sync.analysis import judge  # 10 ms
    from context_sync.analysis.changes import Change, edits_of
    from context_sync.analysis.touched import touched_names
    from context_sync.conflicts import worktree_changes

    base = commits.common_ancestor(coming.touch.worktree, conflict.theirs_worktree)
    theirs = worktree_changes.changes(conflict.theirs_worktree, base, [conflict.path]) if base else None
    if not theirs:
        return conflict
    there = {name for edit in edits_of(theirs).values() for name in touched_names(edit)}
    if not there.intersection(conflict.symbols):
        return None  # what the other did to it was taken back there
    mine = Change(conflict.path, theirs[0].before, coming.text)
    found = [each for each in judge.judge([mine], theirs) if each.dependency is None]
    if not found or found[0].level == "file":
        return None  # what the other did to it is here already
    if found[0].level != "merge":
        return conflict
    return conflict._replace(level="merge", symbols=found[0].symbols, places=found[0].places)


def _collide(coming: Touch, theirs: list[Touch]) -> bool:
    return any(conflict.level == "symbol" for conflict in conflicts.between([coming], theirs))


def _open(coming: Touch, history: History) -> list[Touch]:
    """Return the touches of the file that are not settled, and not undone or merged where another worktree is meant."""
    own = coming.worktree
    elsewhere = [touch for touch in history.unresolved() if touch.worktree != own]
    left = [touch for touch in (*history.unsettled(own), *elsewhere) if touch.repository == coming.repository]
    # Asked once of each worktree: a session may have made hundreds of edits.
    others = {touch.worktree for touch in left} - {own}
    same = {worktree for worktree in others if not _differs(own, worktree, coming.path)}
    return [touch for touch in left if touch.worktree not in same]


def _differs(worktree: str, other: str, path: str) -> bool:
    """Say whether a file is another one in the other worktree than where both began, also when git cannot tell."""
    base = commits.common_ancestor(worktree, other)
    differing = differences.differing(other, base, [path]) if base else None
    return differing is None or path in differing


def _change(conflict: Conflict) -> list[str]:
    """Return the lines with - and + of what the definitions became in the holder's worktree."""
    from context_sync.conflicts import worktree_changes
    from context_sync.symbols import hunks, resolver  # loaded already for the edit that is coming

    worktree, path = conflict.theirs_worktree, conflict.path
    base = commits.common_ancestor(conflict.mine_worktree, worktree)
    found = worktree_changes.changes(worktree, base, [path]) if base else None
    if not found:
        return []
    before, after = found[0].before or b"", found[0].after or b""
    spans = [symbol for symbol in resolver.definitions(path, after) if symbol.name in conflict.symbols]
    old, new = before.decode("utf-8", "replace").split("\n"), after.decode("utf-8", "replace").split("\n")
    lines: list[str] = []
    for removed, removals, added, additions in hunks.hunks_between(before, after):
        if any(added <= span.end and span.start <= added + max(additions - 1, 0) for span in spans):
            lines += ["-" + line for line in old[removed - 1 : removed - 1 + removals] if removals]
            lines += ["+" + line for line in new[added - 1 : added - 1 + additions] if additions]
    return lines
