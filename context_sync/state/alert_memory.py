"""Alert memory: `alerts/<id>.jsonl`, which edits of others a session was alerted to, and at which level.

What stops an edit or the end of a turn is noted as announced before it is output, and as notified afterwards: what was
announced stops nothing a second time, though nobody may have read it, and is output where it stops nothing.
"""

from __future__ import annotations

from context_sync.domain import conflicts
from context_sync.domain.conflicts import Conflict
from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple
from context_sync.state import files, touches

if TYPE_CHECKING:
    from typing import Any

Key = tuple[str, ...]


class Notice(NamedTuple):
    """One alert to a session about one file and one other session, or one that was only announced.

    `mine` are the ids of the session's own touches of the file, none where it was about to edit; `theirs` are those of
    the other's touches that took part.
    """

    level: str
    symbols: frozenset[str]
    mine: frozenset[str]
    theirs: frozenset[str]
    is_announced: bool

    def concerns(self, conflict: Conflict) -> bool:
        """Return whether an edit of each side is still neither settled nor merged, so that it is the same conflict."""
        is_mine = not self.mine or not conflict.mine_all or not self.mine.isdisjoint(conflict.mine_all)
        return is_mine and not self.theirs.isdisjoint(conflict.theirs_all)


class Memory:
    """Everything that a session was alerted to."""

    def __init__(self, notices: dict[Key, list[Notice]]) -> None:
        self._notices = notices

    def is_new(self, conflict: Conflict) -> bool:
        """Return whether the session was not alerted to this level, or not to each of the definitions."""
        found = self._about(conflict)
        if all(conflicts.rank(notice.level) < conflicts.rank(conflict.level) for notice in found):
            return True
        known: set[str] = set().union(*(notice.symbols for notice in found))
        return conflict.level != "file" and not known.issuperset(conflict.symbols)

    def is_renewed(self, conflict: Conflict) -> bool:
        """Return whether the other session made an edit that this session was not alerted to."""
        return (
            not frozenset()
            .union(*(notice.theirs for notice in self._about(conflict)))
            .issuperset(conflict.theirs_touches)
        )

    def is_announced(self, conflict: Conflict) -> bool:
        """Return whether this, or more, was announced with all edits that take part."""
        return any(
            notice.theirs.issuperset(conflict.theirs_touches)
            and conflicts.rank(notice.level) >= conflicts.rank(conflict.level)
            and notice.symbols.issuperset(conflict.symbols)
            for notice in self._about(conflict, announced=True)
        )

    def _about(self, conflict: Conflict, *, announced: bool = False) -> list[Notice]:
        found = self._notices.get((conflict.theirs, *key(conflict)), [])
        return [notice for notice in found if notice.is_announced == announced and notice.concerns(conflict)]


def recall(session_id: str) -> Memory:
    """Return what the session was alerted to; a line that makes no sense is left out."""
    found: dict[Key, list[Notice]] = {}
    for line in files.read_lines(_file(session_id)):
        try:
            about = (str(line["theirs"]), *map(str, line["place"]))
            notice = _notice(session_id, line)
        except (KeyError, TypeError, ValueError, OverflowError):
            continue
        found.setdefault(about, []).append(notice)
    return Memory(found)


def key(conflict: Conflict) -> Key:
    """Return what identifies a conflict of two sessions: the file, and for a dependency what it is on."""
    on = conflict.dependency
    return (conflict.repository, conflict.path, *((on.altered_by, on.definition_path, on.definition) if on else ()))


def partners(session_id: str) -> set[str]:
    """Return the ids of the sessions that the session was alerted to."""
    return {str(line.get("theirs")) for line in files.read_lines(_file(session_id))}


def announce(session_id: str, due: list[Conflict], at: float) -> None:
    """Note that the session is about to be alerted to these conflicts; raises OSError where that cannot be noted."""
    _write(session_id, due, at, {"announced": True})


def remember(session_id: str, notified: list[Conflict], at: float) -> None:
    """Note that the session was alerted to these conflicts."""
    _write(session_id, notified, at, {})


def compact(session_id: str, before: float, touched: set[tuple[str, str]], known: set[str]) -> None:
    """Drop what was noted before a time about what cannot be in conflict again as it was.

    That is of files, each with its repository, of which the session has no touch any more, and of sessions that are
    no longer known.
    """

    def wanted(line: dict[str, Any]) -> bool:
        try:
            repository, *rest = map(str, line["place"])
            concerns = touched & {(repository, path) for path in rest}
            return float(line["at"]) >= before or (bool(concerns) and str(line["theirs"]) in known)
        except (KeyError, TypeError, ValueError, OverflowError):
            return False  # nobody can read it

    files.rewrite_lines(_file(session_id), wanted)


def _notice(session_id: str, line: dict[str, Any]) -> Notice:
    level = str(line["level"])
    conflicts.rank(level)
    at, symbols, is_announced = float(line["at"]), frozenset(map(str, line["symbols"])), line.get("announced") is True
    if "theirs_at" in line:  # written by the first version
        paths = {str(each) for each in line["place"]}
        until = {session_id: at, str(line["theirs"]): float(line["theirs_at"])}
        mine, theirs = (
            frozenset(touch.id for touch in touches.read(each, paths).touches if touch.at <= until[each])
            for each in until
        )
    else:
        mine, theirs = (frozenset(map(str, line[side])) for side in ("my_touches", "their_touches"))
    return Notice(level, symbols, mine, theirs, is_announced)


def _write(session_id: str, about: list[Conflict], at: float, more: dict[str, Any]) -> None:
    lines = [
        {
            "at": at,
            "theirs": conflict.theirs,
            "place": key(conflict),
            "level": conflict.level,
            "symbols": list(conflict.symbols),
            "my_touches": list(conflict.mine_all),
            "their_touches": list(conflict.theirs_touches),
            **more,
        }
        for conflict in about
    ]
    if lines:
        files.append_lines(_file(session_id), lines)


def _file(session_id: str) -> str:
    return files.path("alerts", session_id + ".jsonl")
