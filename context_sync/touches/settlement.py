"""Owns which touches are settled: committed or reverted in their own worktree, or resolved by a person."""

from __future__ import annotations

import time

from context_sync.domain.records import Touch
from context_sync.git import refs
from context_sync.hotpath.namedtuples import TYPE_CHECKING
from context_sync.state import baselines, repositories, touches
from context_sync.state.touches import History
from context_sync.touches import reopening, uncommitted
from context_sync.touches.unchanged import unchanged

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable


def settle(
    worktree: str, paths: set[str], histories: list[History], but: Collection[str] | None = None
) -> list[History]:
    """Return the histories with what git shows as committed or reverted in `worktree` settled, noted for good.

    What was settled and is there again, as after `git stash pop`, is open again. In files that are not as HEAD has
    them, definitions are compared where a commit came after the touch; with `but` everywhere, those with these names
    left out.
    """
    now = time.time()
    head = refs.head_of(worktree)
    clean = unchanged(worktree, head, paths) if paths else None
    if clean is None:
        return histories
    histories = reopening.reopened(worktree, head, paths - clean, histories)
    opened = [history.unsettled(worktree, paths) for history in histories]
    files = uncommitted.files_of(
        worktree, head, [touch for made in opened for touch in made if touch.path not in clean]
    )
    settled = []
    for history, unsettled in zip(histories, opened, strict=True):
        for path, made in _by_path(unsettled).items():
            until, rest = (now, []) if path in clean else uncommitted.over(files[path], made, but)
            if until:
                touches.settle(history.session, worktree, path, until, rest)
                if path in clean:
                    baselines.forget(worktree, path)
                history = history.settled(worktree, path, until, rest)
        settled.append(history)
    return settled


def settle_own(session_id: str) -> None:
    """Settle what the session itself committed or reverted, in every worktree that it touched."""
    history = touches.read(session_id)
    unsettled = history.unsettled()
    for worktree in {touch.worktree for touch in unsettled}:
        settle(worktree, {touch.path for touch in unsettled if touch.worktree == worktree}, [history])


def settle_committed(worktree: str, committed: Iterable[str], session_ids: Iterable[str]) -> None:
    """Settle what the sessions did to the `committed` files, before somebody goes on with what was committed."""
    histories, found = [touches.read(each) for each in session_ids], set(committed)
    left = {touch.path for history in histories for touch in history.unsettled(worktree, found)}
    if left:
        settle(worktree, left, histories)


def look_again(worktree: str, dirty: Collection[str], session_ids: Iterable[str]) -> list[Touch]:
    """Have what the sessions did to the `dirty` files count again where it was settled and is back; return that."""
    histories = [touches.read(each) for each in session_ids]
    ended = {
        touch.path
        for history in histories
        for touch in history.touches
        if touch.worktree == worktree and touch.path in dirty and history.is_settled(touch)
    }
    after = settle(worktree, ended, histories) if ended else []
    known = {touch for history in histories for touch in history.touches}
    return [touch for history in after for touch in history.touches if touch not in known]


def resolve(repository: str, paths: set[str] | None, at: float, only: str = "") -> set[str]:
    """Settle what sessions did to the files until `at`, on a person's word, and return the files that it concerned.

    None stands for all files of the repository; `only` is the id of the one session whose touches are meant.
    """
    found: set[str] = set()
    for session_id in repositories.members(repository):
        history = touches.read(session_id)
        made = [touch for touch in history.unresolved() if touch.repository == repository]
        places = {(touch.worktree, touch.path) for touch in made if paths is None or touch.path in paths}
        for worktree, path in places if only in ("", session_id) else ():
            touches.resolve(session_id, worktree, path, at)
            found.add(path)
    return found


def _by_path(made: list[Touch]) -> dict[str, list[Touch]]:
    found: dict[str, list[Touch]] = {}
    for touch in made:
        found.setdefault(touch.path, []).append(touch)
    return found
