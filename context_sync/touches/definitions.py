"""The place of an edit: its file, the repository of the file, and the definitions that it changes."""

import os
import time

from context_sync import paths
from context_sync.claude.hooks.edits import FileEdit, RecordedEdit
from context_sync.domain.records import Session, Symbol, Touch
from context_sync.git import checkouts
from context_sync.git.checkouts import Checkout
from context_sync.hotpath import hashing
from context_sync.state import baselines


def touch_of(session: Session, seen: RecordedEdit) -> Touch | None:
    """Return the touch that an edit is, None for Claude Code's own files: plans, memories, transcripts."""
    path = os.path.realpath(os.path.join(session.cwd, seen.edit.path))
    place = _place(session, path)
    if place is None:
        return None
    after = seen.edit.after
    return Touch(
        at=seen.at or time.time(),
        session=session.id,
        tool=seen.tool,
        repository=place.repository,
        worktree=place.worktree,
        path=os.path.relpath(path, place.worktree),
        symbols=_symbols(place, path, seen.edit),
        after="" if after is None else hashing.sha256(after).hexdigest(),
        agent=seen.agent,
        tool_use=seen.tool_use,
    )


def _place(session: Session, path: str) -> Checkout | None:
    found = checkouts.checkout_of(os.path.dirname(path))
    if found:
        return found
    if _is_within(path, os.path.realpath(paths.claude_folder())):
        return None
    if _is_within(path, session.worktree):
        return Checkout(session.repository, session.worktree, "")
    folder = os.path.dirname(path)
    return Checkout(folder, folder, "")


def _is_within(path: str, folder: str) -> bool:
    return path.startswith(folder.rstrip("/") + "/")


def _symbols(place: Checkout, path: str, edit: FileEdit) -> tuple[Symbol, ...]:
    if edit.before is None or edit.after is None:
        return ()
    try:
        from context_sync.symbols import hunks, resolver  # tree-sitter: 8 ms
    except ImportError:
        return ()  # a broken installation, which doctor reports; the file is known all the same

    known = baselines.read(place.worktree, os.path.relpath(path, place.worktree))
    if known and known.outline and known.text == hashing.sha256(edit.before).hexdigest():
        resolver.recall(path, edit.before, known.outline)  # 5 ms of 1,000 lines
    return resolver.touched(path, edit.before, edit.after, edit.hunks or hunks.hunks_between(edit.before, edit.after))
