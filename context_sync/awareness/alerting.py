"""Owns who is told of which collision, and when: once, truly, and at the right moment."""

import time
from typing import NamedTuple

from context_sync import git, wording
from context_sync.awareness import attendance, detection
from context_sync.conflicts import Conflict
from context_sync.records import Session
from context_sync.state import alerts, markers, sessions


class News(NamedTuple):
    """What a session is to be told, and what `told` needs to note that it was."""

    text: str
    session: str
    conflicts: list[Conflict]
    answered: list[str]
    postponed: list[str]


def at_prompt(session: Session) -> News:
    """Return everything that the session was not told yet."""
    return _news(session, [*markers.calls(session.id), *markers.postponed(session.id)], ("file", "symbol"), True)


def in_turn(session: Session) -> News:
    """Return the collisions that are new; what is only renewed waits for the next prompt."""
    return _news(session, markers.calls(session.id), ("file", "symbol"), False)


def at_end(session: Session) -> News:
    """Return the collisions that are new and worth a further step of a turn that is over."""
    return _news(session, markers.calls(session.id), ("symbol",), False)


def told(news: News) -> None:
    """Note that the session was told, after it was."""
    alerts.remember(news.session, news.conflicts, time.time())
    markers.answered(news.session, news.answered)
    for reason in news.postponed:
        markers.postpone(news.session, reason)


def _news(session: Session, calls: list[str], levels: tuple[str, ...], repeat: bool) -> News:
    memory = alerts.recall(session.id)
    due: list[tuple[Conflict, Session, str]] = []
    later: set[str] = set()
    for other in sessions.live(sorted(set(calls))):
        for conflict in detection.between(session, other):
            if not memory.is_renewed(conflict) and not memory.is_new(conflict):
                continue
            if conflict.level in levels and (repeat or memory.is_new(conflict)):
                due.append((conflict, other, git.branch_of(attendance.place_of(conflict.theirs_worktree))))
            else:
                later.add(other.id)
    return News(
        text=wording.alert(due) if due else "",
        session=session.id,
        conflicts=[conflict for conflict, _, _ in due],
        answered=[each for each in calls if each not in later],
        postponed=sorted(later),
    )
