"""The merge preview: what merging two worktrees would do now, or once a file of one of them has another text."""

from __future__ import annotations

from context_sync.conflicts import worktree_changes
from context_sync.domain import conflicts
from context_sync.git import commits, differences, objects, refs
from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from context_sync.analysis.changes import Change
    from context_sync.domain.edit_history import History
    from context_sync.domain.records import Touch
    from context_sync.domain.verdicts import Verdict


class Sides(NamedTuple):
    """What two worktrees made of the commit that both began from, as far as a merge would have it."""

    mine: list[Change]
    theirs: list[Change]


def sides(
    worktree: str,
    other: str,
    paths: Collection[str],
    others: Collection[str],
    overlay: Mapping[str, bytes] | None = None,
) -> Sides | None:
    """Return what differs in `paths` of a worktree and in `others` of another one from their common ancestor.

    `overlay` has the texts that files of `worktree` are about to have. What git ignores is left out. A file that one
    side removed and the other changed comes with the new file that it was moved to, if it was. None when git cannot
    tell.
    """
    base = commits.common_ancestor(worktree, other)
    mine = worktree_changes.changes(worktree, base, paths, overlay) if base else None
    theirs = worktree_changes.changes(other, base, others) if mine is not None else None
    if mine is None or theirs is None:
        return None
    mine, theirs = _tracked(worktree, mine), _tracked(other, theirs)
    return Sides([*mine, *_moved(worktree, base, mine, theirs)], [*theirs, *_moved(other, base, theirs, mine)])


def verdicts(mine: list[Change], theirs: list[Change]) -> tuple[Verdict, ...]:
    """Return what conflicts between the two sides, see `analysis.judge`."""
    from context_sync.analysis import judge  # tree-sitter: 8 ms

    return judge.judge(mine, theirs, apart=True)


def unmerged(history: History, worktree: str, other: str) -> list[Touch]:
    """Return a session's touches in `worktree` that another worktree may lack.

    Those that are not committed, and those of which the commits of `worktree` have something that the common ancestor
    has not: all else was merged already. Where git cannot tell, everything.
    """
    made = history.unresolved(worktree)
    committed = [touch for touch in made if history.is_settled(touch)]
    base, head = (commits.common_ancestor(worktree, other), refs.head_of(worktree)) if committed else ("", "")
    if not base or not head:
        return made
    paths = sorted({touch.path for touch in committed})
    old, new = objects.texts_at(worktree, base, paths), objects.texts_at(worktree, head, paths)
    if old is None or new is None:
        return made
    from context_sync.analysis.changes import Change

    merged = {touch.id for touch in committed}
    changed = [Change(path, old[path], new[path]) for path in paths if old[path] != new[path]]
    merged.difference_update(touch.id for touch in left(committed, changed))
    return [touch for touch in made if touch.id not in merged]


def left(made: list[Touch], changes: list[Change]) -> list[Touch]:
    """Return the touches of which something is left in the changes; the others were reverted, stashed or merged.

    Those of a file that was moved have the path that it had before.
    """
    from context_sync.analysis.changes import edits_of
    from context_sync.analysis.touched import touched_names

    edits = edits_of(changes)
    before = {edit.new_path: path for path, edit in edits.items()}
    names = {path: set(touched_names(edit)) for path, edit in edits.items()}

    def is_left(touch: Touch) -> bool:
        there = names.get(touch.path)
        return touch.path in edits and (not touch.symbols or not there or bool(conflicts.names([touch]) & there))

    return [
        touch for touch in (each._replace(path=before.get(each.path, each.path)) for each in made) if is_left(touch)
    ]


def _moved(worktree: str, base: str, changes: list[Change], others: list[Change]) -> list[Change]:
    """Return the new files of a worktree that the files were moved to that it does not have and `others` changed."""
    kept = {change.path for change in others if change.after is not None}
    gone = [change for change in changes if change.after is None and change.path in kept]
    if not gone:
        return []
    from context_sync.analysis.changes import edits_of

    known = {change.path for change in changes}
    new = [path for path in differences.changed_since(worktree, base) if path not in known]
    found = [each for each in worktree_changes.changes(worktree, base, new) or () if each.before is None]
    targets = {edit.new_path for edit in edits_of([*gone, *found]).values() if edit.new_path != edit.path}
    return [each for each in found if each.path in targets]


def _tracked(worktree: str, changes: list[Change]) -> list[Change]:
    new = [change.path for change in changes if change.before is None]
    ignored = differences.ignored(worktree, new) if new else set()
    return [change for change in changes if change.path not in ignored]
