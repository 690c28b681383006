"""Uncommitted work: which files are as HEAD has them, and which part of a touch HEAD does not have."""

from __future__ import annotations

import os
import time

from context_sync.domain.records import Touch
from context_sync.git import checkouts, objects, refs
from context_sync.hotpath import hashing, regular_files
from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

# Attributes that make git write a file differently from how it stores it; line ends are compared without them.
CONVERSIONS = (b"filter", b"ident", b"encoding")


class File(NamedTuple):
    """A file of a worktree: its text in HEAD and in the worktree, None where there is none.

    `committed_at` is when it was last committed, in seconds since the epoch, if that was after the first of the touches
    that were asked about, else 0. `is_clean` says that it is as HEAD has it; its mode does not count.
    """

    path: str
    committed: bytes | None
    committed_at: float
    current: bytes | None
    is_clean: bool


class Part(NamedTuple):
    """A part of a touch: these definitions of it, by name; empty stands for all of it."""

    touch: Touch
    symbols: tuple[str, ...] = ()


def files_of(worktree: str, paths: Collection[str], made: list[Touch]) -> dict[str, File] | None:
    """Return the files of a worktree by path, and when they were committed after the first of these touches.

    None when git cannot tell.
    """
    head = refs.head_of(worktree)
    texts = objects.texts_at(worktree, head, sorted(paths)) if head else dict.fromkeys(paths)
    if texts is None:
        return None
    current = {path: _text(os.path.join(worktree, path)) for path in paths}
    same = {path for path, text in texts.items() if _is_same(text, current[path], os.path.join(worktree, path))}
    clean = _told_by_git(worktree, head, set(paths) - same)
    if clean is None:
        return None
    committed = _commits_after(worktree, head, made)
    return {
        path: File(path, texts[path], committed.get(path, 0.0), current[path], path in same or path in clean)
        for path in paths
    }


def is_unchanged(worktree: str, path: str) -> bool:
    """Return whether a file is as HEAD has it; False when git cannot tell."""
    found = files_of(worktree, [path], [])
    return found is not None and found[path].is_clean


def committed_part(file: File, made: list[Touch], but: Collection[str] | None) -> list[Part]:
    """Return what HEAD has of a session's touches of a file.

    HEAD has a touch when its text is the one after the touch, and what came before that touch. It also has one from
    before the last commit, or with `but` any one, of which every definition is as in HEAD: that a file was formatted or
    edited by hand before it was committed must not keep the touch unsettled.
    """
    in_head = _digests(file.committed)
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


def committed_until(file: File, made: list[Touch]) -> float:
    """Return the time of the last touch that was committed, 0 for none, of a file that is as HEAD has it.

    Those after it were undone.
    """
    in_head = _digests(file.committed)
    return max((touch.at for touch in made if touch.at < file.committed_at or touch.after in in_head), default=0.0)


def rest_of(file: File, made: list[Touch], but: Collection[str] = ()) -> dict[Touch, Touch | None]:
    """Return each touch of a file without the definitions that are as in HEAD, None when all are.

    Definitions with the names `but` count as other than in HEAD.
    """
    names = _differing(file) if any(touch.symbols for touch in made) else None
    if names is not None:
        names |= set(but)
    return {touch: _rest(touch, file, names) for touch in made}


def is_as_left(file: File, touch: Touch) -> bool:
    """Return whether the file is as the touch left it."""
    return touch.after in _digests(file.current) if file.current is not None else not touch.after


def may_be_committed(worktree: str, made: list[Touch]) -> bool:
    """Return whether HEAD may have the last of the touches, which are of one file: its times are whole seconds."""
    last = max(made, key=lambda touch: touch.at)
    head, second = refs.head_of(worktree), int(last.at)
    from context_sync.git import commits

    if head and last.path in commits.last_commits(worktree, head, [last.path], second - 1):
        return True
    text = (objects.texts_at(worktree, head, [last.path]) or {}).get(last.path) if head else None
    return last.after in _digests(text)


def _rest(touch: Touch, file: File, differing: set[str] | None) -> Touch | None:
    if not touch.symbols or differing is None:
        return None if touch.at < file.committed_at else touch
    symbols = tuple(symbol for symbol in touch.symbols if symbol.name in differing)
    return touch._replace(symbols=symbols) if symbols else None


def _differing(file: File) -> set[str] | None:
    """Return the names of the definitions that are not as HEAD has them, None when the file has no definitions."""
    try:
        from context_sync.symbols import resolver  # tree-sitter: 8 ms
    except ImportError:
        return None
    old, new = [resolver.fingerprints(file.path, text or b"") for text in (file.committed, file.current)]
    return {name for name in old.keys() | new if old.get(name) != new.get(name)} if old or new else None


def _commits_after(worktree: str, head: str, made: list[Touch]) -> dict[str, int]:
    """Return when the files were last committed, as far as that was after the first of the touches."""
    since = min((touch.at for touch in made), default=0.0)
    # A commit is made after those that it follows. One dated tomorrow only says that the clock was set back.
    if not head or not made or not since < objects.time_of(worktree, head) <= time.time():
        return {}
    from context_sync.git import commits

    return commits.last_commits(worktree, head, sorted({touch.path for touch in made}), since)


def _is_same(text: bytes | None, current: bytes | None, path: str) -> bool:
    if current is None:
        return text is None and not os.path.lexists(path)
    return text is not None and (current == text or (b"\r\n" in current and current.replace(b"\r\n", b"\n") == text))


def _told_by_git(worktree: str, head: str, paths: set[str]) -> set[str] | None:
    """Return which of these files git takes for unchanged although their texts differ; None when it cannot tell."""
    if head and not _converts(worktree, paths):
        paths = {path for path in paths if _is_large(os.path.join(worktree, path))}
    if not paths:
        return set()
    from context_sync.git import differences

    changed = differences.uncommitted(worktree, sorted(paths))
    return None if changed is None else paths - changed


def _is_large(path: str) -> bool:
    try:
        return os.lstat(path).st_size > regular_files.MAX_SIZE
    except OSError:
        return False


def _converts(worktree: str, paths: Iterable[str]) -> bool:
    folders = {"", *(folder for path in paths for folder in _around(path))}
    files = [os.path.join(worktree, folder, ".gitattributes") for folder in folders]
    if os.path.isdir(os.path.join(worktree, ".git")):
        files.append(os.path.join(worktree, ".git", "info", "attributes"))
    elif found := checkouts.checkout_of(worktree):
        files.append(os.path.join(found.repository, "info", "attributes"))
    present = filter(os.path.exists, files)
    return any(word in text for text in map(_read, present) for word in CONVERSIONS)


def _around(path: str) -> Iterable[str]:
    while path := os.path.dirname(path):
        yield path


def _read(file: str) -> bytes:
    try:
        return regular_files.read(file)
    except OSError:
        return b""


def _digests(text: bytes | None) -> set[str]:
    if text is None:
        return set()
    # Claude Code gives a text with LF alone, whatever the file has.
    texts = {text, text.replace(b"\r\n", b"\n")} if b"\r\n" in text else {text}
    return {hashing.sha256(each).hexdigest() for each in texts}


def _text(path: str) -> bytes | None:
    try:
        return regular_files.as_git_has_it(path)
    except OSError:
        return None
