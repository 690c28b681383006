"""How far a session has caught up, in `positions/<id>.json`: a byte position by transcript, a commit by worktree."""

from __future__ import annotations

from context_sync.hotpath.namedtuples import TYPE_CHECKING
from context_sync.state import files

if TYPE_CHECKING:
    from typing import Any

HEADS = "heads"  # no path of a transcript, which is absolute


def read(session_id: str) -> dict[str, int]:
    """Return the byte position behind the last line that was read, by the transcript's path."""
    return {path: at for path, at in _known(session_id).items() if isinstance(at, int) and at >= 0}


def write(session_id: str, positions: dict[str, int]) -> None:
    """Replace the positions of a session in its transcripts."""
    _write(session_id, {**positions, HEADS: _heads(_known(session_id))})


def head(session_id: str, worktree: str) -> str:
    """Return which commit the session last saw checked out in a worktree, "" when it saw none."""
    return _heads(_known(session_id)).get(worktree, "")


def write_head(session_id: str, worktree: str, commit: str) -> None:
    """Note which commit the session saw checked out in a worktree; recorders that do so at once repeat each other."""
    known = _known(session_id)
    heads = _heads(known)
    if heads.get(worktree) != commit:
        _write(session_id, {**known, HEADS: {**heads, worktree: commit}})


def _heads(known: dict[str, Any]) -> dict[str, str]:
    found = known.get(HEADS)
    return {str(worktree): str(commit) for worktree, commit in found.items()} if isinstance(found, dict) else {}


def _known(session_id: str) -> dict[str, Any]:
    return files.read_json(_file(session_id)) or {}


def _write(session_id: str, known: dict[str, Any]) -> None:
    files.write_json(_file(session_id), {name: value for name, value in known.items() if value != {}})


def _file(session_id: str) -> str:
    return files.path("positions", session_id + ".json")
