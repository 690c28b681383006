"""Questions about single files: who touched them, and which conflicts in them are resolved."""

import os
import time
from collections.abc import Sequence

from context_sync import paths
from context_sync.domain import wording
from context_sync.domain.masking import shown
from context_sync.domain.records import Session
from context_sync.errors import ContextSyncError
from context_sync.git import checkouts
from context_sync.git.checkouts import Checkout
from context_sync.state import sessions
from context_sync.touches import history, settlement
from context_sync.touches.history import Edit
from context_sync.views import documents
from context_sync.views.schemas import Resolution, TouchList, TouchRow

MOST_TOUCHES = 20


def touches(path: str, symbol: str, folder: str) -> TouchList:
    """Return which sessions last touched a file, or a definition in it, the latest first.

    `path` may be relative to `folder`; the same file in another worktree counts as the same.
    """
    place, name = _find(path, folder)
    found = history.last_of_symbol(place.repository, symbol, name) if symbol else []
    found = found or ([] if symbol else history.last_of_path(place.repository, name))
    live = {session.id for session in sessions.live({edit.session.id for edit in found})}
    return {"note": documents.NOTE, "touches": [_row(edit, live) for edit in found[:MOST_TOUCHES]]}


def resolve(session: Session, files: Sequence[str]) -> Resolution:
    """Settle the session's edits of the files, which may be relative to its folder, and return what was settled."""
    by_repository: dict[str, set[str]] = {}
    for file in files:
        place, name = _find(file, session.cwd)
        by_repository.setdefault(place.repository, set()).add(name)
    now = time.time()
    done = {
        name for place, names in by_repository.items() for name in settlement.resolve(place, names, now, session.id)
    }
    others = {name for names in by_repository.values() for name in names} - done
    return {"resolved": sorted(done), "nothing_to_resolve": sorted(others)}


def _find(path: str, folder: str) -> tuple[Checkout, str]:
    """Return the worktree of a file, which may no longer exist, and its path there.

    A relative path is looked up in `folder`, then in the root of the worktree around it, as paths are shown that way.
    Raises ContextSyncError for a name that no file can have.
    """
    if "\0" in path:
        raise ContextSyncError("a path cannot contain NUL: name a file.")
    base = os.path.realpath(folder or paths.current_folder())
    around = checkouts.checkout_of(base) or Checkout(base, base, "")
    candidates = [os.path.join(base, path), os.path.join(around.worktree, path)]
    real = os.path.realpath(next(filter(os.path.lexists, candidates), candidates[-1]))
    place = checkouts.checkout_of(_existing(os.path.dirname(real))) or around
    return place, os.path.relpath(real, place.worktree)


def _existing(folder: str) -> str:
    while not os.path.isdir(folder):
        folder = os.path.dirname(folder)
    return folder


def _row(edit: Edit, live: set[str]) -> TouchRow:
    session, touch = edit
    return {
        "path": wording.plain(touch.path, wording.LONGEST_PATH),
        "symbols": [wording.plain(each.name, wording.LONGEST_PATH) for each in touch.symbols],
        "session": session.id,
        "name": shown(session.name, wording.LONGEST_NAME),
        "live": session.id in live,
        "tool": touch.tool,
        "worktree": wording.plain(touch.worktree, wording.LONGEST_PATH),
        "at": documents.time_of(touch.at),
    }
