"""Owns who is meant: the sender that a command speaks for, and the sessions that a name stands for."""

from __future__ import annotations

import os

from context_sync import messages, wording
from context_sync.errors import ContextSyncError
from context_sync.git import layout, references
from context_sync.messages import PERSON
from context_sync.records import Session
from context_sync.state import mailbox, markers, sessions
from context_sync.tuples import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

EVERYONE = "@all"
THE_PERSON = ("@user", PERSON)
SHORTEST_PREFIX = 4  # characters of an id
MOST_CANDIDATES = 12


def myself() -> str:
    """Return for whom this process speaks: the session that it runs in, or the person at a terminal.

    Raises ContextSyncError in a session whose client does not tell which it is.
    """
    session_id = os.environ.get("CLAUDE_CODE_SESSION_ID", "")
    if messages.is_party(session_id):
        return session_id
    if os.environ.get("CLAUDECODE"):
        raise ContextSyncError("this Claude Code does not say which session it is: update it to 2.1 or newer.")
    return PERSON


def name_of(party: str) -> str:
    """Return how a session, or the person, is called."""
    if party == PERSON:
        return "the user's terminal"
    known = sessions.load(party)
    return known.name if known else party[:8]


def branch_of(session: Session) -> str:
    """Return the branch that the session's folder is on now."""
    place = layout.place_of(session.cwd or session.worktree)
    return references.branch_of(place) if place else session.branch


def everyone(me: str, repository: str = "") -> list[Session]:
    """Return the other live sessions of a repository: "" is that of the sender, or of the person's folder.

    Raises ContextSyncError when there is none.
    """
    repository = repository or _repository_of(me)
    found = sessions.others(me, repository)
    if not found:
        raise ContextSyncError(
            f"no other Claude Code session is live in {repository.removesuffix('/.git')}: "
            "`context-sync status --all` lists those that ended."
        )
    return found


def session_named(target: str, me: str) -> Session:
    """Return the session that `target` stands for: an id, a name, or the beginning of one of the two, or a branch.

    A live session comes before those that ended, an exact name before a beginning. Raises ContextSyncError with the
    candidates when there is none, or more than one.
    """
    live = sessions.live(markers.registered())
    found = _meant(target, [each for each in live if each.id != me])
    if not found:
        ended = [each for each in sessions.everyone() if each.id not in {me, *(other.id for other in live)}]
        found = _meant(target, ended)
    if len(found) == 1:
        return found[0]
    if found:
        raise ContextSyncError(
            f"{target!r} may be any of {len(found)} sessions, so write more of its id:{_list(found)}"
        )
    if _meant(target, [each for each in live if each.id == me]):
        raise ContextSyncError(f"{target!r} is this session: `context-sync status` lists the others.")
    others = [each for each in live if each.id != me]
    raise ContextSyncError(
        f"no session is called {target!r}."
        + (
            f" Live are:{_list(others)}"
            if others
            else " None is live: `context-sync status --all` lists those that ended."
        )
    )


def successor_of(session: Session) -> Session:
    """Return the session that gets the mail of one that ended by `/clear`: the last in the chain, else itself."""
    seen = {session.id}
    while not sessions.is_alive(session):
        heir = mailbox.successor(session.id)
        after = sessions.load(heir) if heir and heir not in seen else None
        if after is None:
            break
        seen.add(heir)
        session = after
    return session


def _repository_of(party: str) -> str:
    known = sessions.load(party)
    if known:
        return known.repository
    here = layout.place_of(os.getcwd())
    return here.repository if here else os.path.realpath(os.getcwd())


def _meant(target: str, among: list[Session]) -> list[Session]:
    wanted = target.casefold()
    ranks: tuple[Callable[[Session], bool], ...] = (
        lambda each: each.id == target,
        lambda each: each.name.casefold() == wanted,
        lambda each: len(target) >= SHORTEST_PREFIX and each.id.startswith(target),
        lambda each: each.branch.casefold() == wanted != "",
        lambda each: wanted != "" and each.name.casefold().startswith(wanted),
    )
    return next(filter(None, ([each for each in among if fits(each)] for fits in ranks)), [])


def _list(found: list[Session]) -> str:
    lines = [f"\n  {each.id}  {each.name}{_branch(each)}" for each in found[:MOST_CANDIDATES]]
    if len(found) > MOST_CANDIDATES:
        lines.append(f"\n  and {len(found) - MOST_CANDIDATES} more")
    return "".join(lines)


def _branch(session: Session) -> str:
    return f"  on {wording.plain(session.branch, wording.LONGEST_PATH)}" if session.branch else ""
