"""Candidates: the sessions that touched the files of a fresh edit, files that depend on it, or files it depends on."""

from __future__ import annotations

from context_sync.conflicts import mentions
from context_sync.conflicts.mentions import Mentions
from context_sync.domain.edit_history import History
from context_sync.domain.records import Session, Touch
from context_sync.hotpath.namedtuples import TYPE_CHECKING
from context_sync.state import name_index, repositories, touches
from context_sync.state.name_index import EVERYTHING, Entry, Wanted, hashes

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

READ_WHOLE = 1 << 18  # bytes of touch files, of about 700 edits: 15 ms


def sharing(
    repository: str, others: Iterable[Session], fresh: Collection[str]
) -> Iterator[tuple[Session, tuple[str, ...]]]:
    """Yield the sessions that also touched some of the files `fresh` of a repository, with those files."""
    held: dict[str, set[str]] = {}
    for path in fresh:
        for holder in repositories.holders(repository, path):
            held.setdefault(holder, set()).add(path)
    for other in others:
        paths = {touch.path for touch in touches.read(other.id, held[other.id]).touches} if other.id in held else ()
        if paths:
            yield other, tuple(sorted(paths))


def depending(
    mine: Session, others: Collection[Session], fresh: Collection[str]
) -> Iterator[tuple[Session, tuple[str, ...]]]:
    """Yield the sessions whose edits depend on those that `mine` just made of the files `fresh`, or these on theirs.

    Each with the files of both sides. What is in the files of others counts as it is now where they are few edits,
    `READ_WHOLE`. Of more, only those are read that may name each other as their sessions left them, see `remember`.
    """
    just = touches.read(mine.id, fresh)
    looking = Mentions(just.touches)
    found = []
    for other, near in _near(looking, others) if others else ():
        history = touches.read(other.id)
        possible = [each for each in _possible(just, history) if near is None or _key(each) in near]
        mentioned = history.of(looking.among(possible))
        if mentioned.touches and not _are_of_one_file(just, mentioned):
            found.append((other, mentioned))
    if not found:
        return
    from context_sync.conflicts import detection  # with git, 3 ms that most edits need not pay

    _look_up(just, [history for _, history in found])
    for other, history in found:
        paths = set()
        for conflict in detection.dependencies(just, history):
            if conflict.dependency:
                paths |= {conflict.path, conflict.dependency.definition_path}
        if paths:
            yield other, tuple(sorted(paths))


def remember(session_id: str) -> None:
    """Note which words and names are in the files that a session touched, so that others can find what depends on them.

    Raises OSError where that cannot be noted; until it is, they read all that is not noted yet.
    """
    update = name_index.missing(session_id)
    if update is None:
        return
    history = touches.read(session_id, {path for _, path in update.places})
    made = [touch for touch in history.touches if (touch.worktree, touch.path) in update.places]
    found = dict.fromkeys(update.places, Entry(EVERYTHING, EVERYTHING))
    for place, names, words in mentions.named(made):
        found[place] = Entry(hashes(names), hashes(words))
    name_index.write(session_id, update, found)


def _near(looking: Mentions, others: Collection[Session]) -> Iterator[tuple[Session, set[bytes] | None]]:
    """Yield the sessions that may have what is near, with the keys of such files, None for all files."""
    whole = _few(others)
    wanted = None if whole.issuperset(other.id for other in others) else Wanted(looking.names, looking.words)
    for other in others:
        near = name_index.near(other.id, wanted) if wanted and other.id not in whole else None
        if near is None or near:
            yield other, near


def _few(others: Iterable[Session]) -> set[str]:
    """Return the sessions with the fewest edits, as many as may be read as a whole."""
    found: set[str] = set()
    room = READ_WHOLE
    for size, session_id in sorted((name_index.extent(other.id).size, other.id) for other in others):
        room -= size
        if room >= 0:
            found.add(session_id)
    return found


def _key(touch: Touch) -> bytes:
    return name_index.key((touch.worktree, touch.path))


def _possible(mine: History, theirs: History) -> list[Touch]:
    """Return the touches of the files that are not settled, as far as that is known without a look at them."""
    homes = {(touch.repository, touch.worktree) for touch in mine.touches}
    repositories = {repository for repository, _ in homes}

    def may_conflict(touch: Touch) -> bool:
        if homes == {(touch.repository, touch.worktree)}:
            return not theirs.is_settled(touch)
        return touch.repository in repositories and not theirs.is_resolved(touch)

    left = {(touch.worktree, touch.path) for touch in theirs.touches if may_conflict(touch)}
    return [touch for touch in theirs.touches if (touch.worktree, touch.path) in left]


def _are_of_one_file(mine: History, theirs: History) -> bool:
    """Return whether there is no dependency as both sides are of the same file alone: what both changed is of both."""
    return len({(touch.worktree, touch.path) for touch in (*mine.touches, *theirs.touches)}) == 1


def _look_up(mine: History, theirs: list[History]) -> None:
    """Ask git once for what it would be asked for session by session."""
    from context_sync.conflicts import detection
    from context_sync.git import commits, objects

    wanted: dict[tuple[str, str], set[str]] = {}
    for left in detection.worktrees(mine.touches):
        own = {touch.path for touch in mine.touches if touch.worktree == left}
        for right in detection.worktrees(touch for history in theirs for touch in history.touches):
            paths = {touch.path for history in theirs for touch in history.touches if touch.worktree == right}
            wanted.setdefault((left, commits.common_ancestor(left, right)), own).update(paths)
    for (worktree, commit), paths in wanted.items():
        if commit:
            objects.texts_at(worktree, commit, sorted(paths))
