"""Recipients: the sessions that a name, an id or a branch stands for."""

from __future__ import annotations

import os

from context_sync import paths
from context_sync.domain import wording
from context_sync.domain.messages import USER, Message
from context_sync.domain.records import Session
from context_sync.errors import ContextSyncError
from context_sync.git import checkouts
from context_sync.hotpath.namedtuples import TYPE_CHECKING
from context_sync.presence import identity
from context_sync.state import gate, sessions

if TYPE_CHECKING:
    from collections.abc import Callable

    Fits = Callable[[Session, str], bool]

EVERYONE = "@all"
THE_USER = ("@user", USER)
MIN_PREFIX = 4  # characters of an id
SHOWN_PREFIX = 8  # characters of an id in a list
MAX_CANDIDATES = 12


def everyone(me: str, repository: str = "") -> list[Session]:
    """Return the other live sessions of a repository: "" is that of the sender, or of the user's folder.

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

    A whole id or name comes before a beginning, even that of a session that ended; otherwise a live session comes
    before one that ended. Raises ContextSyncError with the candidates when there is none, or more than one, or when
    it is `me`.
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
    """Return the names of the live sessions, without the sender, that begin like the receiver's."""
    live = _others(_as_called_now(sessions.live(gate.registered())), message.sender)
    return sorted({each.name for each in live if _name_begins(each, message.to_name)})


def _repository_of(party: str) -> str:
    known = sessions.load(party)
    if known:
        return known.repository
    folder = paths.current_folder()
    here = checkouts.checkout_of(folder)
    return here.repository if here else os.path.realpath(folder)


def _meant(target: str, me: str, live: list[Session]) -> list[Session]:
    """Return the sessions that fit the target by the first of these rules that any fits by."""
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
    return [identity.renamed(each) for each in live]


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
    lines = [f"\n  {each.id[:length]}  {each.name}{_branch(each)}" for each in found[:MAX_CANDIDATES]]
    if len(found) > MAX_CANDIDATES:
        lines.append(f"\n  and {len(found) - MAX_CANDIDATES} more")
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
    return len(target) >= MIN_PREFIX and session.id.startswith(target)


def _name_begins(session: Session, target: str) -> bool:
    return target != "" and session.name.casefold().startswith(target.casefold())


NAMED = (_id_is, _name_is)
EXACTLY = (*NAMED, _is_on)
BEGINS = (_id_begins, _name_begins)
