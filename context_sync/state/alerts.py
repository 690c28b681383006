"""Owns the alert history: `alerts/<id>.jsonl`, what the session was told of which collision."""

from __future__ import annotations

from context_sync import conflicts
from context_sync.conflicts import Conflict
from context_sync.state import files
from context_sync.tuples import NamedTuple

Place = tuple[str, ...]

LEAST = 0.001  # seconds; a clock that was set back must not make a session hear the same again and again


class Told(NamedTuple):
    """One thing that a session was told about one file and one other session."""

    at: float
    level: str
    symbols: frozenset[str]
    theirs_at: float


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

    def _since_settled(self, conflict: Conflict) -> list[Told]:
        return [entry for entry in self._told.get(_place(conflict), []) if entry.at > conflict.since]


def recall(session_id: str) -> Memory:
    """Return what the session was told; a line that makes no sense is left out."""
    told: dict[Place, list[Told]] = {}
    for line in files.read_lines(_file(session_id)):
        try:
            place = (str(line["theirs"]), *map(str, line["place"]))
            symbols = frozenset(map(str, line["symbols"]))
            entry = Told(float(line["at"]), str(line["level"]), symbols, float(line["theirs_at"]))
            conflicts.rank(entry.level)
        except (KeyError, TypeError, ValueError, OverflowError):
            continue
        told.setdefault(place, []).append(entry)
    return Memory(told)


def partners(session_id: str) -> set[str]:
    """Return the ids of the sessions that the session was told of."""
    return {str(line.get("theirs")) for line in files.read_lines(_file(session_id))}


def remember(session_id: str, told: list[Conflict], at: float) -> None:
    """Note that the session was told of these collisions."""
    lines = [
        {
            "at": max(at, conflict.since + LEAST),
            "theirs": conflict.theirs,
            "place": conflicts.place(conflict),
            "level": conflict.level,
            "symbols": list(conflict.symbols),
            "theirs_at": conflict.theirs_at,
        }
        for conflict in told
    ]
    if lines:
        files.append_lines(_file(session_id), lines)


def _place(conflict: Conflict) -> Place:
    return conflict.theirs, *conflicts.place(conflict)


def _file(session_id: str) -> str:
    return files.path("alerts", session_id + ".jsonl")
