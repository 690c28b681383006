"""The state of a session's work: one fold over the events of its edits.

An edit is a touch with an id. What happens to it later is an event that names it: it was committed, reverted (by
whomever), restored (as by `git stash pop`), moved to another worktree or path, or resolved by the user. Events are
idempotent: applied twice they change nothing, and events about unknown touches are ignored.
"""

from __future__ import annotations

from context_sync.domain.records import Symbol, Touch
from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

KINDS = ("edited", "committed", "reverted", "resolved", "restored", "moved")


class Event(NamedTuple):
    """Something that happened to edits of one session.

    `kind` is one of `KINDS`, `at` is in seconds since the epoch. `edited` carries the new `touch`. All others name
    `touches` by their ids, and with `symbols` only these definitions of them; empty stands for all. `by` is the id of
    the session that did it, "" when it is not known or was the user. `worktree` and `path` say where `moved` work is
    now.
    """

    kind: str
    at: float
    touches: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()
    by: str = ""
    worktree: str = ""
    path: str = ""
    touch: Touch | None = None


class Edit(NamedTuple):
    """A touch and what became of it.

    `left` are its definitions that are neither committed, reverted nor resolved, None when nothing of it is left; a
    touch without definitions has an empty `left` as long as it is unsettled. `settled_at` is when a part of it was last
    settled, in seconds since the epoch, 0 for never. `is_reverted` when what was left last was taken back.
    """

    touch: Touch
    left: tuple[Symbol, ...] | None
    is_resolved: bool = False
    settled_at: float = 0.0
    is_reverted: bool = False

    @property
    def unsettled(self) -> Touch | None:
        """The touch with the definitions that are left, None when nothing is."""
        if self.left is None:
            return None
        return self.touch if len(self.left) == len(self.touch.symbols) else self.touch._replace(symbols=self.left)


class History:
    """The edits of one session, in the order of their times, and what became of each."""

    def __init__(self, session: str, edits: Mapping[str, Edit]) -> None:
        self.session = session
        self._edits = edits
        self.edits = list(edits.values())
        self.touches = [edit.touch for edit in self.edits]

    def after(self, events: Iterable[Event]) -> History:
        """Return the history with these events applied."""
        events = tuple(events)
        return fold(self.session, events, self._edits) if events else self

    def of(self, paths: Collection[str]) -> History:
        """Return what the history has of these paths."""
        return History(self.session, {each: edit for each, edit in self._edits.items() if edit.touch.path in paths})

    def unsettled(self, worktree: str | None = None, paths: Collection[str] | None = None) -> list[Touch]:
        """Return what is left of the touches, in this worktree or in all, of these paths or of all."""
        return [
            touch
            for edit in self.edits
            if edit.left is not None
            and worktree in (None, edit.touch.worktree)
            and (paths is None or edit.touch.path in paths)
            and (touch := edit.unsettled)
        ]

    def unresolved(self, worktree: str | None = None) -> list[Touch]:
        """Return the touches that may be in conflict with another worktree, committed ones too; of one or of all."""
        return [
            edit.touch
            for edit in self.edits
            if not edit.is_resolved and not edit.is_reverted and worktree in (None, edit.touch.worktree)
        ]

    def is_settled(self, touch: Touch) -> bool:
        """Return whether nothing is left of the touch: it was committed, reverted or resolved."""
        edit = self._edits.get(touch.id)
        return edit is not None and edit.left is None

    def is_resolved(self, touch: Touch) -> bool:
        """Return whether the user resolved the touch, which settles it for all worktrees."""
        edit = self._edits.get(touch.id)
        return edit is not None and edit.is_resolved


def fold(session: str, events: Iterable[Event], known: Mapping[str, Edit] | None = None) -> History:
    """Return the history of a session from its events in the order in which they were noted."""
    edits = dict(known or {})
    latest = max((edit.touch.at for edit in edits.values()), default=0.0)
    is_ordered = True
    for event in events:
        if event.touch is not None:
            if event.touch.id not in edits:
                edits[event.touch.id] = Edit(event.touch, event.touch.symbols)
                is_ordered = is_ordered and latest <= event.touch.at
                latest = event.touch.at
            continue
        for touch_id in event.touches:
            if touch_id in edits:
                edits[touch_id] = _applied(edits[touch_id], event)
    if not is_ordered:
        edits = dict(sorted(edits.items(), key=lambda entry: entry[1].touch.at))
    return History(session, edits)


def _applied(edit: Edit, event: Event) -> Edit:
    if event.kind == "moved":
        return edit._replace(touch=edit.touch._replace(worktree=event.worktree, path=event.path))
    if event.kind == "restored":
        return edit if edit.is_resolved else edit._replace(left=_with(edit, event.symbols), is_reverted=False)
    is_resolved = edit.is_resolved or event.kind == "resolved"
    left = None if event.kind == "resolved" else _without(edit, event.symbols)
    if (left, is_resolved) == (edit.left, edit.is_resolved):
        return edit
    is_reverted = left is None and event.kind == "reverted"
    return Edit(edit.touch, left, is_resolved, max(edit.settled_at, event.at), is_reverted)


def _without(edit: Edit, symbols: tuple[str, ...]) -> tuple[Symbol, ...] | None:
    """Return what is left of an edit without these definitions, None when nothing is."""
    if not symbols or edit.left is None:
        return None
    return tuple(symbol for symbol in edit.left if symbol.name not in symbols) or None


def _with(edit: Edit, symbols: tuple[str, ...]) -> tuple[Symbol, ...] | None:
    """Return what is left of an edit when these definitions are there again."""
    if not symbols or not edit.touch.symbols:
        return edit.touch.symbols
    names = {symbol.name for symbol in edit.left or ()}.union(symbols)
    return tuple(symbol for symbol in edit.touch.symbols if symbol.name in names) or None
