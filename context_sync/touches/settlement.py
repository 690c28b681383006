"""Settlement: which edits are committed, reverted or restored in their worktree as git shows it now.

`look` only looks; the other functions note what they find as events, for good.
"""

from __future__ import annotations

import os
import time

from context_sync.domain.edit_history import Edit, Event, History
from context_sync.domain.records import Touch
from context_sync.git import checkouts, objects, refs
from context_sync.hotpath import hashing, regular_files
from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple
from context_sync.state import touches

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping


# Attributes that make git write a file differently from how it stores it; line ends are compared without them.
CONVERSIONS = (b"filter", b"ident", b"encoding")


class File(NamedTuple):
    """A file of a worktree: its text in HEAD and in the worktree, None where there is none.

    `committed_at` is when it was last committed, in seconds since the epoch, if that was after the first of the touches
    that were asked about, else 0. `is_clean` says that it is as HEAD has it; its mode does not count.
    """

    path: str
    committed: bytes | None
    committed_at: float
    current: bytes | None
    is_clean: bool


class Found(NamedTuple):
    """What a look found of one session: events that are not noted yet, and the history with them applied.

    `clean` are the files with settled edits that are as HEAD has them.
    """

    history: History
    events: tuple[Event, ...] = ()
    clean: frozenset[str] = frozenset()


def look(worktree: str, paths: set[str], histories: list[History], but: Collection[str] | None = None) -> list[Found]:
    """Return what git shows as committed, reverted or restored in `worktree` since the histories were noted.

    In files that are not as HEAD has them, definitions are compared where a commit came after the touch; with `but`
    everywhere, except for those with these names.
    """
    edits = [[edit for edit in history.edits if _is_in(edit.touch, worktree, paths)] for history in histories]
    everything = [edit.touch for some in edits for edit in some]
    files = _files_of(worktree, paths, everything) if paths else None
    if files is None:
        return [Found(history) for history in histories]
    left = []
    for history, events in zip(histories, _restored(files, edits), strict=True):
        now = history.after(events) if events else history
        left.append((now, events, now.unsettled(worktree, paths)))
    found = []
    for now, restored, made in left:
        settled = _settled(files, made, but)
        clean = frozenset(touch.path for touch in made if files[touch.path].is_clean)
        found.append(Found(now.after(settled) if settled else now, (*restored, *settled), clean))
    return found


def seen(worktree: str, paths: set[str], histories: list[History]) -> list[History]:
    """Return the histories with what `look` finds, and note nothing."""
    return [found.history for found in look(worktree, paths, histories)]


def settle(
    worktree: str, paths: set[str], histories: list[History], but: Collection[str] | None = None
) -> list[History]:
    """Return the histories with what `look` finds, noted for good."""
    return [found.history for found in _noted(worktree, look(worktree, paths, histories, but))]


def settle_own(session_id: str) -> None:
    """Settle what the session itself committed or reverted, in every worktree in which it made edits."""
    history = touches.read(session_id)
    unsettled = history.unsettled()
    for worktree in {touch.worktree for touch in unsettled}:
        settle(worktree, {touch.path for touch in unsettled if touch.worktree == worktree}, [history])


def settle_committed(worktree: str, committed: Iterable[str], session_ids: Iterable[str]) -> None:
    """Settle what the sessions did to the `committed` files, before another edit of what was committed."""
    histories, found = [touches.read(each) for each in session_ids], set(committed)
    left = {touch.path for history in histories for touch in history.unsettled(worktree, found)}
    if left:
        settle(worktree, left, histories)


def restore(worktree: str, dirty: Collection[str], session_ids: Iterable[str]) -> list[Touch]:
    """Note which settled edits of the `dirty` files are there again, and return what is left of them."""
    histories = [touches.read(each) for each in session_ids]
    settled = {
        touch.path
        for history in histories
        for touch in history.touches
        if touch.worktree == worktree and touch.path in dirty and history.is_settled(touch)
    }
    again: list[Touch] = []
    for found in _noted(worktree, look(worktree, settled, histories)) if settled else ():
        ids = {each for event in found.events if event.kind == "restored" for each in event.touches}
        again += [touch for touch in found.history.unsettled(worktree) if touch.id in ids]
    return again


