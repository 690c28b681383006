"""The guard: the notice that a session gets before it edits a definition that another live session holds."""

from __future__ import annotations

import os
import time

from context_sync.claude.hooks import edits
from context_sync.claude.hooks.edits import FileEdit, RecordedEdit
from context_sync.domain import conflicts
from context_sync.git import objects, refs
from context_sync.hotpath import hashing, regular_files
from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple
from context_sync.state import alert_memory, baselines, repositories, sessions, touches
from context_sync.touches import definitions

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from context_sync.claude.hooks.payloads import Event
    from context_sync.domain.conflicts import Conflict
    from context_sync.domain.edit_history import History
    from context_sync.domain.records import Session, Symbol, Touch
    from context_sync.domain.wording import Hold


class Due(NamedTuple):
    """What the session is notified of before its edit, and what of that is remembered once it was."""

    holds: list[Hold]
    fresh: list[Conflict]


class _Coming(NamedTuple):
    """The edit that is about to be made: the touch that it would be, the text of the file as it is, and HEAD.

    `held` are the live sessions that changed definitions of the file, with what they did to it.
    """

    touch: Touch
    edit: FileEdit
    text: bytes
    head: str
    held: list[tuple[Session, History]]


class _Found(NamedTuple):
    """A conflict of the coming edit with what the session `other` did, and the ids of all its touches of the file."""

    conflict: Conflict
    other: Session
    touches: tuple[str, ...]


def due(session: Session, event: Event, mode: str) -> Due | None:
    """Return what the session is to be notified of before the edit of the event, None when it may go on in silence.

    `mode` is one of `config.GUARD_MODES`. In `deny-once` it is noted as announced, so that it stops no edit again;
    raises OSError where that cannot be noted: a denial that is not remembered would be repeated endlessly.
    """
    coming = _coming(session, event)
    found = [each for other, history in coming.held if (each := _found(coming, other, history))] if coming else []
    if not coming or not found:
        return None
    memory = alert_memory.recall(session.id)
    fresh = [each for each in found if memory.is_new(each.conflict) or memory.is_renewed(each.conflict)]
    if mode == "deny-once":
        fresh = [each for each in fresh if not memory.is_announced(each.conflict)]
        alert_memory.announce(session.id, [each.conflict for each in fresh], time.time())
    holds = list(_shown(coming, found if mode == "deny" else fresh))
    # After this, nothing that the holder has done to the file so far is news.
    return Due(holds, [each.conflict._replace(theirs_touches=each.touches) for each in fresh]) if holds else None


def mark_notified(session: Session, fresh: list[Conflict]) -> None:
    """Note that the session was notified: its next attempt passes, and no alert repeats it."""
    alert_memory.remember(session.id, fresh, time.time())


def _coming(session: Session, event: Event) -> _Coming | None:
    """Return the edit that the event announces, None where it would fail or touches nothing that others hold."""
    path = edits.path_of(event.tool_input)
    try:
        text = regular_files.read(os.path.join(session.cwd, path))
    except OSError:
        return None
    edit = edits.intended(event.tool_input, text)
    if edit is None:
        return None
    place = FileEdit(edit.path, None, None, ())  # its definitions are looked for when it is known which are held
    touch = definitions.touch_of(session, RecordedEdit(time.time(), event.tool, event.tool_use, event.agent, place))
    ids = [each for each in repositories.holders(touch.repository, touch.path) if each != session.id] if touch else []
    if touch is None or not ids:
        return None
    head = refs.head_of(touch.worktree)
    if head:  # git takes as long as finding out what the edit touches
        objects.expect(touch.worktree, head, [touch.path])
    histories = [(other, touches.read(other.id, {touch.path})) for other in sessions.live(ids)]
    held = [each for each in histories if conflicts.names(_of_repository(touch, each[1]))]
    names = conflicts.names(each for _, history in held for each in history.touches)
    symbols = _touched(touch, edit, names) if names else ()
    return _Coming(touch._replace(symbols=symbols), edit, text, head, held) if symbols else None


def _touched(touch: Touch, edit: FileEdit, names: Collection[str]) -> tuple[Symbol, ...]:
    """Return the definitions that an edit touches, at least those of them with these names."""
    from context_sync.symbols import hunks, resolver

    if edit.before is None or edit.after is None:
        return ()
    found = hunks.hunks_between(edit.before, edit.after)
    known = baselines.read(touch.worktree, touch.path)
    if known and known.outline and known.text == hashing.sha256(edit.before).hexdigest():
        resolver.recall(touch.path, edit.before, known.outline)
        touched = resolver.touched_by_outline(touch.path, edit.before, edit.after, found, names)
        if touched is not None:
            return touched  # without the parser, which takes 10 ms to load
    return resolver.touched(touch.path, edit.before, edit.after, found)


def _of_repository(touch: Touch, history: History) -> list[Touch]:
    return [each for each in history.touches if each.repository == touch.repository]


