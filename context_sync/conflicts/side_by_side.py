"""The two sides of a conflict as you compare them: what each session changed there, line by line."""

from __future__ import annotations

import os

from context_sync.claude.transcripts import discovery, reader
from context_sync.conflicts import worktree_changes
from context_sync.domain.conflicts import Conflict
from context_sync.domain.records import Session
from context_sync.git import commits
from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple
from context_sync.state import touches
from context_sync.symbols import hunks, resolver
from context_sync.symbols.hunks import Block

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_LINES = 400  # of one side


class Side(NamedTuple):
    """What one session changed in a file; `elsewhere` changes of it are in other places and left out.

    It is `alone` when it is only what this session did, else it is what everybody in the worktree did.
    """

    session: str
    path: str
    blocks: tuple[Block, ...]
    elsewhere: int = 0
    alone: bool = True


class _Edit(NamedTuple):
    """The blocks of a change, and those of them that are near to what the conflict is about."""

    blocks: list[Block]
    near: list[Block]

    @classmethod
    def of(cls, conflict: Conflict, path: str, before: bytes, after: bytes, moved_on: bool = False) -> _Edit:
        spans = _spans(conflict, path, after)
        found = list(hunks.blocks(before, after))
        near = [hunks.is_near(block, spans) for block in found]
        blocks = [block._replace(start=0) if moved_on else block for block in found]
        return cls(blocks, [block for block, is_near in zip(blocks, near, strict=True) if is_near])


def sides_of(conflict: Conflict, mine: Session, theirs: Session) -> tuple[Side, Side]:
    """Return what the two sessions of a conflict changed there, of what is neither committed nor merged.

    Between worktrees git shows it; in one worktree the transcripts do, as far as they have it.
    """
    if conflict.mine_worktree == conflict.theirs_worktree:
        sides = [
            _of_transcript(conflict, each, path) for each, path in zip((mine, theirs), _paths(conflict), strict=True)
        ]
    else:
        sides = [_from_git(conflict, conflict.mine, conflict.mine_worktree, _paths(conflict)[0])]
        sides.append(_from_git(conflict, conflict.theirs, conflict.theirs_worktree, _paths(conflict)[1]))
    return sides[0], sides[1]


def _paths(conflict: Conflict) -> tuple[str, str]:
    on = conflict.dependency
    if not on:
        return conflict.path, conflict.path
    if on.altered_by == "mine":
        return on.definition_path, conflict.path
    return conflict.path, on.definition_path


def _from_git(conflict: Conflict, session_id: str, worktree: str, path: str) -> Side:
    base = commits.common_ancestor(conflict.mine_worktree, conflict.theirs_worktree)
    found = (worktree_changes.changes(worktree, base, [path]) if base else None) or []
    return _side(session_id, path, [_Edit.of(conflict, path, each.before or b"", each.after or b"") for each in found])


def _of_transcript(conflict: Conflict, session: Session, path: str) -> Side:
    """Return what a session did to a file by its transcripts, or what everybody did where those do not show it."""
    edits = list(_edits(conflict, session, path))
    if edits:
        return _side(session.id, path, edits)
    return _from_git(conflict, session.id, conflict.mine_worktree, path)._replace(alone=False)


def _edits(conflict: Conflict, session: Session, path: str) -> Iterator[_Edit]:
    history = touches.read(session.id, [path])
    settled = {touch.tool_use for touch in history.touches if history.is_settled(touch)}
    wanted = os.path.join(conflict.mine_worktree, path)
    for transcript in reader.all_of(session.transcript or discovery.find(session.id)):
        for stretch in reader.stretches_from(transcript, 0):
            for each in stretch.edits:
                before, after = each.edit.before, each.edit.after
                if before is None or after is None or each.tool_use in settled:
                    continue
                if os.path.realpath(os.path.join(session.cwd, each.edit.path)) == wanted:
                    yield _Edit.of(conflict, path, before, after, moved_on=True)


def _side(session_id: str, path: str, edits: list[_Edit]) -> Side:
    everything = [block for edit in edits for block in edit.blocks]
    kept = [block for edit in edits for block in edit.near] or everything
    return Side(session_id, path, tuple(_cut(kept)), len(everything) - len(kept))


def _spans(conflict: Conflict, path: str, text: bytes) -> list[tuple[int, int]]:
    """Return the lines of the definitions that the conflict is about."""
    on = conflict.dependency
    names = {*conflict.symbols, on.user if on else ""}
    return [(each.start, each.end) for each in resolver.definitions(path, text) if each.name in names]


def _cut(blocks: list[Block]) -> Iterator[Block]:
    room = MOST_LINES
    for block in blocks:
        if room > 0:
            yield block._replace(lines=block.lines[:room])
        room -= len(block.lines)