def revert(session_id: str, made: Iterable[Touch], by: str) -> None:
    """Note that the session `by` took these touches of another one out of their worktree."""
    touches.note(session_id, [Event("reverted", time.time(), tuple(touch.id for touch in made), by=by)])


def resolve(repository: str, paths: set[str] | None, at: float, only: str = "") -> set[str]:
    """Resolve what sessions did to the files until `at`, as the user says, and return the files concerned.

    None stands for all files of the repository; `only` is the id of the one session whose edits are meant.
    """
    from context_sync.state import repositories

    found: set[str] = set()
    for session_id in repositories.members(repository):
        if only not in ("", session_id):
            continue
        made = [
            touch
            for edit in touches.read(session_id).edits  # also what was taken back: `git stash pop` may bring it again
            if not edit.is_resolved
            and (touch := edit.touch).repository == repository
            and touch.at <= at
            and (paths is None or touch.path in paths)
        ]
        if made:
            touches.note(session_id, [Event("resolved", at, tuple(touch.id for touch in made))])
            found.update(touch.path for touch in made)
    return found


def _files_of(worktree: str, paths: Collection[str], made: list[Touch]) -> dict[str, File] | None:
    """Return the files of a worktree by path, and when they were committed after the first of these touches.

    None when git cannot tell.
    """
    since = min((touch.at for touch in made), default=0.0)
    head = refs.head_of(worktree)
    texts = objects.texts_at(worktree, head, sorted(paths)) if head else dict.fromkeys(paths)
    last_commit = objects.time_of(worktree, head) if head and made else 0
    if texts is None:
        return None
    # A commit is made after those that it follows. One dated tomorrow only says that the clock was set back.
    is_newer = since < last_commit <= time.time()
    committed = _commits_after(worktree, head, made, since) if is_newer else {}
    current = {path: _text(os.path.join(worktree, path)) for path in paths}
    same = {path for path, text in texts.items() if _is_same(text, current[path], os.path.join(worktree, path))}
    clean = _unchanged_for_git(worktree, head, set(paths) - same)
    if clean is None:
        return None
    return {
        path: File(path, texts[path], committed.get(path, 0.0), current[path], path in same or path in clean)
        for path in paths
    }


def is_unchanged(worktree: str, path: str) -> bool:
    """Return whether a file is as HEAD has it; False when git cannot tell."""
    found = _files_of(worktree, [path], [])
    return found is not None and found[path].is_clean


def _committed_part(file: File, made: list[Touch], but: Collection[str] | None) -> dict[Touch, tuple[str, ...]]:
    """Return which of a session's touches of a file HEAD has, with the names of their definitions, none for all.

    HEAD has a touch when its text is the one after the touch, and what came before that touch. It also has one from
    before the last commit, or with `but` any one, of which every definition is as in HEAD: that a file was formatted or
    edited by hand before it was committed must not keep the touch unsettled.
    """
    in_head = _digests(file.committed)
    exact = max((touch.at for touch in made if touch.after in in_head), default=0.0)
    found: dict[Touch, tuple[str, ...]] = {touch: () for touch in made if touch.at <= exact}
    compared = [each for each in made if each.at > exact and (but is not None or each.at < file.committed_at)]
    for touch, left in _rest_of(file, compared, but or ()).items():
        if left is None:
            found[touch] = ()
        elif left != touch:
            names = {symbol.name for symbol in left.symbols}
            found[touch] = tuple(each.name for each in touch.symbols if each.name not in names)
    return found


