"""Settlement: which edits are committed, reverted or restored in their worktree as git shows it now.

`look` only looks; the other functions note what they find as events, for good.
"""

from __future__ import annotations

import time

from context_sync.domain.edit_history import Edit, Event, History
from context_sync.domain.records import Touch
from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple
from context_sync.state import repositories, touches
from context_sync.touches import uncommitted
from context_sync.touches.uncommitted import File, Part

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable


class Found(NamedTuple):
    """What a look found of one session: events that are not noted yet, and the history with them applied.

    `clean` are the files with settled edits that are as HEAD has them.
    """

    history: History
    events: tuple[Event, ...] = ()
    clean: frozenset[str] = frozenset()


def look(worktree: str, paths: set[str], histories: list[History], but: Collection[str] | None = None) -> list[Found]:
    """Return what git shows as committed, reverted or restored in `worktree` since the histories were noted.

    In files that are not as HEAD has them, definitions are compared where a commit came after the touch; with `but`
    everywhere, except for those with these names.
    """
    edits = [[edit for edit in history.edits if _is_in(edit.touch, worktree, paths)] for history in histories]
    everything = [edit.touch for some in edits for edit in some]
    files = uncommitted.files_of(worktree, paths, everything) if paths else None
    if files is None:
        return [Found(history) for history in histories]
    restored = _restored(files, edits)
    now = [history.after(events) for history, events in zip(histories, restored, strict=True)]
    left = [history.unsettled(worktree, paths) for history in now]
    settled = [_settled(files, made, but) for made in left]
    return [
        Found(
            history.after(events),
            (*before, *events),
            frozenset(touch.path for touch in made if files[touch.path].is_clean),
        )
        for history, made, before, events in zip(now, left, restored, settled, strict=True)
    ]


def seen(worktree: str, paths: set[str], histories: list[History]) -> list[History]:
    """Return the histories with what `look` finds, and note nothing."""
    return [found.history for found in look(worktree, paths, histories)]


def settle(
    worktree: str, paths: set[str], histories: list[History], but: Collection[str] | None = None
) -> list[History]:
    """Return the histories with what `look` finds, noted for good."""
    return [found.history for found in _noted(worktree, look(worktree, paths, histories, but))]


def settle_own(session_id: str) -> None:
    """Settle what the session itself committed or reverted, in every worktree in which it made edits."""
    history = touches.read(session_id)
    unsettled = history.unsettled()
    for worktree in {touch.worktree for touch in unsettled}:
        settle(worktree, {touch.path for touch in unsettled if touch.worktree == worktree}, [history])


def settle_committed(worktree: str, committed: Iterable[str], session_ids: Iterable[str]) -> None:
    """Settle what the sessions did to the `committed` files, before another edit of what was committed."""
    histories, found = [touches.read(each) for each in session_ids], set(committed)
    left = {touch.path for history in histories for touch in history.unsettled(worktree, found)}
    if left:
        settle(worktree, left, histories)


def restore(worktree: str, dirty: Collection[str], session_ids: Iterable[str]) -> list[Touch]:
    """Note which settled edits of the `dirty` files are there again, and return what is left of them."""
    histories = [touches.read(each) for each in session_ids]
    settled = {
        touch.path
        for history in histories
        for touch in history.touches
        if touch.worktree == worktree and touch.path in dirty and history.is_settled(touch)
    }
    again: list[Touch] = []
    for found in _noted(worktree, look(worktree, settled, histories)) if settled else ():
        ids = {each for event in found.events if event.kind == "restored" for each in event.touches}
        again += [touch for touch in found.history.unsettled(worktree) if touch.id in ids]
    return again


def revert(session_id: str, made: Iterable[Touch], by: str) -> None:
    """Note that the session `by` took these touches of another one out of their worktree."""
    touches.note(session_id, [Event("reverted", time.time(), tuple(touch.id for touch in made), by=by)])


