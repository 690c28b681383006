"""What must hold of everything that reads what Claude Code wrote: hook payloads and transcripts."""

import json
import math
import os
import typing
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Any, get_origin, get_type_hints

import pytest

from campaigns.fuzz.mutations import TOKEN
from context_sync.claude.hooks import edits, payloads
from context_sync.claude.hooks.edits import FileEdit, RecordedEdit
from context_sync.claude.transcripts import conversation, delivery_proof, glance, reader
from context_sync.claude.transcripts.activity import Reply
from context_sync.hotpath import json_codec
from context_sync.summaries import extraction
from context_sync.summaries.extraction import Gathered

NAMES = {  # of the fields of an event, as Claude Code has them
    "session": "session_id",
    "transcript": "transcript_path",
    "title": "session_title",
    "tool": "tool_name",
    "tool_use": "tool_use_id",
    "agent": "agent_id",
}
FILE = b"def add(a, b):\r\n    return a + b\r\n"
MARKS = ("context-sync: a message", "Message abcdefghjk")
STATES = frozenset(glance.STATUSES)


def json_text(data: bytes) -> None:
    """What a hook reads as JSON is what Python's own reader reads, and written so that it reads the same again."""
    try:
        wanted = json.loads(data)
    except (ValueError, RecursionError):
        with pytest.raises((ValueError, RecursionError)):
            json_codec.loads(data)
        return
    found = json_codec.loads(data)
    assert repr(found) == repr(wanted)
    assert json_codec.dumps(found) == json.dumps(wanted).encode()


def payload(data: bytes) -> None:
    """What is read of a payload is typed, can name a file, and is the same when it is written and read again."""
    event = payloads.read("PostToolUse", data)
    assert (event is not None) == _makes_sense(data)
    if event is None:
        return
    typed(event)
    assert payloads.is_session_id(event.session)
    assert os.path.basename(event.session) == event.session not in ("", ".", "..")
    assert 0 <= event.duration <= 1e6
    again = {NAMES.get(name, name): value for name, value in event._asdict().items()}
    again |= {"duration_ms": event.duration * 1000, "stop_hook_active": event.continued}
    found = payloads.read(event.name, json.dumps(again).encode())
    assert repr(found) == repr(event._replace(duration=again["duration_ms"] / 1000))  # NaN is not itself
    for answer in (payloads.context(event.name, event.cwd), payloads.denial(event.title)):
        assert answer.count(b"\n") == 1
        assert len(json.loads(answer)["hookSpecificOutput"]) in (2, 3)
    made = edits.read(event.tool_input, event.tool_response)
    if made:
        _edit(made, _lines(event.tool_response.get("structuredPatch")))
    coming = edits.intended(event.tool_input, FILE)
    if coming:
        _edit(coming, 0)
        assert coming.after is not None


def _makes_sense(data: bytes) -> bool:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return False
    session = value.get("session_id") if isinstance(value, dict) else None
    allowed = isinstance(session, str) and session.isascii() and session.replace("-", "a").replace("_", "a").isalnum()
    return allowed and len(str(session)) <= 128


def _edit(edit: FileEdit, most: int) -> None:
    assert edit.path
    assert b"\0" not in os.fsencode(edit.path)
    assert {type(text) for text in (edit.before, edit.after)} <= {bytes, type(None)}
    assert len(edit.hunks) <= most
    for hunk in edit.hunks:
        assert all(isinstance(number, int) and number >= 0 for number in hunk)
        assert hunk[1] or hunk[3], "a hunk that changes nothing"


def _lines(patch: object) -> int:
    hunks = patch if isinstance(patch, list) else []
    return sum(len(hunk["lines"]) for hunk in hunks if isinstance(hunk, dict) and _is_sized(hunk.get("lines")))


def _is_sized(value: object) -> bool:
    return isinstance(value, str | list | dict)


