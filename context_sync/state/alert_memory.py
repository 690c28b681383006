"""Owns the alert history: `alerts/<id>.jsonl`, what the session was told of which collision.

What stops an edit or the end of a turn is noted as announced before it is said, and as told afterwards: what was
announced does not stop anything a second time, though nobody may have heard of it, and is told where it stops nothing.
"""

from __future__ import annotations

from context_sync.domain import conflicts
from context_sync.domain.conflicts import Conflict
from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple
from context_sync.state import files

if TYPE_CHECKING:
    from typing import Any

Place = tuple[str, ...]

LEAST = 0.001  # seconds; a clock that was set back must not make a session hear the same again and again


class Told(NamedTuple):
    """One thing that a session was told about one file and one other session, or that was only announced."""

    at: float
    level: str
    symbols: frozenset[str]
    theirs_at: float
    announced: bool


class Memory:
    """Everything a session was told."""

    def __init__(self, told: dict[Place, list[Told]]) -> None:
        self._told = told

    def is_new(self, conflict: Conflict) -> bool:
        """Say whether the session was not yet told of this level, or not of every symbol, since the last settling."""
        told = self._since_settled(conflict)
        if all(conflicts.rank(entry.level) < conflicts.rank(conflict.level) for entry in told):
            return True
        known: set[str] = set().union(*(entry.symbols for entry in told))
        return conflict.level != "file" and not known.issuperset(conflict.symbols)

    def is_renewed(self, conflict: Conflict) -> bool:
        """Say whether the other session edited the place again after this session was told."""
        return all(conflict.theirs_at > entry.theirs_at for entry in self._since_settled(conflict))

    def is_announced(self, conflict: Conflict) -> bool:
        """Say whether this, or more, was announced since the other session's last edit of the place."""
        return any(
            entry.theirs_at >= conflict.theirs_at
            and conflicts.rank(entry.level) >= conflicts.rank(conflict.level)
            and entry.symbols.issuperset(conflict.symbols)
            for entry in self._since_settled(conflict, announced=True)
        )

    def _since_settled(self, conflict: Conflict, *, announced: bool = False) -> list[Told]:
        told = [entry for entry in self._told.get(_place(conflict), []) if entry.announced == announced]
        return [entry for entry in told if entry.at > conflict.since and entry.theirs_at > conflict.merged]


def recall(session_id: str) -> Memory:
    """Return what the session was told; a line that makes no sense is left out."""
    told: dict[Place, list[Told]] = {}
    for line in files.read_lines(_file(session_id)):
        try:
            place = (str(line["theirs"]), *map(str, line["place"]))
            symbols = frozenset(map(str, line["symbols"]))
            announced = line.get("announced") is True
            entry = Told(float(line["at"]), str(line["level"]), symbols, float(line["theirs_at"]), announced)
            conflicts.rank(entry.level)
        except (KeyError, TypeError, ValueError, OverflowError):
            continue
        told.setdefault(place, []).append(entry)
    return Memory(told)


def partners(session_id: str) -> set[str]:
    """Return the ids of the sessions that the session was told of."""
    return {str(line.get("theirs")) for line in files.read_lines(_file(session_id))}


def announce(session_id: str, due: list[Conflict], at: float) -> None:
    """Note that the session is about to be told of these collisions; raises OSError where that cannot be noted."""
    _write(session_id, due, at, {"announced": True})


def remember(session_id: str, told: list[Conflict], at: float) -> None:
    """Note that the session was told of these collisions."""
    _write(session_id, told, at, {})


def _write(session_id: str, about: list[Conflict], at: float, more: dict[str, Any]) -> None:
    lines = [
        {
            "at": max(at, conflict.since + LEAST),
            "theirs": conflict.theirs,
            "place": conflicts.place(conflict),
            "level": conflict.level,
            "symbols": list(conflict.symbols),
            "theirs_at": conflict.theirs_at,
            **more,
        }
        for conflict in about
    ]
    if lines:
        files.append_lines(_file(session_id), lines)


def compact(session_id: str, before: float, touched: set[tuple[str, str]], known: set[str]) -> None:
    """Drop what was told before a time of what cannot collide again as it did.

    That is of files, each with its repository, of which the session has no touch any more, and of sessions that nobody
    knows any more.
    """

    def wanted(line: dict[str, Any]) -> bool:
        try:
            repository, *rest = map(str, line["place"])
            concerns = touched & {(repository, path) for path in rest}
            return float(line["at"]) >= before or (bool(concerns) and str(line["theirs"]) in known)
        except (KeyError, TypeError, ValueError, OverflowError):
            return False  # nobody can read it

    files.rewrite_lines(_file(session_id), wanted)


def _place(conflict: Conflict) -> Place:
    return conflict.theirs, *conflicts.place(conflict)


def _file(session_id: str) -> str:
    return files.path("alerts", session_id + ".jsonl")