def resolve(repository: str, paths: set[str] | None, at: float, only: str = "") -> set[str]:
    """Resolve what sessions did to the files until `at`, as the user says, and return the files concerned.

    None stands for all files of the repository; `only` is the id of the one session whose edits are meant.
    """
    found: set[str] = set()
    for session_id in repositories.members(repository):
        if only not in ("", session_id):
            continue
        made = [
            touch
            for touch in touches.read(session_id).unresolved()
            if touch.repository == repository and touch.at <= at and (paths is None or touch.path in paths)
        ]
        if made:
            touches.note(session_id, [Event("resolved", at, tuple(touch.id for touch in made))])
            found.update(touch.path for touch in made)
    return found


def _noted(worktree: str, found: list[Found]) -> list[Found]:
    for each in found:
        touches.note(each.history.session, each.events)
    for path in {path for each in found for path in each.clean}:
        from context_sync.state import baselines

        baselines.forget(worktree, path)
    return found


def _is_in(touch: Touch, worktree: str, paths: set[str]) -> bool:
    return touch.worktree == worktree and touch.path in paths


def _settled(files: dict[str, File], made: list[Touch], but: Collection[str] | None) -> list[Event]:
    """Return what settles these touches of a session."""
    paths = dict.fromkeys(touch.path for touch in made)
    found = [_settled_of(files[path], [touch for touch in made if touch.path == path], but) for path in paths]
    return [event for events in found for event in events]


def _settled_of(file: File, made: list[Touch], but: Collection[str] | None) -> list[Event]:
    if not file.is_clean:
        parts = uncommitted.committed_part(file, made, but)
        return _events("committed", max((part.touch.at for part in parts), default=0.0), parts)
    now, until = time.time(), uncommitted.committed_until(file, made)
    parts = [Part(touch) for touch in made]
    return [
        *_events("committed", now, [part for part in parts if part.touch.at <= until]),
        *_events("reverted", now, [part for part in parts if part.touch.at > until]),
    ]


def _events(kind: str, at: float, parts: list[Part]) -> list[Event]:
    """Return one event for all touches that are settled as a whole, and one for each that is settled in part."""
    whole = tuple(part.touch.id for part in parts if not part.symbols)
    partly = [Event(kind, at, (part.touch.id,), part.symbols) for part in parts if part.symbols]
    return [Event(kind, at, whole), *partly] if whole else partly


def _restored(files: dict[str, File], histories: list[list[Edit]]) -> list[list[Event]]:
    """Return for each history which of its settled edits are there again, as after `git stash pop` or `git reset`.

    That is so when a file, which is not as HEAD has it, is as the last edit left it.
    """
    found: list[list[Event]] = [[] for _ in histories]
    for file in files.values() if any(edit.left is None for some in histories for edit in some) else ():
        edits = [[edit for edit in some if edit.touch.path == file.path] for some in histories]
        everything = [edit for some in edits for edit in some]
        last = max(everything, key=lambda edit: (edit.touch.at, edit.left is not None), default=None)
        if file.is_clean or last is None or last.left is not None:
            continue
        if not uncommitted.is_as_left(file, last.touch) or not _is_last(last.touch):
            continue
        for events, some in zip(found, edits, strict=True):
            if max((edit.settled_at for edit in some), default=0.0) < last.touch.at:
                continue
            settled = [edit.touch for edit in some if edit.left is None and not edit.is_resolved]
            rest = [left for left in uncommitted.rest_of(file, settled).values() if left is not None]
            events += [
                Event("restored", each.at, (each.id,), tuple(symbol.name for symbol in each.symbols)) for each in rest
            ]
    return found


def _is_last(touch: Touch) -> bool:
    """Return whether nobody has edited the file since; another edit may have led to the same text."""
    holders = repositories.holders(touch.repository, touch.path)
    made = [each for holder in holders for each in touches.read(holder, {touch.path}).touches]
    return not any(each.worktree == touch.worktree and each.at > touch.at for each in made)