def transcript(data: bytes) -> None:
    """Edits are typed, positions stand behind a line, and reading in two parts tells what reading at once does."""
    path = _file("transcript.jsonl")
    _write(path, data)
    at_once = _notified(path, data, 0)
    cut = len(data) // 2
    _write(path, data[:cut])
    position, first = _notified(path, data[:cut], 0)
    _write(path, data)
    _, second = _notified(path, data, position)
    assert first | second == at_once[1], "what was read depends on when it was read"
    found = delivery_proof.since(path, 0, MARKS)
    assert found.exists
    assert set(found.proofs) <= set(MARKS)
    assert all(map(math.isfinite, (found.answered, reader.began(path))))


def _notified(path: str, data: bytes, position: int) -> tuple[int, set[str]]:
    context = set()
    for stretch in reader.stretches_from(path, position):
        assert 0 <= stretch.position <= len(data)
        assert not stretch.position or data[stretch.position - 1 : stretch.position] == b"\n"
        assert stretch.title is None or all(isinstance(each, str) and each for each in stretch.title)
        position = stretch.position
        for each in stretch.edits:
            _recorded(each)
            context.add(repr(each))
    return position, context


def _recorded(each: RecordedEdit) -> None:
    typed(each._replace(edit=None))  # type: ignore[arg-type]
    assert each.edit.path
    assert all(min(hunk) >= 0 for hunk in each.edit.hunks)


def talk(data: bytes) -> None:
    """What happened is typed; what is kept of it is bounded, masked, and the same when it is read in two parts."""
    path = _file("talk.jsonl")
    _write(path, data)
    seen = glance.take(path)
    typed(seen)
    assert seen.status in STATES
    whole = extraction.read(Gathered(), [path])
    _bounded(whole)
    cut = data.find(b"\n", len(data) // 2) + 1
    _write(path, data[:cut])
    begun = extraction.read(Gathered(), [path])
    _write(path, data)
    kept = extraction.from_json(json.loads(json.dumps(begun.to_json())))
    assert kept.positions == begun.positions
    continued = extraction.read(kept, [path])
    for field in ("messages", "positions", "files", "planned"):
        one, other = (json.dumps(getattr(each, field)) for each in (whole, continued))
        assert one == other, f"{field} depends on when it was read"
    context = conversation.Reader()
    for line in data.split(b"\n"):
        for each in context.read(line):
            typed(each)
            if isinstance(each, Reply):
                assert isinstance(conversation.said(each)[1], str)


def _bounded(found: Gathered) -> None:
    subjects = [subject for subject, _ in found.tasks.values()]
    context = json.dumps(found.to_json() | {"calls": {}, "files": {}, "tasks": subjects}, ensure_ascii=False)
    assert TOKEN not in context, "a secret is kept"
    assert len(found.requests) <= extraction.MAX_REQUESTS
    assert len(found.runs) <= extraction.MAX_RUNS
    assert len(found.tasks) <= extraction.MAX_TASKS
    assert len(found.files) <= extraction.MAX_FILES
    texts = [
        found.title,
        found.first_request,
        found.plan,
        found.last_reply,
        found.trouble,
        *found.requests,
        *found.runs,
    ]
    for text in texts:
        assert isinstance(text, str)
        assert len(text) <= extraction.MAX_TEXT
        assert not text or text.isprintable()


def typed(record: Iterable[Any]) -> None:
    """Every field of a record is of the type that it is declared with."""
    wanted = _hints(type(record))
    for name, value in zip(wanted, record, strict=True):
        assert _is(value, wanted[name]), f"{type(record).__name__}.{name} is {value!r:.60}"


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind, localns=vars(typing))  # hooks do not load `typing`


def _is(value: object, wanted: Any) -> bool:
    if value is None:
        return True  # what may be missing is checked where it is used
    if isinstance(wanted, UnionType):
        return any(_is(value, each) for each in wanted.__args__ if each is not type(None))
    kind = get_origin(wanted) or wanted
    if kind is float:
        return isinstance(value, float | int) and math.isfinite(value)
    return isinstance(value, kind)


def _file(name: str) -> str:
    return os.path.join(os.environ["CLAUDE_CONFIG_DIR"], name)


def _write(path: str, data: bytes) -> None:
    Path(path).write_bytes(data)
