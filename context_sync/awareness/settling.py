"""Owns which touches are settled: committed or reverted in their own worktree, or merged between two worktrees."""

import time

from context_sync import git
from context_sync.records import Touch
from context_sync.state import repositories, touches
from context_sync.state.touches import History


def settle(worktree: str, paths: set[str], histories: list[History]) -> list[History]:
    """Return the histories with what git shows as committed or reverted in `worktree` settled, noted for good."""
    now = time.time()
    dirty = git.uncommitted(worktree, sorted(paths)) if paths else None
    if dirty is None:
        return histories
    return [_settle(worktree, paths, dirty, now, history) for history in histories]


def settle_own(session_id: str) -> None:
    """Settle what the session itself committed or reverted, in every worktree that it touched."""
    history = touches.read(session_id)
    unsettled = [touch for touch in history.touches if not history.is_settled(touch)]
    for worktree in {touch.worktree for touch in unsettled}:
        settle(worktree, {touch.path for touch in unsettled if touch.worktree == worktree}, [history])


def resolve(repository: str, paths: set[str] | None, at: float, only: str = "") -> set[str]:
    """Settle what sessions did to the files until `at`, on a person's word, and return the files that it concerned.

    None stands for all files of the repository; `only` is the id of the one session whose touches are meant.
    """
    found: set[str] = set()
    for session_id in repositories.members(repository):
        history = touches.read(session_id)
        made = [touch for touch in history.touches if touch.repository == repository and not history.is_resolved(touch)]
        places = {(touch.worktree, touch.path) for touch in made if paths is None or touch.path in paths}
        for worktree, path in places if only in ("", session_id) else ():
            touches.resolve(session_id, worktree, path, at)
            found.add(path)
    return found


def merged(worktree: str, other: str, paths: list[str]) -> set[str]:
    """Return which of the files carry no change of one of the two worktrees since their common ancestor."""
    base = common_ancestor(worktree, other) if paths else ""
    if not base:
        return set()
    sides = [git.differing(each, base, paths) for each in (worktree, other)]
    changed = [set(paths) if side is None else side for side in sides]
    return set(paths) - (changed[0] & changed[1])


def common_ancestor(worktree: str, other: str) -> str:
    """Return the commit that both worktrees began from, HEAD when they are one; "" when git knows none."""
    head = git.head_of(worktree)
    if worktree == other or not head:
        return head
    theirs = git.head_of(other)
    return git.merge_base(worktree, head, theirs) if theirs else ""


def committed_until(worktree: str, path: str, made: list[Touch]) -> float:
    """Return the time of the last touch that HEAD has, 0 when it has none: the file was edited again since.

    HEAD has a touch when its text is the one after the touch, or when it is from a later second: that a file was
    formatted or edited by hand before it was committed must not keep the touch unsettled for ever.
    """
    import hashlib  # 2 ms

    commit = git.last_commit(worktree, path)
    if commit is None:
        return 0.0
    at, text = commit
    # The client tells a text with LF alone, whatever the file has.
    texts = {hashlib.sha256(each).hexdigest() for each in (text, text.replace(b"\r\n", b"\n"))}
    return max((touch.at for touch in made if touch.at < at or touch.after in texts), default=0.0)


def _settle(worktree: str, paths: set[str], dirty: set[str], now: float, history: History) -> History:
    for path in paths:
        made = [each for each in history.touches if (each.worktree, each.path) == (worktree, path)]
        unsettled = [touch for touch in made if not history.is_settled(touch)]
        if unsettled:
            until = now if path not in dirty else committed_until(worktree, path, unsettled)
            if until:
                touches.settle(history.session, worktree, path, until)
                history = history.settled(worktree, path, until)
    return history
