"""The snapshot that `context-sync watch` shows: sessions, conflicts, messages, and their names."""

import os
from collections.abc import Mapping
from typing import NamedTuple

from context_sync.domain import conflicts, wording
from context_sync.domain.conflicts import Conflict
from context_sync.domain.messages import RECEIPTS, USER, Message
from context_sync.domain.records import Session
from context_sync.state.mailbox import Delivery
from context_sync.summaries.work import Work

YOU = "you"


class Member(NamedTuple):
    """A live session: the branch that its worktree is on now, its work, and the level of its worst conflict.

    `level` is one of `conflicts.LEVELS`, "" without a conflict. A session that is not `hooked` is known only from its
    transcript.
    """

    session: Session
    hooked: bool
    branch: str
    work: Work
    level: str


class Snapshot(NamedTuple):
    """Everything to show: sessions oldest first, conflicts worst first, messages latest first.

    `uncompared` is the number of pairs of sessions still to be compared; `names` are the names to show.
    """

    members: tuple[Member, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    messages: tuple[Delivery, ...] = ()
    uncompared: int = 0
    names: Mapping[str, str] = {}

    def name(self, session_id: str) -> str:
        """Return the name to show for a session, even if it is gone."""
        return self.names.get(session_id, session_id[:8])

    def sender(self, message: Message) -> str:
        """Return the current name of the sender of a message."""
        return self._party(message.sender, message.sender_name)

    def receiver(self, message: Message) -> str:
        """Return the current name of the receiver of a message."""
        return self._party(message.to, message.to_name)

    def _party(self, party: str, then: str) -> str:
        known = {USER: YOU, RECEIPTS: RECEIPTS, **self.names}
        return known.get(party) or wording.plain(then, wording.LONGEST_NAME) or party[:8]


def levels(found: tuple[Conflict, ...]) -> dict[str, str]:
    """Return the level of the worst conflict of each session."""
    worst: dict[str, str] = {}
    for conflict in found:
        for party in (conflict.mine, conflict.theirs):
            worst[party] = max(worst.get(party, conflict.level), conflict.level, key=conflicts.rank)
    return worst


def folder(worktree: str) -> str:
    """Return the name of a worktree."""
    return wording.plain(os.path.basename(worktree) or worktree, wording.LONGEST_PATH)
