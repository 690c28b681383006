"""The files that a session changed: symbols from its touches, line counts from its transcript or git."""

import os
from collections.abc import Iterable
from typing import NamedTuple

from context_sync import paths
from context_sync.domain.edit_history import History
from context_sync.domain.records import Touch
from context_sync.git import checkouts, differences
from context_sync.state import touches
from context_sync.summaries.extraction import Gathered


class Lines(NamedTuple):
    """How many lines were added and removed."""

    added: int
    removed: int


class FileChange(NamedTuple):
    """What a session did to a file in all its edits; `path` is relative to the root of `worktree`.

    `at` is the time of the last edit, `lines` is None if unknown. `settled` is whether everything is committed,
    reverted or resolved.
    """

    repository: str
    worktree: str
    path: str
    symbols: tuple[str, ...]
    lines: Lines | None
    at: float
    settled: bool


def of_session(session_id: str, found: Gathered) -> list[FileChange]:
    """Return the files that the session changed, latest first; without hooks, those that its transcript mentions."""
    history = touches.read(session_id)
    made: dict[str, list[Touch]] = {}
    for touch in history.touches:
        made.setdefault(os.path.join(touch.worktree, touch.path), []).append(touch)
    extracted = {os.path.realpath(path): counts for path, counts in found.files.items()}
    lines = _counted_by_git([each[-1] for path, each in made.items() if path not in extracted])
    lines |= {path: Lines(added, removed) for path, (added, removed, _) in extracted.items()}
    recorded = [_recorded(history, each, lines.get(path)) for path, each in made.items()]
    others = [_extracted(path, lines[path], at) for path, (_, _, at) in extracted.items() if path not in made]
    return sorted([*recorded, *filter(None, others)], key=lambda change: -change.at)


def _counted_by_git(last: Iterable[Touch]) -> dict[str, Lines]:
    by_worktree: dict[str, list[str]] = {}
    for touch in last:
        by_worktree.setdefault(touch.worktree, []).append(touch.path)
    return {
        os.path.join(worktree, path): Lines(*counts)
        for worktree, names in by_worktree.items()
        for path, counts in differences.line_counts(worktree, names).items()
    }


def _recorded(history: History, made: list[Touch], lines: Lines | None) -> FileChange:
    last = made[-1]
    return FileChange(
        repository=last.repository,
        worktree=last.worktree,
        path=last.path,
        symbols=tuple(dict.fromkeys(symbol.name for touch in made for symbol in touch.symbols)),
        lines=lines,
        at=last.at,
        settled=all(map(history.is_settled, made)),
    )


def _extracted(path: str, lines: Lines, at: float) -> FileChange | None:
    if path.startswith(os.path.realpath(paths.claude_folder()) + os.sep):
        return None  # a plan or memory file of Claude Code
    folder = os.path.dirname(path)
    checkout = checkouts.checkout_of(folder) or checkouts.Checkout(folder, folder, "")
    name = os.path.relpath(path, checkout.worktree)
    return FileChange(checkout.repository, checkout.worktree, name, (), lines, at, False)
