"""Conflict counts for the status line, made in the background: the line itself only reads them."""

from __future__ import annotations

import os

from context_sync import paths
from context_sync.domain.records import Session
from context_sync.hotpath import regular_files
from context_sync.state import sessions, touches

LEAST = "symbol"  # the level of a conflict that counts


def refresh(session: Session) -> None:
    """Count the conflicts that the session has with each other live one, if the user has our status line."""
    if not _is_shown():
        return
    from context_sync.conflicts import detection
    from context_sync.state import conflict_counts

    touched = {touch.repository for touch in touches.read(session.id).touches}
    others = {
        other.id: other
        for repository in touched | {session.repository}
        for other in sessions.others(session.id, repository)
    }
    met = {each for pair in detection.pairs({session.id, *others}) if session.id in pair for each in pair}
    for other in (met | set(conflict_counts.counted(session.id))) - {session.id}:
        conflict_counts.count(session.id, other, _number(session, others[other]) if other in others else 0)


def _is_shown() -> bool:
    """Return whether the user's settings have our status line, that is, whether their text contains its name."""
    try:
        return b"/statusline" in regular_files.read(os.path.join(paths.claude_folder(), "settings.json"))
    except OSError:
        return False


def _number(one: Session, other: Session) -> int:
    from context_sync.conflicts import detection
    from context_sync.domain import conflicts

    least = conflicts.rank(LEAST)
    return sum(conflicts.rank(conflict.level) >= least for conflict in detection.between(one, other))
