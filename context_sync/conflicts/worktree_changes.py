"""One side of a comparison: what files are in a worktree, and were in a commit."""

from __future__ import annotations

import os

from context_sync.git import objects
from context_sync.hotpath import regular_files
from context_sync.hotpath.namedtuples import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from context_sync.analysis.changes import Change

LARGEST = 16 << 20  # bytes of a file; a larger one is not compared
MOST_FILES = 500  # of one session; more would take too long


def changes(
    worktree: str, commit: str, paths: Iterable[str], overlay: Mapping[str, bytes] | None = None
) -> list[Change] | None:
    """Return the files of `paths` that differ in `worktree` from `commit`, None when git cannot tell.

    `overlay` has the texts that files are about to have. Line ends that git converted on checkout are no change.
    """
    from context_sync.analysis.changes import Change  # an alert in one worktree needs none

    wanted = sorted(paths)[:MOST_FILES]
    texts = objects.texts_at(worktree, commit, wanted) if wanted else {}
    if texts is None:
        return None
    coming = overlay or {}
    found = [
        Change(path, texts[path], coming[path] if path in coming else text_of(worktree, path, texts[path]))
        for path in wanted
    ]
    return [change for change in found if change.before != change.after]


def is_large(worktree: str, path: str) -> bool:
    """Return whether a file is too large to be compared."""
    try:
        return os.lstat(os.path.join(worktree, path)).st_size > LARGEST
    except OSError:
        return False


def text_of(worktree: str, path: str, before: bytes | None) -> bytes | None:
    """Return the text of a file of the worktree with the line ends that a commit has in `before`, None without one.

    One that is too large to be compared counts as unchanged.
    """
    try:
        text = regular_files.as_git_has_it(os.path.join(worktree, path), LARGEST + 1)
    except OSError:
        return None
    if len(text) > LARGEST:
        return before
    return text if before is None or b"\r\n" in before else text.replace(b"\r\n", b"\n")
