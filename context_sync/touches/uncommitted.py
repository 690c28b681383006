"""Uncommitted work: which part of a touch HEAD does not have, by the text of the file and definition by definition."""

from __future__ import annotations

import os
import time

from context_sync.domain.records import Touch
from context_sync.git import commits, objects, refs
from context_sync.hotpath import hashing, regular_files
from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection


class File(NamedTuple):
    """A file of a worktree: its text in HEAD, None without one, and when it was last committed, 0 for before it all."""

    worktree: str
    path: str
    committed: bytes | None
    committed_at: float


def files_of(worktree: str, head: str, made: list[Touch]) -> dict[str, File]:
    """Return the files of these touches by their paths; their last commit counts if it came after the first touch."""
    paths = sorted({touch.path for touch in made})
    texts = objects.texts_at(worktree, head, paths) if paths and head else None
    committed = _commits_after(worktree, head, made)
    return {path: File(worktree, path, (texts or {}).get(path), committed.get(path, 0.0)) for path in paths}


class Part(NamedTuple):
    """A part of a touch: these definitions of it, by name; empty stands for all of it."""

    touch: Touch
    symbols: tuple[str, ...] = ()


def committed_part(file: File, made: list[Touch], but: Collection[str] | None) -> list[Part]:
    """Return what HEAD has of a session's touches of a file.

    HEAD has a touch when its text is the one after the touch, and what came before that touch. It also has one from
    before the last commit, or with `but` any one, of which every definition is as in HEAD: that a file was formatted or
    edited by hand before it was committed must not keep the touch unsettled for ever.
    """
    in_head = _digests(file.committed) if file.committed is not None else set()
    exact = max((touch.at for touch in made if touch.after in in_head), default=0.0)
    found = [Part(touch) for touch in made if touch.at <= exact]
    compared = [each for each in made if each.at > exact and (but is not None or each.at < file.committed_at)]
    for touch, left in rest_of(file, compared, but or ()).items():
        if left is None:
            found.append(Part(touch))
        elif left != touch:
            names = {symbol.name for symbol in left.symbols}
            found.append(Part(touch, tuple(each.name for each in touch.symbols if each.name not in names)))
    return found


def is_committed(file: File, touch: Touch) -> bool:
    """Return whether a file that is as HEAD has it is so because the touch was committed, not because it was undone."""
    return touch.at < file.committed_at or (file.committed is not None and touch.after in _digests(file.committed))


def rest_of(file: File, made: list[Touch], but: Collection[str] = ()) -> dict[Touch, Touch | None]:
    """Return each touch of a file without the definitions that are as in HEAD, None when all are.

    Definitions with the names `but` count as other than in HEAD.
    """
    names = _differing(file) if any(touch.symbols for touch in made) else None
    if names is not None:
        names |= set(but)
    return {touch: _rest(touch, file, names) for touch in made}


def is_as_left(touch: Touch) -> bool:
    """Return whether the file is as the touch left it."""
    text = _text(touch.worktree, touch.path)
    return touch.after in _digests(text) if text is not None else not touch.after


def may_be_committed(worktree: str, made: list[Touch]) -> bool:
    """Return whether HEAD may have the last of the touches, which are of one file: its times are whole seconds."""
    last = max(made, key=lambda touch: touch.at)
    head, second = refs.head_of(worktree), int(last.at)
    if head and last.path in commits.last_commits(worktree, head, [last.path], second - 1):
        return True
    text = (objects.texts_at(worktree, head, [last.path]) or {}).get(last.path) if head else None
    return text is not None and last.after in _digests(text)


def _rest(touch: Touch, file: File, differing: set[str] | None) -> Touch | None:
    if not touch.symbols or differing is None:
        return None if touch.at < file.committed_at else touch
    symbols = tuple(symbol for symbol in touch.symbols if symbol.name in differing)
    return touch._replace(symbols=symbols) if symbols else None


def _differing(file: File) -> set[str] | None:
    """Return the names of the definitions that are not as HEAD has them, None when the file has no definitions."""
    try:
        from context_sync.symbols import fingerprints as prints  # tree-sitter: 8 ms
    except ImportError:
        return None
    texts = (file.committed, _text(file.worktree, file.path))
    old, new = (prints.fingerprints(file.path, text or b"") for text in texts)
    return {name for name in old.keys() | new if old.get(name) != new.get(name)} if old or new else None


def _commits_after(worktree: str, head: str, made: list[Touch]) -> dict[str, int]:
    """Return when the files were last committed, as far as that was after the first of the touches."""
    since = min((touch.at for touch in made), default=0.0)
    # A commit is made after those that it follows. One of tomorrow says that the clock was set back, and nothing else.
    if not made or not since < objects.time_of(worktree, head) <= time.time():
        return {}
    return commits.last_commits(worktree, head, sorted({touch.path for touch in made}), since)


def _digests(text: bytes) -> set[str]:
    # The client tells a text with LF alone, whatever the file has.
    return {hashing.sha256(each) for each in {text, text.replace(b"\r\n", b"\n")}}


def _text(worktree: str, path: str) -> bytes | None:
    try:
        return regular_files.as_git_has_it(os.path.join(worktree, path))
    except OSError:
        return None
