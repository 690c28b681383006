"""Edit recording: every edit is resolved to symbols, stored as one touch, and announced to the sessions it concerns."""

from __future__ import annotations

import os
import time

from context_sync.claude.transcripts import reader
from context_sync.claude.transcripts.reader import RecordedEdit
from context_sync.conflicts import candidates
from context_sync.domain.edit_history import History
from context_sync.domain.records import Session, Touch
from context_sync.hotpath import hashing
from context_sync.hotpath.namedtuples import TYPE_CHECKING
from context_sync.presence import lifecycle
from context_sync.state import baselines, gate, positions, repositories, sessions, touches
from context_sync.touches import definitions

if TYPE_CHECKING:
    from collections.abc import Iterable

CLOCK_STEP = 0.01  # seconds; Claude Code records milliseconds, and a session edits only after its start was handled


def record(session: Session, seen: Iterable[RecordedEdit]) -> None:
    """Write the edits that are not written yet to the touch file, and notify the sessions that they conflict with."""
    seen = list(seen)
    known = touches.recorded(session.id, [each.tool_use for each in seen])
    fresh = [each for each in seen if each.tool_use not in known]
    found = [(touch, each.edit) for each in fresh if (touch := definitions.touch_of(session, each))]
    noted = touches.append([touch for touch, _ in found])
    made = [(touch, edit) for touch, (_, edit) in zip(noted, found, strict=True)]
    last = {(touch.worktree, touch.path): (touch, edit) for touch, edit in made}
    for touch, edit in last.values():
        _look_back(session, touch, edit.before)
    if not session.ended:
        notify(session, [touch for touch, _ in made])
    for touch, edit in last.values():
        if edit.after is not None:
            keep_fingerprints(touch, edit.after)


def announce(session: Session, made: list[Touch]) -> None:
    """Write the touches of the session, and notify both sides of each conflict that they cause."""
    noted = touches.append(made)
    if not session.ended:
        notify(session, noted)


def notify(session: Session, made: list[Touch], *, search: bool = True) -> None:
    """Hold the files of the touches, which are written, and notify both sides of each conflict that they cause.

    Conflicts known by the files' names come first; without `search`, which is slow, there are no others.
    """
    for touch in made:
        repositories.join(session.id, touch.repository)
        repositories.hold(session.id, touch.repository, touch.path)
    for repository in {touch.repository for touch in made}:
        own = [touch for touch in made if touch.repository == repository]
        fresh = {touch.path for touch in own} | _moved_from(session.id, own)
        others = sessions.others(session.id, repository)
        _notify_both(session, candidates.sharing(repository, others, fresh))
        if search:
            _notify_both(session, candidates.depending(session, others, fresh))
    if made and search:
        candidates.remember(session.id)


def _moved_from(session_id: str, made: list[Touch]) -> set[str]:
    """Return the paths that the touched files had before a command of the session moved them: others know them so."""
    commands = {(touch.worktree, touch.path, touch.tool_use) for touch in touches.read(session_id).touches}
    places = {(touch.worktree, touch.path) for touch in made}
    uses = {(worktree, use) for worktree, path, use in commands if use and (worktree, path) in places}
    return {
        path
        for worktree, path, use in commands
        if (worktree, use) in uses and (worktree, path) not in places
        if not os.path.lexists(os.path.join(worktree, path))
    }


def _look_back(session: Session, touch: Touch, before: bytes | None) -> None:
    """Settle what the edit shows as undone, whether by the edit itself or before it by something that no hook saw."""
    others = sorted({*repositories.holders(touch.repository, touch.path)} - {session.id})
    own, *histories = [touches.read(each, {touch.path}) for each in (session.id, *others)]
    earlier = _unsettled(touch, [*histories, own])
    theirs = [each for each in earlier if each.session != session.id]
    if not earlier:
        return
    from context_sync.domain import conflicts
    from context_sync.edits import lost_work
    from context_sync.touches import settlement  # with git, 3 ms that an edit of what nobody else edited need not pay

    lost_work.tell_of_edit(session, touch, {each.session for each in theirs})
    names = {symbol.name for symbol in touch.symbols}
    known = baselines.read(touch.worktree, touch.path)
    unseen = before is not None and known is not None and known.text != hashing.sha256(before).hexdigest()
    if not unseen and touch.symbols and not names & conflicts.names(earlier):
        return
    if unseen or not touch.symbols:
        theirs = _unsettled(touch, settlement.settle(touch.worktree, {touch.path}, histories, names))
    # What the edit took back of another session's work is not settled: the two are in conflict.
    settlement.settle(touch.worktree, {touch.path}, [own], conflicts.names(theirs))


def _unsettled(edit: Touch, histories: list[History]) -> list[Touch]:
    """Return the unsettled touches of the file of an edit, without the edit itself."""
    made = [touch for history in histories for touch in history.unsettled(edit.worktree, {edit.path})]
    return [touch for touch in made if touch.tool_use != edit.tool_use]


def meet_again(session: Session) -> None:
    """Notify the session, which is back, and those that changed the same files while it was away or before."""
    made = touches.read(session.id).touches
    for repository in {touch.repository for touch in made}:
        own = {touch.path for touch in made if touch.repository == repository}
        _notify_both(session, candidates.sharing(repository, sessions.others(session.id, repository), own))


def _notify_both(session: Session, met: Iterable[tuple[Session, tuple[str, ...]]]) -> None:
    for other, paths in met:
        gate.notify(session.id, other.id, paths)
        gate.notify(other.id, session.id, paths)


def catch_up(session: Session, patience: float = float("inf")) -> Session:
    """Record what is new in the session's transcripts since they were last read; return the session, perhaps renamed.

    What is not read after `patience` seconds is left for the next time.
    """
    end = time.monotonic() + patience
    reached = positions.read(session.id)
    # A fork's transcript begins with its parent's records. If the clock was set back, the turn began before it.
    begun = min(session.started, gate.turn_began(session.id) or session.started) - CLOCK_STEP
    for transcript in reader.all_of(session.transcript):
        for stretch in reader.stretches_from(transcript, reached.get(transcript, 0)):
            if stretch.title:
                session = lifecycle.rename(session, *stretch.title)
            record(session, [each for each in stretch.edits if each.at >= begun])
            reached[transcript] = stretch.position
            positions.write(session.id, reached)
            if time.monotonic() > end:
                return session
    return session


def keep_fingerprints(touch: Touch, text: bytes) -> None:
    """Note what the definitions of the file are after the touch, to tell later what a command changed."""
    try:
        from context_sync.symbols import resolver
    except ImportError:
        return
    symbols = resolver.fingerprints(touch.path, text)
    known = baselines.Known(touch.after, symbols, resolver.outlined(touch.path, text) if symbols else ())
    baselines.write(touch.worktree, touch.path, known)
