"""Owns which touches are settled: committed or reverted in their own worktree, or merged between two worktrees."""

import time

from context_sync import digests
from context_sync.awareness.unchanged import unchanged
from context_sync.git import objects, references, revisions
from context_sync.records import Touch
from context_sync.state import repositories, touches
from context_sync.state.touches import History

_ANCESTORS: dict[tuple[str, str], str] = {}  # of two commits, which never change


def settle(worktree: str, paths: set[str], histories: list[History]) -> list[History]:
    """Return the histories with what git shows as committed or reverted in `worktree` settled, noted for good."""
    now = time.time()
    head = references.head_of(worktree)
    clean = unchanged(worktree, head, paths) if paths else None
    if clean is None:
        return histories
    left = [touch for history in histories for touch in _open(history, worktree, paths - clean)]
    commits = _commits_after(worktree, head, left)
    settled = []
    for history in histories:
        for path in paths:
            made = _open(history, worktree, {path})
            until = now if made and path in clean else _until(worktree, head, path, commits, made)
            if until:
                touches.settle(history.session, worktree, path, until)
                history = history.settled(worktree, path, until)
        settled.append(history)
    return settled


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


def common_ancestor(worktree: str, other: str) -> str:
    """Return the commit that both worktrees began from, HEAD when they are one; "" when git knows none."""
    head = references.head_of(worktree)
    if worktree == other or not head:
        return head
    theirs = references.head_of(other)
    base = _ANCESTORS.get((head, theirs)) or (revisions.merge_base(worktree, head, theirs) if theirs else "")
    if base:
        _ANCESTORS[head, theirs] = base
    return base


def may_be_committed(worktree: str, made: list[Touch]) -> bool:
    """Say whether HEAD may have the last of the touches, which are of one file: its times are whole seconds."""
    last = max(made, key=lambda touch: touch.at)
    head, second = references.head_of(worktree), int(last.at)
    commits = revisions.last_commits(worktree, head, [last.path], second - 1) if head else {}
    return last.path in commits or _until(worktree, head, last.path, {}, [last]) > 0


def _open(history: History, worktree: str, paths: set[str]) -> list[Touch]:
    return [
        touch
        for touch in history.touches
        if touch.path in paths and touch.worktree == worktree and not history.is_settled(touch)
    ]


def _commits_after(worktree: str, head: str, made: list[Touch]) -> dict[str, int]:
    """Return when the files were last committed, as far as that was after the first of the touches."""
    since = min((touch.at for touch in made), default=0.0)
    # A commit is made after those that it follows. One of tomorrow says that the clock was set back, and nothing else.
    if not made or not since < objects.time_of(worktree, head) <= time.time():
        return {}
    return revisions.last_commits(worktree, head, sorted({touch.path for touch in made}), since)


def _until(worktree: str, head: str, path: str, commits: dict[str, int], made: list[Touch]) -> float:
    """Return the time of the last touch that HEAD has, 0 when it has none: the file was edited again since.

    HEAD has a touch when its text is the one after the touch, or when it is from a later second: that a file was
    formatted or edited by hand before it was committed must not keep the touch unsettled for ever.
    """
    text = (objects.texts_at(worktree, head, [path]) or {}).get(path) if made and head else None
    if text is None:
        return 0.0
    # The client tells a text with LF alone, whatever the file has.
    texts = {digests.sha256(each) for each in (text, text.replace(b"\r\n", b"\n"))}
    at = commits.get(path, 0)
    return max((touch.at for touch in made if touch.at < at or touch.after in texts), default=0.0)
