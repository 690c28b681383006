"""Owns which touches are settled: committed or reverted in their own worktree, or merged between two worktrees."""

from __future__ import annotations

import os
import time

from context_sync import digests, regular_files
from context_sync.awareness.unchanged import unchanged
from context_sync.git import objects, references, revisions
from context_sync.records import Touch
from context_sync.state import fingerprints, repositories, touches
from context_sync.state.touches import History
from context_sync.tuples import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

_ANCESTORS: dict[tuple[str, str], str] = {}  # of two commits, which never change


class _File(NamedTuple):
    """A file that is not as HEAD has it: its text in HEAD, None without one, and when it was last committed."""

    worktree: str
    path: str
    committed: bytes | None
    committed_at: float


def settle(
    worktree: str, paths: set[str], histories: list[History], but: Collection[str] | None = None
) -> list[History]:
    """Return the histories with what git shows as committed or reverted in `worktree` settled, noted for good.

    What was settled and is there again, as after `git stash pop`, is open again. In files that are not as HEAD has
    them, definitions are compared where a commit came after the touch; with `but` everywhere, those with these names
    left out.
    """
    now = time.time()
    head = references.head_of(worktree)
    clean = unchanged(worktree, head, paths) if paths else None
    if clean is None:
        return histories
    histories = _reopened(worktree, head, paths - clean, histories)
    opened = [_open(history, worktree, paths) for history in histories]
    left = [touch for made in opened for each, some in made.items() if each not in clean for touch in some]
    commits = _commits_after(worktree, head, left)
    texts = objects.texts_at(worktree, head, sorted({touch.path for touch in left})) if left and head else {}
    settled = []
    for history, made in zip(histories, opened, strict=True):
        for path, some in made.items():
            file = _File(worktree, path, (texts or {}).get(path), commits.get(path, 0.0))
            until, rest = (now, []) if path in clean else _over(file, some, but)
            if until:
                touches.settle(history.session, worktree, path, until, rest)
                if path in clean:
                    fingerprints.forget(worktree, path)
                history = history.settled(worktree, path, until, rest)
        settled.append(history)
    return settled


def settle_own(session_id: str) -> None:
    """Settle what the session itself committed or reverted, in every worktree that it touched."""
    history = touches.read(session_id)
    unsettled = [touch for touch in history.touches if not history.is_settled(touch)]
    for worktree in {touch.worktree for touch in unsettled}:
        settle(worktree, {touch.path for touch in unsettled if touch.worktree == worktree}, [history])


def settle_committed(worktree: str, committed: Iterable[str], session_ids: Iterable[str]) -> None:
    """Settle what the sessions did to the `committed` files, before somebody goes on with what was committed."""
    histories, found = [touches.read(each) for each in session_ids], set(committed)
    left = {path for history in histories for path in _open(history, worktree, found)}
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
    if head and last.path in revisions.last_commits(worktree, head, [last.path], second - 1):
        return True
    text = (objects.texts_at(worktree, head, [last.path]) or {}).get(last.path) if head else None
    return text is not None and last.after in _digests(text)


def _reopened(worktree: str, head: str, paths: set[str], histories: list[History]) -> list[History]:
    """Open again what was settled of the files that are as the last touch left them, and not as HEAD has them."""
    for path in sorted(paths):
        made = [(history, touch) for history in histories for touch in _of(history, worktree, path)]
        found = [(touch.at, not history.is_settled(touch), touch) for history, touch in made]
        _, is_open, last = max(found, key=lambda each: each[:2], default=(0.0, True, None))
        if last is None or is_open or not _is_there(last) or not _is_last(last):
            continue
        text = (objects.texts_at(worktree, head, [path]) or {}).get(path) if head else None
        file = _File(worktree, path, text, _commits_after(worktree, head, [touch for _, touch in made]).get(path, 0.0))
        histories = [
            _with_again(history, file) if history.settled_at(worktree, path) >= last.at else history
            for history in histories
        ]
    return histories


def _with_again(history: History, file: _File) -> History:
    made = _closed(history, _of(history, file.worktree, file.path))
    differing = _differing(file) if any(touch.symbols for touch in made) else None
    back = [rest for touch in made if (rest := _remains(touch, file, differing))]
    touches.reopen(back)
    return history.reopened(back)


