"""Owns which settled touches are there again, as after `git stash pop` or `git reset HEAD~1`."""

from __future__ import annotations

from context_sync.domain.records import Touch
from context_sync.state import repositories, touches
from context_sync.state.touches import History
from context_sync.touches import uncommitted
from context_sync.touches.uncommitted import File


def reopened(worktree: str, head: str, paths: set[str], histories: list[History]) -> list[History]:
    """Return the histories with what is there again open, noted for good.

    `paths` are files that are not as HEAD has them; what was settled is there again when the file is as the last touch
    left it.
    """
    for path in sorted(paths):
        made = [(history, touch) for history in histories for touch in _of(history, worktree, path)]
        found = [(touch.at, not history.is_settled(touch), touch) for history, touch in made]
        _, is_open, last = max(found, key=lambda each: each[:2], default=(0.0, True, None))
        if last is None or is_open or not uncommitted.is_as_left(last) or not _is_last(last):
            continue
        file = uncommitted.files_of(worktree, head, [touch for _, touch in made])[path]
        histories = [
            _with_again(history, file) if history.settled_at(worktree, path) >= last.at else history
            for history in histories
        ]
    return histories


def _with_again(history: History, file: File) -> History:
    made = _closed(history, _of(history, file.worktree, file.path))
    back = [rest for rest in uncommitted.rest_of(file, made).values() if rest]
    touches.reopen(back)
    return history.reopened(back)


def _of(history: History, worktree: str, path: str) -> list[Touch]:
    return [touch for touch in history.touches if (touch.worktree, touch.path) == (worktree, path)]


def _closed(history: History, made: list[Touch]) -> list[Touch]:
    """Return the touches of a file that are settled and not resolved, each once, and not those that are open again."""
    opened = {touch.at for touch in made if not history.is_settled(touch)}
    found = {touch.at: touch for touch in reversed(made) if touch.at not in opened and not history.is_resolved(touch)}
    return list(found.values())


def _is_last(touch: Touch) -> bool:
    """Say whether nobody touched the file since, who may have come to the same text."""
    holders = repositories.holders(touch.repository, touch.path)
    made = [each for holder in holders for each in touches.read(holder, {touch.path}).touches]
    return not any(each.worktree == touch.worktree and each.at > touch.at for each in made)
