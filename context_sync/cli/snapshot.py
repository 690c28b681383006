"""A snapshot for `status`: the sessions, and the conflicts of the live ones."""

import time
from typing import NamedTuple

from context_sync.cli import output
from context_sync.conflicts import detection
from context_sync.domain import conflicts
from context_sync.domain.conflicts import Conflict
from context_sync.domain.records import Session
from context_sync.git import checkouts, refs
from context_sync.presence import identity
from context_sync.state import sessions, touches


class Presence(NamedTuple):
    """A session, whether it is live, and the branch that its worktree is on now."""

    session: Session
    live: bool
    branch: str


class ShownConflict(NamedTuple):
    """A conflict of two live sessions; settled once the edits were committed, reverted, merged or resolved."""

    conflict: Conflict
    settled: bool


class Picture(NamedTuple):
    """Everything to show at one moment (`now`, seconds since the epoch), oldest session first."""

    presences: list[Presence]
    conflicts: list[ShownConflict]
    now: float


def look(everyone: bool) -> Picture:
    """Return the live sessions, with `everyone` also the ended ones, and the conflicts of the live ones, worst first.

    Raises ContextSyncError when the state folder cannot be used.
    """
    try:
        return _look(everyone)
    except OSError as error:
        raise output.obstacle(error) from error


def _look(everyone: bool) -> Picture:
    known = sessions.everyone()
    there = sessions.live(session.id for session in known if not session.ended)
    live = {session.id: session for session in map(identity.renamed, there)}
    shown = [live.get(session.id, session) for session in known if everyone or session.id in live]
    presences = [Presence(session, session.id in live, _branch(session)) for session in shown]
    found = [
        conflict
        for one, other in detection.pairs(live)
        for conflict in _conflicts_between(*sorted((live[one], live[other]), key=lambda each: each.started))
    ]
    found.sort(key=lambda each: (each.settled, *conflicts.importance(each.conflict)))
    return Picture(presences, found, time.time())


def _conflicts_between(one: Session, other: Session) -> list[ShownConflict]:
    unsettled = detection.between(one, other)
    places = {(conflict.repository, conflict.path) for conflict in unsettled}
    ever = conflicts.between(touches.read(one.id).touches, touches.read(other.id).touches)
    settled = [conflict for conflict in ever if (conflict.repository, conflict.path) not in places]
    return [ShownConflict(each, False) for each in unsettled] + [ShownConflict(each, True) for each in settled]


def _branch(session: Session) -> str:
    place = None if session.ended else checkouts.checkout_of(session.worktree)
    return refs.branch_of(place) if place and place.worktree == session.worktree else session.branch
