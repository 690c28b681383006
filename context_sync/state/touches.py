"""Owns the touch files: `touches/<id>.jsonl`, one line per edit of a session, and which of them are settled."""

from __future__ import annotations

import os
import time

from context_sync.domain.records import Symbol, Touch
from context_sync.hotpath import json_codec
from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple
from context_sync.state import files

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from typing import Any

LATEST = 1e11  # seconds since the epoch; a time behind it has no date
SETTLED_CLOCK = 2_000_000_000  # nanoseconds after which a file that is written again has another time on every disk

Until = dict[tuple[str, str], float]  # a time in seconds since the epoch by worktree and path
_End = tuple[str, str, str, float]  # what settles: its kind, worktree, path and time

_kept: dict[str, tuple[tuple[int, ...], History]] = {}  # by file, with what it was when it was read


def append(touches: Iterable[Touch]) -> None:
    """Add the touches, all of one session, to its touch file."""
    lines = [_line(touch) for touch in touches]
    if lines:
        files.append_lines(_file(lines[0]["session"]), lines)


def settle(session_id: str, worktree: str, path: str, at: float, left: Iterable[Touch] = ()) -> None:
    """Note that what the session did to `path` in `worktree` until `at` is committed or reverted there.

    What of it is `left` is not: touches of that file, or what remains of them. Their lines follow the end.
    """
    rest = [_line(_again(touch)) for touch in left]
    end = {"settled": path, "worktree": worktree, "at": at, **({"partly": True} if rest else {})}
    files.append_lines(_file(session_id), [end, *rest])


def reopen(made: Iterable[Touch]) -> None:
    """Note that these touches of one session, which were settled, are there again."""
    append(_again(touch) for touch in made)


def _again(touch: Touch) -> Touch:
    return touch._replace(tool_use="")  # a line of its own, not one more copy of the edit


def resolve(session_id: str, worktree: str, path: str, at: float) -> None:
    """Note that a person said of what the session did to `path` in `worktree` until `at`: it collides no more."""
    files.append_lines(_file(session_id), [{"resolved": path, "worktree": worktree, "at": at}])


class Ends(NamedTuple):
    """Until when what a session did to each file is settled, at least a part of it, is wholly so, and is resolved."""

    settled: Until
    wholly: Until
    resolved: Until


class History:
    """The touches of one session, in the order of their time, and until when each file is settled or resolved."""

    def __init__(self, session: str, touches: list[Touch], ends: Ends, late: Collection[Touch] = ()) -> None:
        self.session = session
        self.touches = touches
        self._ends = ends
        self._late = late  # written after their file was settled: by a clock that was set back, or there again

    def settled(self, worktree: str, path: str, at: float, left: Collection[Touch] = ()) -> History:
        """Return the history with the file settled until `at`, but for what is `left`; see `settle`."""
        late = [touch for touch in self._late if (touch.worktree, touch.path) != (worktree, path) or touch.at > at]
        end = {(worktree, path): at}
        wholly = self._ends.wholly if left else self._ends.wholly | end
        ends = Ends(self._ends.settled | end, wholly, self._ends.resolved)
        return History(self.session, self.touches, ends, late).reopened(left)

    def reopened(self, made: Iterable[Touch]) -> History:
        """Return the history with these touches, which were settled, there again."""
        again = [_again(touch) for touch in made]
        touches = sorted([*self.touches, *again], key=lambda touch: touch.at)
        return History(self.session, touches, self._ends, [*self._late, *again])

    def of(self, paths: Collection[str]) -> History:
        """Return what the history has of these paths."""
        made, late = ([touch for touch in each if touch.path in paths] for each in (self.touches, self._late))
        return History(self.session, made, self._ends, late)

    def unsettled(self, worktree: str | None = None, paths: Collection[str] | None = None) -> list[Touch]:
        """Return the touches that are not settled, in this worktree only or in all, of these paths only or of all."""
        return [
            touch
            for touch in self.touches
            if worktree in (None, touch.worktree)
            and (paths is None or touch.path in paths)
            and not self.is_settled(touch)
        ]

    def unresolved(self, worktree: str | None = None) -> list[Touch]:
        """Return the touches that are not resolved, in this worktree only or in all."""
        return [touch for touch in self.touches if worktree in (None, touch.worktree) and not self.is_resolved(touch)]

    def settled_at(self, worktree: str, path: str) -> float:
        """Return until when what was done to the file in its worktree is over there, at least a part; 0 for never."""
        place = worktree, path
        return max(self._ends.settled.get(place, 0.0), self._ends.resolved.get(place, 0.0))

    def over_at(self, worktree: str, path: str) -> float:
        """Return until when all that was done to the file in its worktree is over there, 0 for never."""
        place = worktree, path
        return max(self._ends.wholly.get(place, 0.0), self._ends.resolved.get(place, 0.0))

    def is_settled(self, touch: Touch) -> bool:
        """Say whether the file was seen committed or reverted in its worktree since the touch, or was resolved."""
        return touch.at <= self.settled_at(touch.worktree, touch.path) and touch not in self._late

    def is_resolved(self, touch: Touch) -> bool:
        """Say whether a person resolved the touch, which settles it for the other worktrees, too."""
        return touch.at <= self._ends.resolved.get((touch.worktree, touch.path), 0.0)


