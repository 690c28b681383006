"""Owns the writes that no editing tool made: found with git after a command, and laid to the session that ran it."""

from __future__ import annotations

import os
import time

from context_sync.claude.hooks.payloads import Event
from context_sync.domain.records import Session, Symbol, Touch
from context_sync.edits import lost_work, recorder
from context_sync.git import checkouts, commits, differences, objects, refs
from context_sync.git.checkouts import Checkout
from context_sync.hotpath import hashing, regular_files
from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple
from context_sync.state import baselines, gate, processes, repositories, sessions, touches
from context_sync.touches import settlement

if TYPE_CHECKING:
    from collections.abc import Iterator

# How much earlier than the client says a command may have begun to write, in seconds.
EARLY = 0.1
PATIENCE = 0.3  # seconds in which another session's tool that is done has said so
STEP = 0.02  # seconds between two looks


class _Write(NamedTuple):
    """A change of one file: when it happened and the texts around it, None where there was no file."""

    at: float
    path: str
    before: bytes | None
    after: bytes | None


def notice(session: Session, event: Event, ended: float, *, late: bool = False) -> None:
    """Record what a command that just `ended` wrote in the worktree where it ran.

    Where it is `late`, because the first recorder died, commits are left out: who made them is not known any more.
    A file counts when it changed while the command ran, is not as the session's own or another's recorded edit left
    it, and no other session ran a tool there at that moment: whose write it was cannot be known then.
    """
    place = checkouts.checkout_of(event.cwd)
    began = min(gate.tool(session.id)[0] or ended, ended - event.duration - EARLY)
    if place is None:
        return  # without git there is nothing to compare with
    others = [each for each in sessions.others(session.id, place.repository) if each.worktree == place.worktree]
    head, dirty = refs.head_of(place.worktree), differences.dirty(place.worktree)
    if dirty is None:
        return

    def happened(path: str) -> bool:
        at = _changed_at(os.path.join(place.worktree, path))
        return began <= at <= ended and not _is_shared(at, others)

    lost_work.tell(session, place, dirty, happened, others)  # first: a look at collisions settles what is gone
    everybody = [session, *others]
    _look_again(place, dirty, everybody)
    uncommitted = list(_uncommitted(place, dirty, began, ended))
    found = [*(() if late else _committed(place, began)), *uncommitted]
    made = [(write, _touch(session, event, place, write)) for write in found]
    new = [(write, touch) for write, touch in made if not _is_known(touch, everybody)]
    _settle_committed(place, head, everybody)  # which forgets what the files were before
    recorder.announce(session, [touch for write, touch in new if not _is_shared(write.at, others)])
    # After that, and last: what is known once need not be found again, not even when this process is killed here.
    for write, touch in made:
        if write in uncommitted or (write, touch) in new:
            recorder.keep_fingerprints(touch, write.after or b"")
    if place.git and not late:
        baselines.write_head(place.worktree, head)


def _look_again(place: Checkout, dirty: set[str], everybody: list[Session]) -> None:
    """Have what is there again count, and call those who collide by it."""
    again = settlement.restore(place.worktree, dirty, [each.id for each in everybody])
    for each in everybody:
        recorder.call(each, [touch for touch in again if touch.session == each.id], search=False)


def _settle_committed(place: Checkout, head: str, everybody: list[Session]) -> None:
    known = baselines.read_head(place.worktree)
    if known and head != known:
        committed = differences.changed_between(place.worktree, known, head)
        settlement.settle_committed(place.worktree, committed, [each.id for each in everybody])


def look(place: Checkout) -> None:
    """Note which commit is checked out, to know later which ones were made since."""
    if place.git:
        baselines.write_head(place.worktree, refs.head_of(place.worktree))


def _uncommitted(place: Checkout, dirty: set[str], began: float, ended: float) -> Iterator[_Write]:
    for path in sorted(dirty):
        at = _changed_at(os.path.join(place.worktree, path))
        if began <= at <= ended:
            before = objects.text_at(place.worktree, "HEAD", path)
            yield _Write(at, path, before, _read(os.path.join(place.worktree, path)))


