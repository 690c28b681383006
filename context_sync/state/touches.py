"""Owns the touch files: `touches/<id>.jsonl`, one line per edit of a session, and which of them are settled."""

from __future__ import annotations

from context_sync import compiled_json
from context_sync.records import Symbol, Touch
from context_sync.state import files
from context_sync.tuples import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from typing import Any

LATEST = 1e11  # seconds since the epoch; a time behind it has no date

Until = dict[tuple[str, str], float]  # a time in seconds since the epoch by worktree and path


def append(touches: Iterable[Touch]) -> None:
    """Add the touches, all of one session, to its touch file."""
    lines = [_line(touch) for touch in touches]
    if lines:
        files.append_lines(_file(lines[0]["session"]), lines)


def settle(session_id: str, worktree: str, path: str, at: float) -> None:
    """Note that what the session did to `path` in `worktree` until `at` is committed or reverted there."""
    files.append_lines(_file(session_id), [{"settled": path, "worktree": worktree, "at": at}])


def resolve(session_id: str, worktree: str, path: str, at: float) -> None:
    """Note that a person said of what the session did to `path` in `worktree` until `at`: it collides no more."""
    files.append_lines(_file(session_id), [{"resolved": path, "worktree": worktree, "at": at}])


class History:
    """The touches of one session, in the order of their time, and until when each file is settled or resolved."""

    def __init__(
        self, session: str, touches: list[Touch], settled: Until, resolved: Until, late: Collection[Touch] = ()
    ) -> None:
        self.session = session
        self.touches = touches
        self._settled = settled
        self._resolved = resolved
        self._late = late  # written after their file was settled, by a clock that was set back meanwhile

    def settled(self, worktree: str, path: str, at: float) -> History:
        """Return the history with the file settled until `at`."""
        late = [touch for touch in self._late if (touch.worktree, touch.path) != (worktree, path) or touch.at > at]
        return History(self.session, self.touches, self._settled | {(worktree, path): at}, self._resolved, late)

    def settled_at(self, worktree: str, path: str) -> float:
        """Return until when what was done to the file in its worktree is over there, 0 when it is not."""
        place = worktree, path
        return max(self._settled.get(place, 0.0), self._resolved.get(place, 0.0))

    def is_settled(self, touch: Touch) -> bool:
        """Say whether the file was seen committed or reverted in its worktree since the touch, or was resolved."""
        return touch.at <= self.settled_at(touch.worktree, touch.path) and touch not in self._late

    def is_resolved(self, touch: Touch) -> bool:
        """Say whether a person resolved the touch, which settles it for the other worktrees, too."""
        return touch.at <= self._resolved.get((touch.worktree, touch.path), 0.0)


def read(session_id: str, paths: Collection[str] | None = None) -> History:
    """Return the session's touches, of these paths only or of all; a line that makes no sense is left out."""
    touches: dict[tuple[str, str, str], Touch] = {}  # two recorders may have written the same edit
    until: dict[str, Until] = {"settled": {}, "resolved": {}}
    late: dict[tuple[str, str], list[Touch]] = {}
    for line in files.read_lines(_file(session_id)):
        try:
            if "tool" in line:
                touch = _touch(line)
                if paths is not None and touch.path not in paths:
                    continue
                key = touch.tool_use or str(len(touches)), touch.worktree, touch.path
                if key in touches:
                    continue
                touches[key] = touch
                place = touch.worktree, touch.path
                if touch.at <= max(each.get(place, 0.0) for each in until.values()):
                    late.setdefault(place, []).append(touch)
            else:
                kind = "resolved" if "resolved" in line else "settled"
                place = str(line["worktree"]), str(line[kind])
                at = _time(line)
                until[kind][place] = max(at, until[kind].get(place, 0.0))
                late[place] = [touch for touch in late.get(place, ()) if touch.at > at]
        except (KeyError, TypeError, ValueError, OverflowError):
            continue
    made = sorted(touches.values(), key=lambda touch: touch.at)
    unsettled = [touch for some in late.values() for touch in some]
    return History(session_id, made, until["settled"], until["resolved"], unsettled)


def compact(session_id: str, before: float) -> None:
    """Drop the touches from before a time that are settled; whatever is unsettled stays."""
    history = read(session_id)
    over = {_identity(touch) for touch in history.touches if touch.at < before and history.is_settled(touch)}
    over -= {_identity(touch) for touch in history.touches if not history.is_settled(touch)}

    def wanted(line: dict[str, Any]) -> bool:
        if "tool" not in line:
            return True
        try:
            touch = _touch(line)
        except (KeyError, TypeError, ValueError, OverflowError):
            return False  # nobody can read it
        return _identity(touch) not in over

    if over:
        files.rewrite_lines(_file(session_id), wanted)


def _identity(touch: Touch) -> tuple[str, str, str, float]:
    """Return what the copies of an edit have in common: two recorders note it with times of their own."""
    return touch.tool_use, touch.worktree, touch.path, 0.0 if touch.tool_use else touch.at


def recorded(session_id: str, tool_uses: Iterable[str]) -> set[str]:
    """Return those of the tool uses of which the touch file tells already, in a whole line."""
    text = files.read_bytes(_file(session_id))
    return {tool_use for tool_use in tool_uses if tool_use and compiled_json.dumps(tool_use) + b"}\n" in text}


def _file(session_id: str) -> str:
    return files.path("touches", session_id + ".jsonl")


def _line(touch: Touch) -> dict[str, Any]:
    line = touch._asdict() | {"symbols": [symbol._asdict() for symbol in touch.symbols]}
    line["tool_use"] = line.pop("tool_use")  # last, see `recorded`
    return line


def _touch(line: dict[str, Any]) -> Touch:
    symbols = tuple(
        Symbol(str(symbol["name"]), str(symbol["kind"]), int(symbol["start"]), int(symbol["end"]))
        for symbol in line["symbols"]
    )
    known = {name: str(line[name]) for name in Touch._fields if name not in ("at", "symbols")}
    return Touch(at=_time(line), symbols=symbols, **known)


def _time(line: dict[str, Any]) -> float:
    at = float(line["at"])
    if not 0 <= at < LATEST:  # neither is NaN
        raise ValueError(at)
    return at
