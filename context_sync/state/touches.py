"""The touch files: `touches/<id>.jsonl`, the events of one session's edits, one on a line.

The first version wrote edits without an id, and until when the edits of a file were settled. Its files are read as
events, and rewritten once, by the first process that adds to them.
"""

from __future__ import annotations

import os

from context_sync.domain import edit_history
from context_sync.domain.edit_history import Event, History
from context_sync.domain.records import Symbol, Touch
from context_sync.hotpath import hashing, json_codec
from context_sync.hotpath.namedtuples import TYPE_CHECKING
from context_sync.state import files

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from typing import Any

LATEST = 1e11  # seconds since the epoch; a later time has no date
_MARK = b'{"event"'  # how our lines begin, and no line of the first version does

_kept: dict[str, tuple[tuple[int, ...], History]] = {}  # by file, with what it was when it was read


def append(made: Iterable[Touch]) -> list[Touch]:
    """Add the touches, all of one session, to its touch file, and return them with their ids."""
    touches = [touch if touch.id else touch._replace(id=id_of(touch)) for touch in made]
    if touches:
        note(touches[0].session, [Event("edited", touch.at, touch=touch) for touch in touches])
    return touches


def note(session_id: str, events: Iterable[Event]) -> None:
    """Add events about the edits of a session to its touch file."""
    lines = [_line(event) for event in events]
    if lines:
        where = _file(session_id)
        if files.beginning(where, len(_MARK)) not in (b"", _MARK):
            _rewrite(where)
        files.append_lines(where, lines)


def id_of(touch: Touch) -> str:
    """Return the id of an edit: the same for two recorders of the same tool use, so that it is recorded once."""
    what = touch.tool_use or f"{touch.at!r} {touch.after}"
    place = "\0".join((touch.session, what, touch.worktree, touch.path))
    return str(hashing.sha256(os.fsencode(place)).hexdigest()[:16])


def read(session_id: str, paths: Collection[str] | None = None) -> History:
    """Return the edits of a session, of these paths or of all; a line that makes no sense is left out.

    A process parses a touch file once, and again only when the file has changed.
    """
    file = _file(session_id)
    stamp = files.stamp(file)
    known_stamp, history = _kept.get(file, ((), None))
    if history is None or stamp != known_stamp:
        history = edit_history.fold(session_id, _events(files.read_lines(file)))
        _kept[file] = stamp, history
    return history if paths is None else history.of(paths)


def recorded(session_id: str, tool_uses: Iterable[str]) -> set[str]:
    """Return those of the tool uses that the touch file has already, each in a whole line."""
    text = files.read_bytes(_file(session_id))
    return {tool_use for tool_use in tool_uses if tool_use and json_codec.dumps(tool_use) + b"}\n" in text}


def compact(session_id: str, before: float) -> None:
    """Drop the settled edits from before a time and the events that only they needed."""
    history = read(session_id)
    over = {touch.id for touch in history.touches if touch.at < before and history.is_settled(touch)}
    known = {touch.id for touch in history.touches} - over

    def wanted(line: dict[str, Any]) -> bool:
        event = _event(line)
        if event is None:
            return False
        return event.touch.id in known if event.touch else not known.isdisjoint(event.touches)

    where = _file(session_id)
    if any("event" not in line for line in files.read_lines(where)):  # an older hook may have added to ours
        _rewrite(where)
    if any(not wanted(line) for line in files.read_lines(where)):
        files.rewrite_lines(where, wanted)


def _file(session_id: str) -> str:
    return files.path("touches", session_id + ".jsonl")


def _line(event: Event) -> dict[str, Any]:
    if event.touch is None:
        fields = {name: value for name, value in event._asdict().items() if value and name not in ("kind", "touch")}
        return {"event": event.kind, **fields}
    touch = event.touch
    line = {"event": event.kind, **touch._asdict(), "symbols": [symbol._asdict() for symbol in touch.symbols]}
    line["tool_use"] = line.pop("tool_use")  # last, see `recorded`
    return line