def _of(history: History, worktree: str, path: str) -> list[Touch]:
    return [touch for touch in history.touches if (touch.worktree, touch.path) == (worktree, path)]


def _closed(history: History, made: list[Touch]) -> list[Touch]:
    """Return the touches of a file that are settled and not resolved, each once, and not those that are open again."""
    opened = {touch.at for touch in made if not history.is_settled(touch)}
    found = {touch.at: touch for touch in reversed(made) if touch.at not in opened and not history.is_resolved(touch)}
    return list(found.values())


def _is_there(touch: Touch) -> bool:
    text = _text(touch.worktree, touch.path)
    return touch.after in _digests(text) if text is not None else not touch.after


def _is_last(touch: Touch) -> bool:
    """Say whether nobody touched the file since, who may have come to the same text."""
    holders = repositories.holders(touch.repository, touch.path)
    made = [each for holder in holders for each in touches.read(holder, {touch.path}).touches]
    return not any(each.worktree == touch.worktree and each.at > touch.at for each in made)


def _open(history: History, worktree: str, paths: set[str]) -> dict[str, list[Touch]]:
    """Return the touches of these files that are not settled yet, by file."""
    found: dict[str, list[Touch]] = {}
    for touch in history.touches:
        if touch.path in paths and touch.worktree == worktree and not history.is_settled(touch):
            found.setdefault(touch.path, []).append(touch)
    return found


def _commits_after(worktree: str, head: str, made: list[Touch]) -> dict[str, int]:
    """Return when the files were last committed, as far as that was after the first of the touches."""
    since = min((touch.at for touch in made), default=0.0)
    # A commit is made after those that it follows. One of tomorrow says that the clock was set back, and nothing else.
    if not made or not since < objects.time_of(worktree, head) <= time.time():
        return {}
    return revisions.last_commits(worktree, head, sorted({touch.path for touch in made}), since)


def _over(file: _File, made: list[Touch], but: Collection[str] | None) -> tuple[float, list[Touch]]:
    """Return until when a session's touches of a file are over, 0 when none is, and what is left of those until then.

    HEAD has a touch when that is the text after it, and what came before it. It also has one from before the last
    commit, or with `but` any one, of which every definition is as in HEAD: that a file was formatted or edited by hand
    before it was committed must not keep the touch open for ever.
    """
    in_head = _digests(file.committed) if file.committed is not None else set()
    exact = max((touch.at for touch in made if touch.after in in_head), default=0.0)
    later = [touch for touch in made if touch.at > exact]
    compared = [touch for touch in later if but is not None or touch.at < file.committed_at]
    differing = _differing(file) if any(touch.symbols for touch in compared) else None
    if differing is not None:
        differing |= set(but or ())
    remains = {touch: _remains(touch, file, differing) for touch in compared}
    until = max([exact, *(touch.at for touch, rest in remains.items() if rest != touch)])
    left = [remains.get(touch, touch) for touch in later if touch.at <= until]
    return until, [touch for touch in left if touch is not None]


def _remains(touch: Touch, file: _File, differing: set[str] | None) -> Touch | None:
    """Return the touch without the definitions that are as in HEAD, None when all are."""
    if not touch.symbols or differing is None:
        return None if touch.at < file.committed_at else touch
    symbols = tuple(symbol for symbol in touch.symbols if symbol.name in differing)
    return touch._replace(symbols=symbols) if symbols else None


def _differing(file: _File) -> set[str] | None:
    """Return the names of the definitions that are not as HEAD has them, None when the file has no definitions."""
    try:
        from context_sync.symbols import fingerprints as prints  # tree-sitter: 8 ms
    except ImportError:
        return None
    texts = (file.committed, _text(file.worktree, file.path))
    old, new = (prints.fingerprints(file.path, text or b"") for text in texts)
    return {name for name in old.keys() | new if old.get(name) != new.get(name)} if old or new else None


def _digests(text: bytes) -> set[str]:
    # The client tells a text with LF alone, whatever the file has.
    return {digests.sha256(each) for each in {text, text.replace(b"\r\n", b"\n")}}


def _text(worktree: str, path: str) -> bytes | None:
    try:
        return regular_files.as_git_has_it(os.path.join(worktree, path))
    except OSError:
        return None
