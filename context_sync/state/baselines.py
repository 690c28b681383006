"""Baselines: what an edited file was when it was last looked at, in `fingerprints/<worktree>/<file>.json`.

That is the hash of its text, and the hashes and lines of its definitions.
"""

from __future__ import annotations

import os

from context_sync.hotpath import hashing
from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple
from context_sync.state import files

if TYPE_CHECKING:
    from collections.abc import Sequence


class Known(NamedTuple):
    """What is known of a file: the SHA-256 of its text, a short hash by definition, and where each of them lies.

    `outline` is what `symbols.resolver` needs to know the definitions without reading the text again.
    """

    text: str
    symbols: dict[str, str]
    outline: Sequence[tuple[str, str, int, int, int]] = ()


def write(worktree: str, path: str, known: Known) -> None:
    """Replace what is known of a file, `path` being relative to the worktree's root."""
    value = {"path": path, "text": known.text, "symbols": known.symbols, "outline": known.outline}
    files.write_json(_file(worktree, path), value)


def read(worktree: str, path: str) -> Known | None:
    """Return what is known of a file, or None."""
    found = files.read_json(_file(worktree, path))
    if not found or not isinstance(found.get("symbols"), dict):
        return None
    symbols = {str(name): str(value) for name, value in found["symbols"].items()}
    return Known(str(found.get("text")), symbols, _outline(found.get("outline")))


def forget(worktree: str, path: str) -> None:
    """Forget a file: it is as its commit has it again."""
    files.remove(_file(worktree, path))


def _outline(found: object) -> list[tuple[str, str, int, int, int]]:
    """Return the definitions, none when one of them makes no sense."""
    entries = found if isinstance(found, list) else []
    if all(isinstance(each, list) and [type(value) for value in each] == _ENTRY for each in entries):
        return [(name, kind, start, end, around) for name, kind, start, end, around in entries]
    return []


_ENTRY = [str, str, int, int, int]


def _file(worktree: str, path: str) -> str:
    return files.path("fingerprints", _hash(worktree), _hash(path) + ".json")


def _hash(text: str) -> str:
    return str(hashing.sha256(os.fsencode(text)).hexdigest()[:16])
