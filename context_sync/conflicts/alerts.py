"""Conflict alerts: which session is alerted to which conflict, once, and only while it is true."""

from __future__ import annotations

import time

from context_sync.conflicts import detection
from context_sync.domain import masking, wording
from context_sync.domain.conflicts import LEVELS, Conflict
from context_sync.domain.records import Session
from context_sync.git import refs
from context_sync.hotpath.namedtuples import NamedTuple
from context_sync.state import alert_memory, gate, sessions
from context_sync.state.gate import PendingNotice
from context_sync.touches import settlement


class News(NamedTuple):
    """What a session is to be alerted to, and what `mark_notified` needs to note that it was."""

    text: str
    session: str
    conflicts: list[Conflict]
    settled: list[PendingNotice]
    deferred: list[PendingNotice]


def at_prompt(session: Session) -> News:
    """Return everything that the session was not alerted to yet."""
    return _news(session, gate.notices(session.id, at_prompt=True), LEVELS, True)


def in_turn(session: Session) -> News:
    """Return the conflicts that are new; what is only renewed waits for the next prompt."""
    return _news(session, gate.notices(session.id, at_prompt=False), LEVELS, False)


def at_end(session: Session) -> News:
    """Return the conflicts that are new and worth another step of a turn that has reached its end.

    They are noted as announced, so that none makes a turn go on twice; raises OSError where that cannot be noted.
    """
    news = _news(session, gate.notices(session.id, at_prompt=False), LEVELS[1:], False, once=True)
    alert_memory.announce(session.id, news.conflicts, time.time())
    return news


def mark_notified(news: News) -> None:
    """Note that the session was alerted, after it was."""
    alert_memory.remember(news.session, news.conflicts, time.time())
    gate.discard(news.session, news.settled)
    gate.defer(news.session, news.deferred)


def _news(
    session: Session, notices: list[PendingNotice], levels: tuple[str, ...], repeat: bool, once: bool = False
) -> News:
    memory = alert_memory.recall(session.id)
    due: list[tuple[Conflict, Session, str]] = []
    later: set[str] = set()
    for other in sessions.live(sorted({notice.about for notice in notices})):
        for conflict in detection.between(session, other, _paths(notices, other.id), settlement.settle):
            if not memory.is_renewed(conflict) and not memory.is_new(conflict):
                continue
            is_over = once and memory.is_announced(conflict)
            if conflict.level in levels and (repeat or memory.is_new(conflict)) and not is_over:
                due.append((conflict, other, refs.branch_in(conflict.theirs_worktree)))
            else:
                later.add(other.id)
    return News(
        text=wording.alert([(masking.conflict(each), other, branch) for each, other, branch in due]) if due else "",
        session=session.id,
        conflicts=[conflict for conflict, _, _ in due],
        settled=[notice for notice in notices if notice.about not in later],
        deferred=[notice for notice in notices if notice.about in later],
    )


def _paths(notices: list[PendingNotice], about: str) -> frozenset[str] | None:
    """Return the files that the pending alerts about a session name, None when they may be about any file."""
    found = [notice.paths for notice in notices if notice.about == about]
    return frozenset(path for paths in found for path in paths) if all(found) else None
