"""The live sessions, including those without hooks, each with its task and its conflicts."""

import os
import time
from functools import cache
from typing import NamedTuple

from context_sync.claude.transcripts import discovery, glance
from context_sync.conflicts import detection
from context_sync.domain import conflicts, wording
from context_sync.domain.conflicts import Conflict
from context_sync.domain.masking import shown
from context_sync.domain.records import Session, is_session_id
from context_sync.errors import ContextSyncError
from context_sync.git import checkouts, refs
from context_sync.mail import recipients
from context_sync.presence import identity
from context_sync.state import gate, sessions, touches
from context_sync.summaries import work
from context_sync.summaries.work import Work

PATIENCE = 0.05  # seconds for checking the conflicts of a list with git: 0.01 for each pair of sessions
RECENT = 600.0  # seconds after the last line of a transcript for which its session counts as live


class Seen(NamedTuple):
    """A conflict; one that is not `checked` is as recorded: git was not asked whether it is settled."""

    conflict: Conflict
    checked: bool


class Entry(NamedTuple):
    """A live session, its task, and its conflicts with others, the worst first.

    A session that is not `hooked` is known only from its transcript: it gets no alerts, and its edits are not recorded.
    """

    session: Session
    hooked: bool
    work: Work
    conflicts: tuple[Seen, ...]


def live(repository: str = "") -> list[Entry]:
    """Return the live sessions of a repository, or of all, oldest first.

    Of many conflicts only the first pairs are checked with git, so that the list comes at once.
    """
    known = {session.id: session for session in map(identity.renamed, sessions.live(gate.registered()))}
    found = _conflicts(known)
    entries = [Entry(session, True, work.of(session), found.get(session.id, ())) for session in known.values()]
    entries += [Entry(session, False, work.of(session), ()) for session in unhooked()]
    return [entry for entry in entries if repository in ("", entry.session.repository)]


def unhooked() -> list[Session]:
    """Return the sessions known only from their transcripts: recently written, and no hook ever ran for them."""
    found = []
    for path in discovery.recent(time.time() - RECENT):
        session_id = discovery.session_of(path)
        if is_session_id(session_id) and sessions.load(session_id) is None:
            found.append(_from_transcript(session_id, path))
    return sorted(found, key=lambda session: (session.started, session.id))


def called(target: str) -> Session:
    """Return the session that `target` stands for: its id or name, a prefix of either, or its branch.

    Raises ContextSyncError with the candidates when there is none, or more than one.
    """
    try:
        return recipients.session_named(target, "")
    except ContextSyncError:
        found = [each for each in unhooked() if each.id.startswith(target) or each.name == target]
        if len(found) == 1 and len(target) >= recipients.MIN_PREFIX:
            return found[0]
        path = discovery.find(target) if is_session_id(target) else ""
        if path:
            return _from_transcript(target, path)
        raise


def conflicts_of(session: Session) -> list[Conflict]:
    """Return the conflicts of one session with the other live ones, from its side, the worst first."""
    known = {each.id: each for each in sessions.live(gate.registered())}
    if session.id not in known:
        return []
    met = [pair for pair in detection.pairs(known) if session.id in pair]
    others = [known[one if other == session.id else other] for one, other in met]
    return sorted((each for other in others for each in detection.between(session, other)), key=conflicts.importance)


def _conflicts(known: dict[str, Session]) -> dict[str, tuple[Seen, ...]]:
    found: dict[str, list[Seen]] = {}
    opened = cache(lambda session_id: touches.read(session_id).unsettled())
    end = time.monotonic() + PATIENCE
    for one, other in detection.pairs(known):
        checked = time.monotonic() < end
        met = detection.between(known[one], known[other]) if checked else conflicts.between(opened(one), opened(other))
        for conflict in met:
            found.setdefault(one, []).append(Seen(conflict, checked))
            found.setdefault(other, []).append(Seen(_turned(conflict), checked))
    return {
        key: tuple(sorted(each, key=lambda seen: conflicts.importance(seen.conflict))) for key, each in found.items()
    }


def _turned(conflict: Conflict) -> Conflict:
    """Return a conflict as the other session sees it, without the dependency, which a list does not show."""
    return conflict._replace(
        mine=conflict.theirs,
        theirs=conflict.mine,
        mine_worktree=conflict.theirs_worktree,
        theirs_worktree=conflict.mine_worktree,
        mine_at=conflict.theirs_at,
        theirs_at=conflict.mine_at,
        places=(),
        dependency=None,
    )


def _from_transcript(session_id: str, path: str) -> Session:
    seen = glance.take(path)
    place = checkouts.checkout_of(seen.cwd) or checkouts.Checkout(seen.cwd, seen.cwd, "")
    branch = refs.branch_of(place) or seen.branch
    title = shown(seen.title, wording.LONGEST_NAME)
    return Session(
        id=session_id,
        name=title or wording.name_from_place(branch, place.worktree, session_id),
        named_by="summary" if title else "place",
        pid=0,
        pid_start="",
        cwd=seen.cwd,
        repository=place.repository,
        worktree=place.worktree,
        branch=branch,
        transcript=path,
        entrypoint="",
        started=seen.began,
        last_seen=os.stat(path).st_mtime,
        ended=0.0,
    )
