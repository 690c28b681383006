"""Owns `fingerprints/<worktree>/`: what was last known of a worktree, its HEAD and the hashes of its edited files.

`<file>.json` has the hashes of a file's definitions when an edit of it was last recorded, `head.json` the commit.
"""

import os
from typing import NamedTuple

from context_sync import digests
from context_sync.state import files


class Known(NamedTuple):
    """What is known of a file: the SHA-256 of its text and a short hash by definition."""

    text: str
    symbols: dict[str, str]


def write(worktree: str, path: str, known: Known) -> None:
    """Replace what is known of a file, `path` being relative to the worktree's root."""
    files.write_json(_file(worktree, path), {"path": path, "text": known.text, "symbols": known.symbols})


def read(worktree: str, path: str) -> Known | None:
    """Return what is known of a file, or None."""
    found = files.read_json(_file(worktree, path))
    if not found or not isinstance(found.get("symbols"), dict):
        return None
    return Known(str(found.get("text")), {str(name): str(value) for name, value in found["symbols"].items()})


def write_head(worktree: str, commit: str) -> None:
    """Note which commit was last seen checked out."""
    files.write_json(files.path("fingerprints", _hash(worktree), "head.json"), {"head": commit})


def read_head(worktree: str) -> str:
    """Return which commit was last seen checked out, "" when none was."""
    found = files.read_json(files.path("fingerprints", _hash(worktree), "head.json")) or {}
    return str(found.get("head", ""))


def _file(worktree: str, path: str) -> str:
    return files.path("fingerprints", _hash(worktree), _hash(path) + ".json")


def _hash(text: str) -> str:
    return digests.sha256(os.fsencode(text))[:16]
