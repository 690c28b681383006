"""Lost work: uncommitted changes that a session removes from a checkout, and the notice to those who made them."""

from __future__ import annotations

from itertools import groupby

from context_sync.domain.records import Session, Touch
from context_sync.git.checkouts import Checkout
from context_sync.hotpath.namedtuples import TYPE_CHECKING
from context_sync.state import baselines, sessions, touches
from context_sync.touches import settlement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def tell(
    session: Session, place: Checkout, dirty: set[str], happened: Callable[[str], bool], others: list[Session]
) -> None:
    """Notify the others in this worktree of their uncommitted changes that a command of `session` removed.

    Those are the files that they touched, that are as HEAD has them without being committed, and that `happened` says
    changed while the command ran: `git stash`, `git checkout -- FILE`, `git reset --hard`.
    """
    for other in others:
        held = touches.read(other.id).unsettled(place.worktree)
        for path, made in groupby(sorted(held, key=lambda touch: touch.path), key=lambda touch: touch.path):
            if path not in dirty and happened(path):
                _tell(session, other, path, list(made))


def tell_of_edit(session: Session, touch: Touch, others: Iterable[str]) -> None:
    """Notify the others of their uncommitted changes that are gone, as the edit left the file as HEAD has it."""
    others = sorted(others)
    worktree, path = touch.worktree, touch.path
    if not others or not settlement.is_unchanged(worktree, path):
        return
    for other in sessions.live(others):
        made = touches.read(other.id).unsettled(worktree, {path})
        if made:
            _tell(session, other, path, made)


def _tell(session: Session, other: Session, path: str, made: list[Touch]) -> None:
    if settlement.may_be_committed(made[0].worktree, made):
        return
    baselines.forget(made[0].worktree, path)
    settlement.revert(other.id, made, session.id)
    from context_sync.domain import masking, wording
    from context_sync.mail import sending

    symbols = tuple(dict.fromkeys(symbol.name for touch in made for symbol in touch.symbols))
    sending.tell(other, wording.reverted(session, path, masking.names(symbols)))