def _committed_until(file: File, made: list[Touch]) -> float:
    """Return the time of the last touch that was committed, 0 for none, of a file that is as HEAD has it.

    Those after it were undone.
    """
    in_head = _digests(file.committed)
    return max((touch.at for touch in made if touch.at < file.committed_at or touch.after in in_head), default=0.0)


def _rest_of(file: File, made: list[Touch], but: Collection[str] = ()) -> dict[Touch, Touch | None]:
    """Return each touch of a file without the definitions that are as in HEAD, None when all are.

    Definitions with the names `but` count as other than in HEAD.
    """
    names = _differing(file) if any(touch.symbols for touch in made) else None
    if names is not None:
        names |= set(but)
    return {touch: _rest(touch, file, names) for touch in made}


def _is_as_left(file: File, touch: Touch) -> bool:
    """Return whether the file is as the touch left it."""
    return touch.after in _digests(file.current) if file.current is not None else not touch.after


def may_be_committed(worktree: str, made: list[Touch]) -> bool:
    """Return whether HEAD may have the last of the touches, which are of one file: its times are whole seconds."""
    last = max(made, key=lambda touch: touch.at)
    head, second = refs.head_of(worktree), int(last.at)
    from context_sync.git import commits

    if head and last.path in commits.last_commits(worktree, head, [last.path], second - 1):
        return True
    text = (objects.texts_at(worktree, head, [last.path]) or {}).get(last.path) if head else None
    return last.after in _digests(text)


def _noted(worktree: str, found: list[Found]) -> list[Found]:
    for each in found:
        if each.events:
            touches.note(each.history.session, each.events)
    for path in {path for each in found for path in each.clean}:
        from context_sync.state import baselines

        baselines.forget(worktree, path)
    return found


def _is_in(touch: Touch, worktree: str, paths: set[str]) -> bool:
    return touch.worktree == worktree and touch.path in paths


def _settled(files: dict[str, File], made: list[Touch], but: Collection[str] | None) -> list[Event]:
    """Return what settles these touches of a session."""
    paths = dict.fromkeys(touch.path for touch in made)
    found = [_settled_of(files[path], [touch for touch in made if touch.path == path], but) for path in paths]
    return [event for events in found for event in events]


def _settled_of(file: File, made: list[Touch], but: Collection[str] | None) -> list[Event]:
    if not file.is_clean:
        parts = _committed_part(file, made, but)
        return _events("committed", max((touch.at for touch in parts), default=0.0), parts)
    now, until = time.time(), _committed_until(file, made)
    committed, reverted = ([each for each in made if (each.at <= until) is there] for there in (True, False))
    return [
        *_events("committed", now, dict.fromkeys(committed, ())),
        *_events("reverted", now, dict.fromkeys(reverted, ())),
    ]


def _events(kind: str, at: float, parts: Mapping[Touch, tuple[str, ...]]) -> list[Event]:
    """Return one event for all touches that are settled as a whole, and one for each that is settled in part."""
    whole = tuple(touch.id for touch, names in parts.items() if not names)
    partly = [Event(kind, at, (touch.id,), names) for touch, names in parts.items() if names]
    return [Event(kind, at, whole), *partly] if whole else partly


def _restored(files: dict[str, File], histories: list[list[Edit]]) -> list[list[Event]]:
    """Return for each history which of its settled edits are there again, as after `git stash pop` or `git reset`.

    That is so when a file, which is not as HEAD has it, is as the last edit left it.
    """
    found: list[list[Event]] = [[] for _ in histories]
    for file in files.values() if any(edit.left is None for some in histories for edit in some) else ():
        edits = [[edit for edit in some if edit.touch.path == file.path] for some in histories]
        everything = [edit for some in edits for edit in some]
        last = max(everything, key=lambda edit: (edit.touch.at, edit.left is not None), default=None)
        if file.is_clean or last is None or last.left is not None or last.is_resolved:
            continue
        if not _is_as_left(file, last.touch) or not _is_last(last.touch):
            continue
        for events, some in zip(found, edits, strict=True):
            if max((edit.settled_at for edit in some), default=0.0) < last.touch.at:
                continue
            settled = [edit.touch for edit in some if edit.left is None and not edit.is_resolved]
            rest = [left for left in _rest_of(file, settled).values() if left is not None]
            events += [
                Event("restored", each.at, (each.id,), tuple(symbol.name for symbol in each.symbols)) for each in rest
            ]
    return found


