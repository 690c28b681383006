"""The changes of one side to the common base, file by file, with a moved file as one edit."""

from __future__ import annotations

from functools import lru_cache

from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple
from context_sync.symbols.hunks import Hunk, hunks_between

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SIMILAR = 0.5
"""Share of equal bytes at which a removed and a created file count as one that moved, as in git."""

_MAX_PAIRS = 2_500


class Change(NamedTuple):
    """One file of one side: its bytes in the common base and on that side, None when it does not exist there.

    `path` is relative to the worktree's root.
    """

    path: str
    before: bytes | None
    after: bytes | None


class Edit(NamedTuple):
    """A change, by the path of the file in the base; `new_path` differs when the side moved it."""

    path: str
    new_path: str
    before: bytes | None
    after: bytes | None


def edits_of(changes: Iterable[Change]) -> dict[str, Edit]:
    """Return a side's edits by base path, without unchanged files.

    A removed file and a similar new one are one edit with two paths.
    """
    changed = [change for change in changes if change.before != change.after]
    moved = _moved(changed)
    targets = {new.path for new in moved.values()}
    edits: dict[str, Edit] = {}
    for change in changed:
        if change.path in moved:
            new = moved[change.path]
            edits[change.path] = Edit(change.path, new.path, change.before, new.after)
        elif change.path not in targets:
            edits[change.path] = Edit(change.path, change.path, change.before, change.after)
    return edits


@lru_cache(maxsize=512)
def hunks_of(edit: Edit) -> tuple[Hunk, ...]:
    """Return the changed ranges of lines; one whole-file range for a created or deleted file."""
    return hunks_between(edit.before or b"", edit.after or b"")


def _moved(changed: list[Change]) -> Mapping[str, Change]:
    gone = [change for change in changed if change.after is None]
    new = [change for change in changed if change.before is None]
    if not gone or not new or len(gone) * len(new) > _MAX_PAIRS:
        return {}
    alike = sorted(
        ((_similarity(old.before or b"", fresh.after or b""), old.path, fresh) for old in gone for fresh in new),
        key=lambda entry: (-entry[0], entry[1], entry[2].path),
    )
    moved: dict[str, Change] = {}
    taken: set[str] = set()
    for similarity, path, fresh in alike:
        if similarity >= SIMILAR and path not in moved and fresh.path not in taken:
            moved[path] = fresh
            taken.add(fresh.path)
    return moved


def _similarity(one: bytes, other: bytes) -> float:
    if one == other:
        return 1.0 if one else 0.0
    lines: dict[bytes, int] = {}
    for line in one.splitlines():
        lines[line] = lines.get(line, 0) + 1
    shared = 0
    for line in other.splitlines():
        if lines.get(line):
            lines[line] -= 1
            shared += len(line) + 1
    return shared / max(len(one), len(other), 1)