def _events(lines: Iterable[dict[str, Any]]) -> list[Event]:
    """Return the events of a touch file, whichever version wrote the lines."""
    older, found = _FirstVersion(), []
    for line in lines:
        event = _event(line) if "event" in line else older.event(line)
        if event is not None:
            if event.touch is not None:
                older.made.setdefault(event.touch.id, event.touch)
            found.append(event)
    return found


def _event(line: dict[str, Any]) -> Event | None:
    """Return the event that a line holds, None when it makes no sense."""
    try:
        kind = line["event"]
        if kind == "edited":
            touch = _touch(line)
            return Event(kind, touch.at, touch=touch)
        if kind not in edit_history.KINDS:
            return None
        touches, symbols = (tuple(map(str, line.get(name, ()))) for name in ("touches", "symbols"))
        by, worktree, path = (str(line.get(name, "")) for name in ("by", "worktree", "path"))
        return Event(kind, _time(line), touches, symbols, by, worktree, path)
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def _touch(line: dict[str, Any]) -> Touch:
    symbols = tuple(
        Symbol._make((str(symbol["name"]), str(symbol["kind"]), int(symbol["start"]), int(symbol["end"])))
        for symbol in line["symbols"]
    )
    session, tool, repository, worktree, path, after, agent, tool_use = [str(line[name]) for name in _TEXTS]
    edit = (_time(line), session, tool, repository, worktree, path, symbols, after, agent, tool_use)
    touch = Touch._make((*edit, str(line.get("id", "")), str(line.get("attribution", "sole"))))
    return touch if touch.id else touch._replace(id=id_of(touch))


_TEXTS = tuple(name for name in Touch._fields if name not in ("at", "symbols", "id", "attribution"))


def _time(line: dict[str, Any]) -> float:
    at = float(line["at"])
    if not 0 <= at < LATEST:  # neither is NaN
        raise ValueError(at)
    return at


class _FirstVersion:
    """Reads lines of the first version as events, in their order, with `made` as the edits before each.

    An edit was a line without an id. A line `settled` or `resolved` ended the edits of a file until a time; what was
    left of them, or was there again, followed as another line with the same time and no tool use.
    """

    def __init__(self) -> None:
        self.made: dict[str, Touch] = {}
        self._by_place: dict[tuple[str, str], list[Touch]] = {}
        self._sorted = 0  # of `made`, how many are in there

    def event(self, line: dict[str, Any]) -> Event | None:
        """Return the event that a line stands for, None when it makes no sense or changes nothing."""
        try:
            return self._edited(_touch(line)) if "tool" in line else self._settled(line)
        except (KeyError, TypeError, ValueError, OverflowError):
            return None

    def _edited(self, touch: Touch) -> Event:
        known = () if touch.tool_use else self._of(touch.worktree, touch.path)
        same = [each.id for each in known if (each.at, each.after) == (touch.at, touch.after)]
        if same:
            return Event("restored", touch.at, tuple(same[:1]), tuple(symbol.name for symbol in touch.symbols))
        return Event("edited", touch.at, touch=touch)

    def _settled(self, line: dict[str, Any]) -> Event | None:
        key = "resolved" if "resolved" in line else "settled"
        at = _time(line)
        made = self._of(str(line["worktree"]), str(line[key]))
        ids = tuple(dict.fromkeys(touch.id for touch in made if touch.at <= at))
        return Event("resolved" if key == "resolved" else "committed", at, ids) if ids else None

    def _of(self, worktree: str, path: str) -> list[Touch]:
        for touch in list(self.made.values())[self._sorted :]:
            self._by_place.setdefault((touch.worktree, touch.path), []).append(touch)
        self._sorted = len(self.made)
        return self._by_place.get((worktree, path), [])


def _rewrite(where: str) -> None:
    """Rewrite a touch file of the first version as events."""
    files.replace_lines(where, lambda lines: [_line(event) for event in _events(lines)])
