"""Owns the loss that nobody sees: a command takes out of a checkout what another session had not committed."""

from __future__ import annotations

from itertools import groupby

from context_sync import wording
from context_sync.awareness import posting, settling
from context_sync.git.layout import Place
from context_sync.records import Session, Touch
from context_sync.state import touches
from context_sync.tuples import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def tell(
    session: Session, place: Place, dirty: set[str], happened: Callable[[str], bool], others: list[Session]
) -> None:
    """Tell the others in this worktree which of their uncommitted changes a command of `session` took away.

    Those are the files that they touched, that are as HEAD has them without being committed, and that `happened` says
    changed while the command ran: `git stash`, `git checkout -- FILE`, `git reset --hard`.
    """
    for other in others:
        history = touches.read(other.id)
        held = [each for each in history.touches if each.worktree == place.worktree and not history.is_settled(each)]
        for path, made in groupby(sorted(held, key=lambda touch: touch.path), key=lambda touch: touch.path):
            if path not in dirty and happened(path):
                _tell(session, other, path, list(made))


def _tell(session: Session, other: Session, path: str, made: list[Touch]) -> None:
    if settling.may_be_committed(made[0].worktree, made):
        return
    touches.settle(other.id, made[0].worktree, path, max(touch.at for touch in made))
    symbols = tuple(dict.fromkeys(symbol.name for touch in made for symbol in touch.symbols))
    posting.tell(other, wording.reverted(session, path, symbols))