def _found(coming: _Coming, other: Session, history: History) -> _Found | None:
    """Return the conflict with the unsettled touches of the file by a session, None when there is none."""
    mine, theirs = coming.touch, _of_repository(coming.touch, history)
    if not _conflict_with(mine, theirs):
        return None
    made = conflicts.ids(history.touches)
    if any(each.worktree == mine.worktree for each in theirs):
        from context_sync.touches import settlement

        (history,) = settlement.settle(mine.worktree, {mine.path}, [history])
    conflict = _conflict_with(mine, _open(mine, history))
    if conflict and conflict.theirs_worktree != mine.worktree:
        conflict = _merged(coming, conflict)
    if conflict is None:
        return None
    return _Found(conflict._replace(mine_all=()), other, made)  # the coming edit has none yet


def _conflict_with(coming: Touch, theirs: list[Touch]) -> Conflict | None:
    return next((each for each in conflicts.between([coming], theirs) if each.level == "symbol"), None)


def _open(coming: Touch, history: History) -> list[Touch]:
    """Return the touches of the file that are not settled, and not undone or merged where another worktree is meant."""
    own = coming.worktree
    left = [touch for touch in history.unsettled(own) if touch.repository == coming.repository]
    # Asked once of each worktree: a session may have made hundreds of edits.
    for worktree in sorted({touch.worktree for touch in _of_repository(coming, history)} - {own}):
        from context_sync.conflicts import merge_preview

        elsewhere = [
            touch for touch in merge_preview.unmerged(history, worktree, own) if touch.repository == coming.repository
        ]
        if elsewhere and _differs(own, worktree, coming.path):
            left += elsewhere
    return left


def _differs(worktree: str, other: str, path: str) -> bool:
    """Return whether a file differs in the other worktree from where both began, also when git cannot tell."""
    from context_sync.git import commits, differences

    base = commits.common_ancestor(worktree, other)
    differing = differences.differing(other, base, [path]) if base else None
    return differing is None or path in differing


def _merged(coming: _Coming, conflict: Conflict) -> Conflict | None:
    """Return the conflict with what a merge would do after the edit, None when the edit is what the other has, too."""
    from context_sync.analysis.changes import edits_of  # tree-sitter: 8 ms
    from context_sync.analysis.touched import touched_names
    from context_sync.conflicts import merge_preview

    path, after = conflict.path, coming.edit.after or b""
    sides = merge_preview.sides(coming.touch.worktree, conflict.theirs_worktree, [path], [path], {path: after})
    if not sides or not sides.theirs:
        return conflict
    there = {name for edit in edits_of(sides.theirs).values() for name in touched_names(edit)}
    if not there.intersection(conflict.symbols):
        return None  # what the other did to it was taken back there
    found = [each for each in merge_preview.verdicts(*sides) if each.dependency is None]
    if not found or found[0].level == "file":
        return None  # what the other did to it is here already
    if found[0].level != "merge":
        return conflict
    return conflict._replace(level="merge", symbols=found[0].symbols, places=found[0].places)


def _shown(coming: _Coming, found: list[_Found]) -> Iterator[Hold]:
    """Yield the conflicts as they are shown, with what the holders changed, secrets masked."""
    if not found:
        return
    from context_sync.domain import masking
    from context_sync.domain.wording import Hold

    for conflict, other, _ in found:
        branch = refs.branch_in(conflict.theirs_worktree)
        yield Hold(masking.conflict(conflict), other, branch, list(map(masking.masked, _change(coming, conflict))))


def _change(coming: _Coming, conflict: Conflict) -> list[str]:
    """Return the lines with - and + of what the definitions became in the holder's worktree."""
    from context_sync.symbols import hunks, resolver

    before, after = _sides(coming, conflict)
    names = conflict.symbols
    spans = [(each.start, each.end) for each in resolver.definitions(conflict.path, after) if each.name in names]
    near = [block for block in hunks.blocks(before, after) if hunks.is_near(block, spans)]
    return [line for block in near for line in block.lines]


def _sides(coming: _Coming, conflict: Conflict) -> tuple[bytes, bytes]:
    """Return the text of the file where the two began, and as the holder has it; both empty when git cannot tell."""
    if conflict.theirs_worktree == coming.touch.worktree:  # HEAD was asked for already, and the file was read
        texts = objects.texts_at(conflict.theirs_worktree, coming.head, [conflict.path]) if coming.head else None
        before = (texts or {}).get(conflict.path) or b""
        after = coming.text if b"\r\n" in before else coming.text.replace(b"\r\n", b"\n")
        return (b"", b"") if texts is None else (before, after)
    from context_sync.conflicts import worktree_changes
    from context_sync.git import commits

    base = commits.common_ancestor(conflict.mine_worktree, conflict.theirs_worktree)
    found = worktree_changes.changes(conflict.theirs_worktree, base, [conflict.path]) if base else None
    return (found[0].before or b"", found[0].after or b"") if found else (b"", b"")