def _committed(place: Checkout, began: float) -> Iterator[_Write]:
    known = baselines.read_head(place.worktree)
    made = commits.commits_made(place.worktree, known, began) if known else []
    for path in sorted({path for commit in made for path in commits.paths_of(place.worktree, commit)}):
        before = objects.text_at(place.worktree, f"{made[0]}^", path)
        yield _Write(began, path, before, objects.text_at(place.worktree, made[-1], path))


def _changed_at(path: str) -> float:
    """Return when a file's content, name or mode last changed; of one that is gone, when its folder did."""
    while path:
        try:
            return os.lstat(path).st_ctime
        except FileNotFoundError:
            path = os.path.dirname(path)
        except OSError:
            break
    return 0.0


def _read(path: str) -> bytes | None:
    try:
        return regular_files.as_git_has_it(path)
    except OSError:
        return None


def _is_shared(at: float, others: list[Session]) -> bool:
    """Say whether another session ran a tool at that time."""
    return any(_ran(other, at) for other in others)


def _ran(session: Session, at: float) -> bool:
    """Say whether the session ran a tool at that time: one that a person refused, or has yet to allow, did not run."""
    began, ended = gate.tool(session.id)
    if not began or at < began - EARLY:
        return False
    return at <= ended if began <= max(ended, *gate.turn(session.id)) else _is_at_work(session, began)


def _is_at_work(session: Session, began: float) -> bool:
    """Say whether the tool that began is running: a command is a child of the client, an edit is recorded soon."""
    end = time.monotonic() + PATIENCE
    while gate.tool(session.id)[1] < began and time.monotonic() < end:
        time.sleep(STEP)
    if gate.tool(session.id)[1] >= began or gate.recorders(session.id):
        return True
    return not session.pid or processes.has_child_since(session.pid, began - EARLY)


def _touch(session: Session, event: Event, place: Checkout, write: _Write) -> Touch:
    after = "" if write.after is None else hashing.sha256(write.after)
    return Touch(
        at=write.at,
        session=session.id,
        tool=event.tool,
        repository=place.repository,
        worktree=place.worktree,
        path=write.path,
        symbols=_symbols(place, write),
        after=after,
        agent=event.agent,
        tool_use=event.tool_use,
    )


def _symbols(place: Checkout, write: _Write) -> tuple[Symbol, ...]:
    """Return what the write changed since the last recorded edit of the file, or else since HEAD."""
    from context_sync.symbols import fingerprints as prints
    from context_sync.symbols import hunks, resolver  # tree-sitter: 8 ms

    after = write.after or b""
    known = baselines.read(place.worktree, write.path)
    if known and known.symbols and known.text != hashing.sha256(after):
        found = prints.changed(write.path, known.symbols, after)
        if write.after is None:  # those that HEAD has are gone, too, which an earlier write may have left out
            of_head = resolver.touched(write.path, write.before, None, ()) if write.before is not None else ()
            return (*found, *(symbol for symbol in of_head if symbol.name not in {each.name for each in found}))
        # What was taken back since, as by `git stash`, is no change of this write: it is as before.
        old = prints.fingerprints(write.path, write.before or b"")
        names = {symbol.name for symbol in prints.changed(write.path, old, after)}
        return tuple(symbol for symbol in found if symbol.name in names)
    if write.after is None or write.before is None:
        return resolver.touched(write.path, write.before, write.after, ())
    return resolver.touched(write.path, write.before, write.after, hunks.hunks_between(write.before, write.after))


def _is_known(touch: Touch, by: list[Session]) -> bool:
    """Say whether the file is as the last recorded edit left it, or as it was when it was last looked at."""
    holders = repositories.holders(touch.repository, touch.path)
    histories = [touches.read(session.id, {touch.path}) for session in by if session.id in holders]
    made = [each for history in histories for each in history.touches if each.worktree == touch.worktree]
    if made and max(made, key=lambda each: each.at).after == touch.after:
        return True
    known = baselines.read(touch.worktree, touch.path)
    return known is not None and known.text == touch.after
