"""The observer behind `context-sync watch`: a few stat calls find what changed, and only that is read again."""

import os
import time
from typing import NamedTuple

from context_sync.cli import conflict_views
from context_sync.cli.watch import snapshot
from context_sync.cli.watch.snapshot import Member, Snapshot
from context_sync.conflicts import detection
from context_sync.domain import conflicts
from context_sync.domain.conflicts import Conflict
from context_sync.domain.records import Session
from context_sync.git import checkouts, refs
from context_sync.git.checkouts import Checkout
from context_sync.mail import deliveries
from context_sync.presence import identity
from context_sync.state import gate, mailbox, sessions, stamps
from context_sync.state.mailbox import Delivery
from context_sync.state.stamps import Stamp
from context_sync.summaries import work
from context_sync.summaries.work import Work
from context_sync.views import roster

MOST_MESSAGES = 200
BUDGET = 0.3  # seconds for comparisons before what is known is shown
HEARTBEATS = 3.0  # seconds between checks that the sessions' processes still run
SEARCHES = 15.0  # seconds between searches for sessions without hooks

Pair = tuple[str, str]


class _Seen(NamedTuple):
    """What is known about a session, and the stamps of the files that it was read from."""

    session: Session
    place: Checkout | None
    branch: str
    work: Work
    stamps: tuple[Stamp, ...]


class _Compared(NamedTuple):
    """The conflicts of two sessions, and the stamps of everything that they depend on."""

    found: tuple[Conflict, ...]
    stamps: tuple[Stamp, ...]


class Observer:
    """Takes snapshots repeatedly; not for more than one thread at a time."""

    def __init__(self) -> None:
        self._seen: dict[str, _Seen] = {}
        self._edits: dict[str, Stamp] = {}
        self._pairs: list[Pair] = []
        self._compared: dict[Pair, _Compared] = {}
        self._unhooked: list[Member] = []
        self._stored: list[Delivery] = []
        self._messages: tuple[Delivery, ...] = ()
        self._mail: Stamp = (-1,)
        self._next_beat = self._next_search = 0.0
        self._last: Snapshot | None = None

    def look(self) -> Snapshot | None:
        """Return a snapshot, None when nothing has changed.

        This takes little longer than `BUDGET`: what is not compared by then is left to the next call.
        """
        self._look_at_sessions()
        self._look_at_mail()
        if time.monotonic() >= self._next_beat:
            self._next_beat = time.monotonic() + HEARTBEATS
            self._look_for_what_no_event_reports()
        left = self._compare()
        now = self._snapshot(left)
        if now == self._last:
            return None
        self._last = now
        return now

    def _look_at_sessions(self) -> None:
        ids = set(gate.registered())
        for gone in self._seen.keys() - ids:
            del self._seen[gone]
        for each in sorted(ids):
            self._look_at_session(each)
        if time.monotonic() >= self._next_search:
            self._next_search = time.monotonic() + SEARCHES
            self._unhooked = [Member(each, False, each.branch, work.of(each), "") for each in roster.unhooked()]

    def _look_for_what_no_event_reports(self) -> None:
        """Find the sessions that vanished, and the delivered messages that transcripts confirm."""
        for each in [each.session for each in self._seen.values() if not sessions.is_alive(each.session)]:
            del self._seen[each.id]
        self._messages = tuple(deliveries.as_proved(self._stored))

    def _look_at_session(self, session_id: str) -> None:
        known = self._seen.get(session_id)
        if known and known.stamps == _stamps(known.session, known.place):
            return
        session = sessions.load(session_id)
        if session is None or not sessions.is_alive(session):
            self._seen.pop(session_id, None)  # it is gone, though its end may not be noted yet
            return
        session = identity.renamed(session)
        place = checkouts.checkout_of(session.worktree)
        seen_at = _stamps(session, place)
        branch = refs.branch_of(place) if place else session.branch
        self._seen[session_id] = _Seen(session, place, branch, work.of(session), seen_at)

    def _compare(self) -> int:
        """Compare the pairs in which anything changed, latest edits first; return how many are left."""
        edits = {each: stamps.of_edits(each) for each in self._seen}
        if edits != self._edits:
            self._edits = edits
            self._pairs = sorted(detection.pairs(edits), key=self._last_edit, reverse=True)
            self._compared = {pair: self._compared[pair] for pair in self._pairs if pair in self._compared}
        end = 0.0  # set by the first comparison, so at least one is made
        for number, pair in enumerate(self._pairs):
            known = self._compared.get(pair)
            if known and known.stamps == self._stamps_of(pair, known.found):
                continue
            if end and time.monotonic() > end:
                return len(self._pairs) - number
            end = end or time.monotonic() + BUDGET
            self._compared[pair] = self._comparison(pair)
        return 0

    def _comparison(self, pair: Pair) -> _Compared:
        one, other = sorted((self._seen[each].session for each in pair), key=lambda each: each.started)
        edits = tuple(
            self._edits[each] for each in pair
        )  # taken first, so that what changes meanwhile is compared again
        found = tuple(detection.between(one, other))
        return _Compared(found, (*edits, *self._stamps_of(pair, found)[len(edits) :]))

    def _stamps_of(self, pair: Pair, found: tuple[Conflict, ...]) -> tuple[Stamp, ...]:
        """Return the stamps of both sessions' edits, of what is checked out, and of the files in conflict."""
        places = [self._seen[each].place for each in pair]
        files = [
            os.path.join(worktree, conflict.path)
            for conflict in found
            for worktree in (conflict.mine_worktree, conflict.theirs_worktree)
        ]
        commits = tuple(checkouts.stamp(place) for place in places if place)
        return (*(self._edits[each] for each in pair), *commits, stamps.stamp(*files))

    def _last_edit(self, pair: Pair) -> int:
        return max((self._edits[each] or (0,))[0] for each in pair)

    def _look_at_mail(self) -> None:
        mail = stamps.of_mail()
        if mail != self._mail:
            self._stored = mailbox.latest(MOST_MESSAGES)[::-1]
            self._messages = tuple(deliveries.as_proved(self._stored))
            self._mail = mail

    def _snapshot(self, left: int) -> Snapshot:
        found = [conflict for pair in self._pairs if pair in self._compared for conflict in self._compared[pair].found]
        ordered = tuple(sorted(found, key=conflicts.importance))
        levels = snapshot.levels(ordered)
        members = [
            Member(each.session, True, each.branch, each.work, levels.get(each.session.id, ""))
            for each in self._seen.values()
        ]
        members += [each for each in self._unhooked if each.session.id not in self._seen]
        members.sort(key=lambda each: (each.session.repository, each.session.started, each.session.id))
        names = conflict_views.names_of([each.session for each in members])
        return Snapshot(tuple(members), ordered, self._messages, left, names)


def _stamps(session: Session, place: Checkout | None) -> tuple[Stamp, ...]:
    return (
        stamps.of_session(session.id),
        stamps.stamp(session.transcript),
        checkouts.stamp(place) if place else (),
    )