def _is_last(touch: Touch) -> bool:
    """Return whether nobody has edited the file since; another edit may have led to the same text."""
    from context_sync.state import repositories

    holders = repositories.holders(touch.repository, touch.path)
    made = [each for holder in holders for each in touches.read(holder, {touch.path}).touches]
    return not any(each.worktree == touch.worktree and each.at > touch.at for each in made)


def _rest(touch: Touch, file: File, differing: set[str] | None) -> Touch | None:
    if not touch.symbols or differing is None:
        return None if touch.at < file.committed_at else touch
    symbols = tuple(symbol for symbol in touch.symbols if symbol.name in differing)
    return touch._replace(symbols=symbols) if symbols else None


def _differing(file: File) -> set[str] | None:
    """Return the names of the definitions that are not as HEAD has them, None when the file has no definitions."""
    try:
        from context_sync.symbols import resolver  # tree-sitter: 8 ms
    except ImportError:
        return None
    old, new = [resolver.fingerprints(file.path, text or b"") for text in (file.committed, file.current)]
    return {name for name in old.keys() | new if old.get(name) != new.get(name)} if old or new else None


def _commits_after(worktree: str, head: str, made: list[Touch], since: float) -> dict[str, int]:
    """Return when the touched files were last committed, as far as that was after `since`."""
    from context_sync.git import commits

    return commits.last_commits(worktree, head, sorted({touch.path for touch in made}), since)


def _is_same(text: bytes | None, current: bytes | None, path: str) -> bool:
    if current is None:
        return text is None and not os.path.lexists(path)
    return text is not None and (current == text or (b"\r\n" in current and current.replace(b"\r\n", b"\n") == text))


def _unchanged_for_git(worktree: str, head: str, paths: set[str]) -> set[str] | None:
    """Return which of these files git takes for unchanged although their texts differ; None when it cannot tell."""
    if head and not _converts(worktree, paths):
        paths = {path for path in paths if _is_large(os.path.join(worktree, path))}
    if not paths:
        return set()
    from context_sync.git import differences

    changed = differences.uncommitted(worktree, sorted(paths))
    return None if changed is None else paths - changed


def _is_large(path: str) -> bool:
    try:
        return os.lstat(path).st_size > regular_files.MAX_SIZE
    except OSError:
        return False


def _converts(worktree: str, paths: Iterable[str]) -> bool:
    folders = {"", *(folder for path in paths for folder in _around(path))}
    files = [os.path.join(worktree, folder, ".gitattributes") for folder in folders]
    if os.path.isdir(os.path.join(worktree, ".git")):
        files.append(os.path.join(worktree, ".git", "info", "attributes"))
    elif found := checkouts.checkout_of(worktree):
        files.append(os.path.join(found.repository, "info", "attributes"))
    present = filter(os.path.exists, files)
    return any(word in text for text in map(_read, present) for word in CONVERSIONS)


def _around(path: str) -> Iterable[str]:
    while path := os.path.dirname(path):
        yield path


def _read(file: str) -> bytes:
    try:
        return regular_files.read(file)
    except OSError:
        return b""


def _digests(text: bytes | None) -> set[str]:
    if text is None:
        return set()
    # Claude Code gives a text with LF alone, whatever the file has.
    texts = {text, text.replace(b"\r\n", b"\n")} if b"\r\n" in text else {text}
    return {hashing.sha256(each).hexdigest() for each in texts}


def _text(path: str) -> bytes | None:
    try:
        return regular_files.as_git_has_it(path)
    except OSError:
        return None
