"""The contents of commits: the texts of their files and their own, each read once per process."""

from __future__ import annotations

import os

from context_sync.git import runner
from context_sync.hotpath.namedtuples import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from context_sync.hotpath.subprocesses import Running

MAX_CACHED = 32 << 20  # bytes of texts, which never change within a commit

_HEXADECIMAL = frozenset("0123456789abcdef")

_texts: dict[str, dict[str, bytes | None]] = {}
_expected: dict[str, tuple[list[str], Running]] = {}  # what git is looking up at the moment, by commit


def text_at(worktree: str, commit: str, path: str) -> bytes | None:
    """Return the text of `path` in a commit, None when it has no such file."""
    return runner.attempt(worktree, "cat-file", "blob", f"{commit}:{path}")


def texts_at(worktree: str, commit: str, paths: Sequence[str]) -> dict[str, bytes | None] | None:
    """Return the text of each file in a commit, None for a file that it does not have; None when git fails.

    Runs git once, whatever the number of files, and not at all for files that this process has read before.
    """
    found = _objects(worktree, commit, paths)
    return None if found is None else {path: found[path] for path in paths}


def expect(worktree: str, commit: str, paths: Sequence[str]) -> None:
    """Start git on what `texts_at` will be asked for, so that it works while this process does something else."""
    asked = _unknown(commit, paths)
    running = _begun(worktree, commit, asked) if asked else None
    _expected.clear()
    if running:
        _expected[commit] = asked, running


def time_of(worktree: str, commit: str) -> int:
    """Return when a commit was made, by committer date in seconds since the epoch, 0 when git fails."""
    text = (_objects(worktree, commit, ()) or {}).get("") or b""
    line = text.partition(b"\n\n")[0].rpartition(b"\ncommitter ")[2].split(b"\n")[0]
    seconds = line.rpartition(b"> ")[2].split(b" ")[0]
    return int(seconds) if seconds.isdigit() else 0


def is_hash(text: str) -> bool:
    """Return whether the text is the full hash of an object, which never refers to another one."""
    return len(text) in (40, 64) and set(text) <= _HEXADECIMAL


def _objects(worktree: str, commit: str, paths: Iterable[str]) -> dict[str, bytes | None] | None:
    """Return the texts of the files in a commit, with the commit itself under "", None when git fails."""
    known = _texts.get(commit, {})
    asked = _unknown(commit, paths)
    if not asked:
        return known
    new = _batch(worktree, commit, asked)
    if new is None:
        return None
    found = known | new
    if is_hash(commit):  # a name may refer to another commit next time
        _texts[commit] = found
    if sum(len(text or b"") for texts in _texts.values() for text in texts.values()) > MAX_CACHED:
        _texts.clear()
    return found


def _batch(worktree: str, commit: str, paths: list[str]) -> dict[str, bytes | None] | None:
    expected, running = _expected.pop(commit, ([], None))
    output = runner.printed(running if expected == paths else _begun(worktree, commit, paths))
    if output is None:
        return None
    texts: dict[str, bytes | None] = dict.fromkeys(paths)
    position = 0
    for name in _names(paths):
        line_end = output.index(b"\n", position)
        header = output[position:line_end].split(b" ")
        position = line_end + 1
        if header[-1] != b"missing" and len(header) == 3:
            size = int(header[2])
            wanted = header[1] == (b"blob" if name else b"commit")
            texts[name] = output[position : position + size] if wanted else None
            position += size + 1
    return texts


def _begun(worktree: str, commit: str, paths: list[str]) -> Running | None:
    asked = [f"{commit}:".encode() + os.fsencode(path) if path else commit.encode() for path in _names(paths)]
    return runner.begin(worktree, "cat-file", "--batch", stdin=b"".join(line + b"\n" for line in asked))


def _names(paths: list[str]) -> list[str]:
    return [path for path in paths if "\n" not in path]  # the protocol of cat-file is by lines


def _unknown(commit: str, paths: Iterable[str]) -> list[str]:
    known = _texts.get(commit, {})
    return [path for path in ("", *paths) if path not in known]
