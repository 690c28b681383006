"""Three-way merge of one file's texts, as git does it."""

from __future__ import annotations

import os

from context_sync.git import runner
from context_sync.hotpath.namedtuples import NamedTuple


class Merged(NamedTuple):
    """The result of `git merge-file`, with conflicting lines between the marks."""

    text: bytes
    conflicts: int


MARK_LENGTH = 83  # long enough that no text has such a line of its own
MARK_MINE = b"<" * MARK_LENGTH + b" mine"
MARK_BETWEEN = b"=" * MARK_LENGTH
MARK_THEIRS = b">" * MARK_LENGTH + b" theirs"


def merge_file(base: bytes, mine: bytes, theirs: bytes) -> Merged | None:
    """Return git's three-way merge of one file, or None when git fails.

    Binary texts conflict as a whole; the merged text is then empty. Nothing is read from or written to a
    repository: the three texts are in a temporary folder while git runs (3 ms).
    """
    import tempfile

    marks = ("-L", "mine", "-L", "base", "-L", "theirs", f"--marker-size={MARK_LENGTH}")
    command = ("-c", "merge.conflictStyle=merge", "merge-file", "-p", "-q", *marks, "mine", "base", "theirs")
    try:
        with tempfile.TemporaryDirectory(prefix="context-sync-") as folder:
            for name, text in (("mine", mine), ("base", base), ("theirs", theirs)):
                with open(os.path.join(folder, name), "wb") as stream:
                    stream.write(text)
            ended = runner.outcome(folder, *command)
    except OSError:
        return None
    if ended is None:
        return None
    if 0 <= ended.code <= 127:
        return Merged(ended.output, ended.code)
    binary = any(b"\0" in text[:8000] for text in (base, mine, theirs))  # git's own rule
    return Merged(b"", 1) if binary else None
