"""Command writes: changes that no editing tool made, found with git and attributed to the session that ran the command.

A write is `sole` when no other session that works in that checkout ran a tool at that moment, `shared` when one did:
then each of them that may have made it records it when its own tool ends. It is `unknown` when the recorder of the
command died and the write was found later. `domain/conflicts.py` says what each is worth.
"""

from __future__ import annotations

import os
import time

from context_sync.claude.hooks import edits
from context_sync.claude.hooks.payloads import Event
from context_sync.domain import conflicts
from context_sync.domain.records import Session, Symbol, Touch
from context_sync.edits import lost_work, reach, recorder
from context_sync.git import commits, differences, objects, refs
from context_sync.git.checkouts import Checkout
from context_sync.hotpath import hashing, regular_files
from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple
from context_sync.state import baselines, gate, positions, processes, repositories, sessions, touches
from context_sync.touches import settlement

if TYPE_CHECKING:
    from collections.abc import Iterator

# How much earlier than Claude Code says a command may have begun to write, in seconds.
EARLY = 0.1
PATIENCE = 0.3  # seconds within which another session's finished tool has reported its end
STEP = 0.02  # seconds between two looks
NEVER = (float("inf"), 0.0)


class _Write(NamedTuple):
    """A change of one file: when it happened and the texts around it, None where there was no file.

    It happened at some time from `since` to `until`, and counts from `at`.
    """

    at: float
    since: float
    until: float
    path: str
    before: bytes | None
    after: bytes | None


class _Look(NamedTuple):
    """A look at one checkout for what a command of a session wrote there between two times.

    `late` says that the command's own recorder died, `named` which files Claude Code says that the command changed.
    `busy` are the times at which the last tool of each of the `others` that work there began and ended, as far as they
    were asked for.
    """

    session: Session
    event: Event
    place: Checkout
    began: float
    ended: float
    late: bool
    named: frozenset[str]
    others: list[Session]
    busy: dict[str, tuple[float, float]]

    @property
    def everybody(self) -> list[Session]:
        """The sessions that work in the checkout."""
        return [self.session, *self.others]


def notice(session: Session, event: Event, ended: float, *, late: bool = False) -> None:
    """Record what a command that just `ended` wrote, in each checkout that it may have written in.

    Where it is `late`, because the first recorder died, commits are left out: it is no longer known who made them.
    A file counts when it changed while the command ran, or Claude Code says that the command changed it and no other
    session ran a tool there, and when it is not as a recorded edit left it.
    """
    began = min(gate.tool(session.id)[0] or ended, ended - event.duration - EARLY)
    diff = edits.command_diff(event.tool_response)
    named = frozenset(map(os.path.realpath, diff.paths)) if diff.exact else frozenset()
    for place in reach.checkouts_of(session.id, event.cwd, event.tool_input, diff.paths):
        _notice(_Look(session, event, place, began, ended, late, named, _others(session, place), {}))


def look(session: Session, place: Checkout) -> None:
    """Note which commit is checked out, to know later which ones were made since."""
    if place.git:
        positions.write_head(session.id, place.worktree, refs.head_of(place.worktree))


def _notice(look: _Look) -> None:
    place, everybody = look.place, look.everybody
    head, dirty = refs.head_of(place.worktree), differences.dirty(place.worktree)
    if dirty is None:
        return

    def happened(path: str) -> bool:
        at = _changed_at(os.path.join(place.worktree, path))
        return look.began <= at <= look.ended and not _is_shared(look, at, at)

    lost_work.tell(look.session, place, dirty, happened, look.others)  # first: a look at conflicts settles what is gone
    _look_again(place, dirty, everybody)
    uncommitted = list(_uncommitted(look, dirty))
    found = [*(() if look.late else _committed(look)), *uncommitted]
    made = [(write, _touch(look, write)) for write in found]
    new = [(write, touch) for write, touch in made if not _is_known(touch, everybody)]
    _settle_committed(look, head)  # which forgets what the files were before
    recorder.announce(look.session, [touch for _, touch in new])
    # Last: what is noted here is not found again, so a process that is killed earlier loses nothing.
    for write, touch in made:
        if write in uncommitted or (write, touch) in new:
            recorder.keep_fingerprints(touch, write.after or b"")
    if place.git and not look.late:
        positions.write_head(look.session.id, place.worktree, head)


def _others(session: Session, place: Checkout) -> list[Session]:
    """Return the other sessions that work in the checkout: their folder is there, or unsettled edits of theirs."""
    return [
        each
        for each in sessions.others(session.id, place.repository)
        if each.worktree == place.worktree or touches.read(each.id).unsettled(place.worktree)
    ]


def _look_again(place: Checkout, dirty: set[str], everybody: list[Session]) -> None:
    """Restore what is there again, and notify the sessions that are in conflict because of it."""
    again = settlement.restore(place.worktree, dirty, [each.id for each in everybody])
    for each in everybody:
        recorder.notify(each, [touch for touch in again if touch.session == each.id], search=False)


def _settle_committed(look: _Look, head: str) -> None:
    worktree = look.place.worktree
    known = positions.head(look.session.id, worktree)
    if known and head != known:
        committed = differences.changed_between(worktree, known, head)
        settlement.settle_committed(worktree, committed, [each.id for each in look.everybody])


def _uncommitted(look: _Look, dirty: set[str]) -> Iterator[_Write]:
    for path in sorted(dirty):
        file = os.path.join(look.place.worktree, path)
        at = _changed_at(file)
        since, until = at, at
        if not look.began <= at <= look.ended:
            since, until = look.began, max(at, look.ended)
            if file not in look.named or _is_shared(look, since, until):
                continue
        before = objects.text_at(look.place.worktree, "HEAD", path)
        yield _Write(min(until, look.ended), since, until, path, before, _read(file))


