"""The history of touches: who changed a place last, and which edits were made at all."""

from __future__ import annotations

import os

from context_sync.domain.records import Session, Touch
from context_sync.git.checkouts import Checkout
from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple
from context_sync.state import sessions, touches

if TYPE_CHECKING:
    from collections.abc import Iterator


class Edit(NamedTuple):
    """A touch, with the session that made it."""

    session: Session
    touch: Touch


def edits(repository: str = "") -> list[Edit]:
    """Return every recorded edit, in one repository or in all, oldest first; of ended sessions, too."""
    found = [
        Edit(session, touch)
        for session in sessions.everyone()
        for touch in touches.read(session.id).touches
        if not repository or touch.repository == repository
    ]
    return sorted(found, key=lambda edit: edit.touch.at)


def last_of_symbol(repository: str, name: str, path: str = "") -> list[Edit]:
    """Return the last edit of each definition of that name, qualified or not, the latest first."""
    latest: dict[tuple[str, str], Edit] = {}
    for edit in edits(repository):
        for symbol in edit.touch.symbols:
            if (not path or edit.touch.path == path) and _is_called(symbol.name, name):
                latest[edit.touch.path, symbol.name] = edit
    return sorted(latest.values(), key=lambda edit: -edit.touch.at)


def last_of_path(repository: str, path: str) -> list[Edit]:
    """Return the last edit of a file by each session, the latest first."""
    latest = {edit.session.id: edit for edit in edits(repository) if edit.touch.path == path}
    return sorted(latest.values(), key=lambda edit: -edit.touch.at)


def symbol_at(place: Checkout, path: str, line: int) -> str:
    """Return the innermost definition at a line of a file as it is now, "" when the line is in none."""
    from context_sync.symbols import resolver

    with open(os.path.join(place.worktree, path), "rb") as stream:
        found = [each for each in resolver.definitions(path, stream.read()) if each.start <= line <= each.end]
    return max(found, key=lambda symbol: symbol.start).name if found else ""


def outside(found: list[Edit]) -> Iterator[Edit]:
    """Yield the edits that touched no definition."""
    return (edit for edit in found if not edit.touch.symbols)


def _is_called(qualified: str, name: str) -> bool:
    return qualified == name or qualified.endswith("." + name)
