"""Owns what a commit holds: its files' texts and its own, each asked for once in a process."""

from __future__ import annotations

import os

from context_sync.git import refs, runner
from context_sync.hotpath.namedtuples import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from context_sync.hotpath.subprocesses import Running

MOST_KEPT = 32 << 20  # bytes of texts of commits: what a commit holds never changes

_texts: dict[str, dict[str, bytes | None]] = {}
_expected: dict[str, tuple[list[str], Running]] = {}  # what git looks up just now, by the commit


def text_at(worktree: str, commit: str, path: str) -> bytes | None:
    """Return the text that a commit has of `path`, None when it has no such file."""
    return runner.attempt(worktree, "cat-file", "blob", f"{commit}:{path}")


def texts_at(worktree: str, commit: str, paths: Sequence[str]) -> dict[str, bytes | None] | None:
    """Return the text that a commit has of each file, None for one that it has not; None when git cannot tell.

    One run of git, whatever the number of files, and none for what a process asked before.
    """
    told = _objects(worktree, commit, paths)
    return None if told is None else {path: told[path] for path in paths}


def expect(worktree: str, commit: str, paths: Sequence[str]) -> None:
    """Have git look up what `texts_at` will be asked for, while this process does something else."""
    asked = _unknown(commit, paths)
    running = _begun(worktree, commit, asked) if asked else None
    _expected.clear()
    if running:
        _expected[commit] = asked, running


def time_of(worktree: str, commit: str) -> int:
    """Return when a commit was made by its committer's date, in seconds since the epoch, 0 when git cannot tell."""
    text = (_objects(worktree, commit, ()) or {}).get("") or b""
    line = text.partition(b"\n\n")[0].rpartition(b"\ncommitter ")[2].split(b"\n")[0]
    told = line.rpartition(b"> ")[2].split(b" ")[0]
    return int(told) if told.isdigit() else 0


def _objects(worktree: str, commit: str, paths: Iterable[str]) -> dict[str, bytes | None] | None:
    """Return the texts of the files in a commit, and the commit itself as "", None when git cannot tell."""
    known = _texts.get(commit, {})
    asked = _unknown(commit, paths)
    told = _batch(worktree, commit, asked) if asked else {}
    if told is None:
        return None
    found = known | told
    if refs.is_hash(commit):  # a name may stand for another commit the next time
        _texts[commit] = found
    if sum(len(text or b"") for texts in _texts.values() for text in texts.values()) > MOST_KEPT:
        _texts.clear()
    return found


def _batch(worktree: str, commit: str, paths: list[str]) -> dict[str, bytes | None] | None:
    expected, running = _expected.pop(commit, ([], None))
    told = runner.printed(running if expected == paths else _begun(worktree, commit, paths))
    if told is None:
        return None
    texts: dict[str, bytes | None] = dict.fromkeys(paths)
    position = 0
    for name in _names(paths):
        line_end = told.index(b"\n", position)
        header = told[position:line_end].split(b" ")
        position = line_end + 1
        if header[-1] != b"missing" and len(header) == 3:
            size = int(header[2])
            wanted = header[1] == (b"blob" if name else b"commit")
            texts[name] = told[position : position + size] if wanted else None
            position += size + 1
    return texts


def _begun(worktree: str, commit: str, paths: list[str]) -> Running | None:
    asked = [f"{commit}:".encode() + os.fsencode(path) if path else commit.encode() for path in _names(paths)]
    return runner.begin(worktree, "cat-file", "--batch", stdin=b"".join(line + b"\n" for line in asked))


def _names(paths: list[str]) -> list[str]:
    return [path for path in paths if "\n" not in path]  # which the protocol of cat-file cannot name


def _unknown(commit: str, paths: Iterable[str]) -> list[str]:
    known = _texts.get(commit, {})
    return [path for path in ("", *paths) if path not in known]