def _committed(look: _Look) -> Iterator[_Write]:
    worktree, began = look.place.worktree, look.began
    if _changed_at(os.path.join(look.place.git, "logs", "HEAD")) < began:
        return  # nothing was checked out or committed since
    known = positions.head(look.session.id, worktree) or refs.head_before(worktree, began)
    made = commits.commits_made(worktree, known, began) if known else []
    for path in sorted({path for commit in made for path in commits.paths_of(worktree, commit)}):
        before = objects.text_at(worktree, f"{made[0]}^", path)
        at = max(began, float(objects.time_of(worktree, made[-1])))
        yield _Write(at, at, min(at + 1, look.ended), path, before, objects.text_at(worktree, made[-1], path))


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


def _is_shared(look: _Look, since: float, until: float) -> bool:
    """Return whether another session that works there ran a tool between two times."""
    return any(_ran(look, other, since, until) for other in look.others)


def _ran(look: _Look, other: Session, since: float, until: float) -> bool:
    if until < gate.tool(other.id)[0] - EARLY:
        return False
    if other.id not in look.busy:
        look.busy[other.id] = _busy(other)
    began, ended = look.busy[other.id]
    return since <= ended and until >= began


def _busy(session: Session) -> tuple[float, float]:
    """Return when the session's last tool began and ended; one that was refused, or awaits permission, did not run."""
    began, ended = gate.tool(session.id)
    if not began:
        return NEVER
    if began <= max(ended, *gate.turn(session.id)):
        return began - EARLY, ended
    return (began - EARLY, float("inf")) if _is_at_work(session, began) else NEVER


def _is_at_work(session: Session, began: float) -> bool:
    """Return whether the tool that began is running: a command is a child of Claude Code, an edit is recorded soon."""
    end = time.monotonic() + PATIENCE
    while gate.tool(session.id)[1] < began and time.monotonic() < end:
        time.sleep(STEP)
    if gate.tool(session.id)[1] >= began or gate.recorders(session.id):
        return True
    return not session.pid or processes.has_child_since(session.pid, began - EARLY)


def _touch(look: _Look, write: _Write) -> Touch:
    """Return the touch that a write is, with the definitions of the same write by another session if it has it."""
    place, event = look.place, look.event
    touch = Touch(
        at=write.at,
        session=look.session.id,
        tool=event.tool,
        repository=place.repository,
        worktree=place.worktree,
        path=write.path,
        symbols=(),
        after="" if write.after is None else hashing.sha256(write.after).hexdigest(),
        agent=event.agent,
        tool_use=event.tool_use,
        attribution="shared" if _is_shared(look, write.since, write.until) else "sole",
    )
    same = _same(touch, look.everybody)
    if look.late:
        touch = touch._replace(attribution="unknown")
    elif same:
        touch = touch._replace(attribution="shared")
    return touch._replace(symbols=same.symbols if same else _symbols(place, write))


def _symbols(place: Checkout, write: _Write) -> tuple[Symbol, ...]:
    """Return what the write changed since the last recorded edit of the file, or else since HEAD."""
    from context_sync.symbols import hunks, resolver  # tree-sitter: 8 ms

    after = write.after or b""
    known = baselines.read(place.worktree, write.path)
    if known and known.symbols and known.text != hashing.sha256(after).hexdigest():
        found = resolver.changed(write.path, known.symbols, after)
        if write.after is None:  # those that HEAD has are gone, too, which an earlier write may have left out
            of_head = resolver.touched(write.path, write.before, None, ()) if write.before is not None else ()
            return (*found, *(symbol for symbol in of_head if symbol.name not in {each.name for each in found}))
        # What was taken back since, as by `git stash`, is no change of this write: it is as before.
        old = resolver.fingerprints(write.path, write.before or b"")
        names = {symbol.name for symbol in resolver.changed(write.path, old, after)}
        return tuple(symbol for symbol in found if symbol.name in names)
    if write.after is None or write.before is None:
        return resolver.touched(write.path, write.before, write.after, ())
    return resolver.touched(write.path, write.before, write.after, hunks.hunks_between(write.before, write.after))


def _is_known(touch: Touch, by: list[Session]) -> bool:
    """Return whether the file is as the last recorded edit left it, or as it was when it was last looked at.

    A write that another session recorded as shared is known when this one has recorded it, too.
    """
    made = _made(touch, by)
    if _same(touch, by):
        own = [each for each in made if each.session == touch.session and each.after == touch.after]
        return any(abs(each.at - touch.at) <= conflicts.SAME_MOMENT for each in own)
    if made and max(made, key=lambda each: each.at).after == touch.after:
        return True
    known = baselines.read(touch.worktree, touch.path)
    return known is not None and known.text == touch.after


def _same(touch: Touch, by: list[Session]) -> Touch | None:
    """Return the last touch of the file, if another session recorded it as shared and it is the same write."""
    made = [each for each in _made(touch, by) if each.session != touch.session]
    last = max(made, key=lambda each: each.at, default=None)
    if last is None or conflicts.is_sole(last) or not conflicts.is_same_write(touch, last):
        return None
    return last


def _made(touch: Touch, by: list[Session]) -> list[Touch]:
    holders = repositories.holders(touch.repository, touch.path)
    histories = [touches.read(session.id, {touch.path}) for session in by if session.id in holders]
    return [each for history in histories for each in history.touches if each.worktree == touch.worktree]
