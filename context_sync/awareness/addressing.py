"""Owns who is meant: the sender that a command speaks for, and the sessions that a name stands for."""

from __future__ import annotations

import os

from context_sync import paths
from context_sync.domain import messages, wording
from context_sync.domain.messages import PERSON, Message
from context_sync.domain.records import Session
from context_sync.errors import ContextSyncError
from context_sync.git import checkouts, refs
from context_sync.hotpath.namedtuples import TYPE_CHECKING
from context_sync.state import gate, mailbox, sessions

if TYPE_CHECKING:
    from collections.abc import Callable

    Fits = Callable[[Session, str], bool]

EVERYONE = "@all"
THE_PERSON = ("@user", PERSON)
SHORTEST_PREFIX = 4  # characters of an id
SHOWN_PREFIX = 8  # characters of an id in a list
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
    place = checkouts.place_of(session.cwd or session.worktree)
    return refs.branch_of(place) if place else session.branch


def everyone(me: str, repository: str = "") -> list[Session]:
    """Return the other live sessions of a repository: "" is that of the sender, or of the person's folder.

    Raises ContextSyncError when there is none, or no such folder any more.
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

    An exact id or name comes before a beginning, also that of a session that ended; else a live session comes before
    those that ended. Raises ContextSyncError with the candidates when there is none, or more than one, or when it is
    `me`.
    """
    live = sessions.live(gate.registered())
    found = _fitting(target, _others(live, me), EXACTLY)
    if not found:
        live = _as_called_now(live)
        found = _meant(target, me, live)
    if len(found) > 1:
        raise ContextSyncError(f"{target!r} may be any of {len(found)} sessions, so {_more(found)}:{_list(found)}")
    if not found:
        raise ContextSyncError(f"no session is called {target!r}.{_who_is_there(_others(live, me))}")
    if found[0].id == me:
        raise ContextSyncError(f"{target!r} is this session: `context-sync status` lists the others.")
    return found[0]


def alike(message: Message) -> list[str]:
    """Return what the live sessions are called whose name begins like the receiver's, the sender left out."""
    live = _others(_as_called_now(sessions.live(gate.registered())), message.sender)
    return sorted({each.name for each in live if _name_begins(each, message.to_name)})


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
    folder = paths.current_folder()
    here = checkouts.place_of(folder)
    return here.repository if here else os.path.realpath(folder)


def _meant(target: str, me: str, live: list[Session]) -> list[Session]:
    """Return whom the target stands for, by the first of these that fits anybody."""
    others, own = _others(live, me), [each for each in live if each.id == me]
    known = {each.id for each in live}
    ended = [each for each in sessions.everyone() if each.id not in known | {me}]
    turns = (
        (others, EXACTLY),
        (own, NAMED),
        (ended, NAMED),
        (others, BEGINS),
        (ended, (_id_begins, _is_on, _name_begins)),
        (own, (_is_on, *BEGINS)),
    )
    return next(filter(None, (_fitting(target, among, ranks) for among, ranks in turns)), [])


def _fitting(target: str, among: list[Session], ranks: tuple[Fits, ...]) -> list[Session]:
    return next(filter(None, ([each for each in among if fits(each, target)] for fits in ranks)), [])


def _others(live: list[Session], me: str) -> list[Session]:
    return [each for each in live if each.id != me]


def _as_called_now(live: list[Session]) -> list[Session]:
    from context_sync.awareness import naming  # it reads transcripts, which most commands need not

    return [naming.learned(each) for each in live]


def _more(found: list[Session]) -> str:
    of_one_name = len({each.name.casefold() for each in found}) == 1
    return "write the beginning of its id" if of_one_name else "write more of its name or id"


def _who_is_there(live: list[Session]) -> str:
    if live:
        return f" Live are:{_list(live)}"
    return " None is live: `context-sync status --all` lists those that ended."


def _list(found: list[Session]) -> str:
    length = SHOWN_PREFIX
    while len({each.id[:length] for each in found}) < len(found):
        length += 1
    lines = [f"\n  {each.id[:length]}  {each.name}{_branch(each)}" for each in found[:MOST_CANDIDATES]]
    if len(found) > MOST_CANDIDATES:
        lines.append(f"\n  and {len(found) - MOST_CANDIDATES} more")
    return "".join(lines)


def _branch(session: Session) -> str:
    return f"  on {wording.plain(session.branch, wording.LONGEST_PATH)}" if session.branch else ""


def _id_is(session: Session, target: str) -> bool:
    return session.id == target


def _name_is(session: Session, target: str) -> bool:
    return session.name.casefold() == target.casefold()


def _is_on(session: Session, target: str) -> bool:
    return session.branch.casefold() == target.casefold() != ""


def _id_begins(session: Session, target: str) -> bool:
    return len(target) >= SHORTEST_PREFIX and session.id.startswith(target)


def _name_begins(session: Session, target: str) -> bool:
    return target != "" and session.name.casefold().startswith(target.casefold())


NAMED = (_id_is, _name_is)
EXACTLY = (*NAMED, _is_on)
BEGINS = (_id_begins, _name_begins)
