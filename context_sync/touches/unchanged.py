"""Owns which files of a worktree are as its commit has them: told by their texts, by git where it converts them."""

from __future__ import annotations

import os

from context_sync.git import checkouts, differences, objects
from context_sync.hotpath import regular_files
from context_sync.hotpath.namedtuples import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# Attributes by which git writes a file otherwise than it keeps it; line ends are compared without.
CONVERSIONS = (b"filter", b"ident", b"encoding")


def unchanged(worktree: str, commit: str, paths: Iterable[str]) -> set[str] | None:
    """Return which of `paths` (relative to `worktree`) are there as `commit`, its HEAD, has them.

    A file that neither has is among them. None when git cannot tell. The mode of a file does not count.
    """
    wanted = set(paths)
    texts = objects.texts_at(worktree, commit, sorted(wanted)) if commit else {}
    if texts is None:
        return None
    same = {path for path, text in texts.items() if _is_text(os.path.join(worktree, path), text)}
    asked = wanted - same
    if commit and not _converts(worktree, asked):
        asked = {path for path in asked if _is_large(os.path.join(worktree, path))}
    changed = differences.uncommitted(worktree, sorted(asked)) if asked else set()
    return None if changed is None else same | (asked - changed)


def _is_text(path: str, text: bytes | None) -> bool:
    try:
        found = regular_files.as_git_has_it(path)
    except OSError:
        return text is None and not os.path.lexists(path)
    return text is not None and (found == text or (b"\r\n" in found and found.replace(b"\r\n", b"\n") == text))


def _is_large(path: str) -> bool:
    try:
        return os.lstat(path).st_size > regular_files.MAX_SIZE
    except OSError:
        return False


def _converts(worktree: str, paths: Iterable[str]) -> bool:
    place = checkouts.checkout_of(worktree)
    folders = {"", *(folder for path in paths for folder in _around(path))}
    files = [os.path.join(worktree, folder, ".gitattributes") for folder in folders]
    if place:
        files.append(os.path.join(place.repository, "info", "attributes"))
    return any(word in text for text in map(_read, files) for word in CONVERSIONS)


def _around(path: str) -> Iterable[str]:
    while path := os.path.dirname(path):
        yield path


def _read(file: str) -> bytes:
    try:
        return regular_files.read(file)
    except OSError:
        return b""