def read(session_id: str, paths: Collection[str] | None = None) -> History:
    """Return the session's touches, of these paths only or of all; a line that makes no sense is left out.

    A process parses a touch file once, and again only when there is another text in it.
    """
    file = _file(session_id)
    stamp = _stamp(file)
    known_stamp, history = _kept.get(file, ((), None))
    if history is None or stamp != known_stamp:
        history = _parsed(session_id)
        if stamp and time.time_ns() - stamp[0] > SETTLED_CLOCK:
            _kept[file] = stamp, history
    return history if paths is None else history.of(paths)


def _stamp(file: str) -> tuple[int, ...]:
    try:
        found = os.stat(file)
    except OSError:
        return ()
    return found.st_mtime_ns, found.st_size, found.st_ino


def _parsed(session_id: str) -> History:
    touches: dict[tuple[str, str, str], Touch] = {}  # two recorders may have written the same edit
    ends = Ends({}, {}, {})
    late: dict[tuple[str, str], list[Touch]] = {}
    for line in files.read_lines(_file(session_id)):
        try:
            if "tool" in line:
                touch = _touch(line)
                key = touch.tool_use or str(len(touches)), touch.worktree, touch.path
                if key in touches:
                    continue
                touches[key] = touch
                place = touch.worktree, touch.path
                if touch.at <= max(ends.settled.get(place, 0.0), ends.resolved.get(place, 0.0)):
                    late.setdefault(place, []).append(touch)
            else:
                kind = "resolved" if "resolved" in line else "settled"
                place = str(line["worktree"]), str(line[kind])
                at = _time(line)
                for until in _concerned(ends, line):
                    until[place] = max(at, until.get(place, 0.0))
                late[place] = [touch for touch in late.get(place, ()) if touch.at > at]
        except (KeyError, TypeError, ValueError, OverflowError):
            continue
    made = sorted(touches.values(), key=lambda touch: touch.at)
    unsettled = [touch for some in late.values() for touch in some]
    return History(session_id, made, ends, unsettled)


def _concerned(ends: Ends, line: dict[str, Any]) -> tuple[Until, ...]:
    if "resolved" in line:
        return (ends.resolved,)
    return (ends.settled,) if _is_part(line) else (ends.settled, ends.wholly)


def compact(session_id: str, before: float) -> None:
    """Drop the touches from before a time that are settled, and what settles none any more; the unsettled stays."""
    history = read(session_id)
    over = {_identity(touch) for touch in history.touches if touch.at < before and history.is_settled(touch)}
    over -= {_identity(touch) for touch in history.touches if not history.is_settled(touch)}
    left = {(touch.worktree, touch.path) for touch in history.touches if _identity(touch) not in over}
    spent = _spent(session_id, left, before)

    def wanted(line: dict[str, Any]) -> bool:
        try:
            return _identity(_touch(line)) not in over if "tool" in line else _end(line) not in spent
        except (KeyError, TypeError, ValueError, OverflowError):
            return False  # nobody can read it

    if over or spent:
        files.rewrite_lines(_file(session_id), wanted)


def _spent(session_id: str, left: set[tuple[str, str]], before: float) -> set[_End]:
    """Return what settles nothing: a later line for its file does that, or no touch of the file is `left`."""
    ends: list[_End] = []
    for line in files.read_lines(_file(session_id)):
        try:
            ends += [] if "tool" in line else [_end(line)]
        except (KeyError, TypeError, ValueError, OverflowError):
            continue
    last = {end[:3]: end[3] for end in ends}
    return {end for end in ends if end[3] < last[end[:3]] or (end[3] < before and end[1:3] not in left)}


def _end(line: dict[str, Any]) -> _End:
    kind = "resolved" if "resolved" in line else "settled"
    return kind + " in part" * _is_part(line), str(line["worktree"]), str(line[kind]), _time(line)


def _is_part(line: dict[str, Any]) -> bool:
    return line.get("partly") is True


def _identity(touch: Touch) -> tuple[str, str, str, float]:
    """Return what the copies of an edit have in common: two recorders note it with times of their own."""
    return touch.tool_use, touch.worktree, touch.path, 0.0 if touch.tool_use else touch.at


def recorded(session_id: str, tool_uses: Iterable[str]) -> set[str]:
    """Return those of the tool uses of which the touch file tells already, in a whole line."""
    text = files.read_bytes(_file(session_id))
    return {tool_use for tool_use in tool_uses if tool_use and json_codec.dumps(tool_use) + b"}\n" in text}


def _file(session_id: str) -> str:
    return files.path("touches", session_id + ".jsonl")


def _line(touch: Touch) -> dict[str, Any]:
    line = touch._asdict() | {"symbols": [symbol._asdict() for symbol in touch.symbols]}
    line["tool_use"] = line.pop("tool_use")  # last, see `recorded`
    return line


def _touch(line: dict[str, Any]) -> Touch:
    symbols = [
        Symbol(str(symbol["name"]), str(symbol["kind"]), int(symbol["start"]), int(symbol["end"]))
        for symbol in line["symbols"]
    ]
    session, tool, repository, worktree, path, after, agent, tool_use = [str(line[name]) for name in _TEXTS]
    new = str(line.get("id", "")), str(line.get("attribution", "sole"))
    return Touch(_time(line), session, tool, repository, worktree, path, tuple(symbols), after, agent, tool_use, *new)


_TEXTS = tuple(name for name in Touch._fields if name not in ("at", "symbols", "id", "attribution"))


def _time(line: dict[str, Any]) -> float:
    at = float(line["at"])
    if not 0 <= at < LATEST:  # neither is NaN
        raise ValueError(at)
    return at
