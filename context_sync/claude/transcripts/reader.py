"""Reading of transcripts: JSON Lines that grow while they are read, and are mostly irrelevant."""

from __future__ import annotations

import os

from context_sync.claude.hooks import edits
from context_sync.claude.hooks.edits import RecordedEdit as RecordedEdit
from context_sync.claude.hooks.payloads import EDITING_TOOLS
from context_sync.hotpath import json_codec, regular_files
from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from typing import Any
else:
    from _datetime import datetime  # `datetime` itself takes 2 ms

CHUNK = 1 << 20  # bytes read at a time
SIDECHAIN_WITHIN = 200  # bytes of a line in which a record of a subagent says so
MAX_LINE = 64 << 20  # bytes; a longer line is skipped
BATCH = 8  # edits yielded at once, so that the work on them is not lost when a hook's time limit passes
TITLES = {"custom-title": ("customTitle", "title"), "ai-title": ("aiTitle", "summary")}


class Stretch(NamedTuple):
    """What a part of a transcript contains: the edits, the last title and its origin (see `title`).

    `position` is the byte position from which to read on.
    """

    position: int
    title: tuple[str, str] | None
    edits: list[RecordedEdit]


def all_of(main: str) -> list[str]:
    """Return the existing ones of a session's main transcript and, after it, those of its subagents; none for ""."""
    if not main:
        return []
    folder = os.path.join(main.removesuffix(".jsonl"), "subagents")
    agents = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    found = [main, *(os.path.join(folder, name) for name in agents if name.endswith(".jsonl"))]
    return [path for path in found if os.path.isfile(path)]


def stretches_from(path: str, position: int) -> Iterator[Stretch]:
    """Yield what the complete lines after the byte `position` contain, about `BATCH` edits at a time.

    The transcript of a subagent has no structured results (2.1.328): there an edit is a call that was answered
    without an error, and the position stays before calls that have no answer yet. Yields nothing for what cannot be
    read.
    """
    found: list[RecordedEdit] = []
    named: tuple[str, str] | None = None
    asked: dict[str, tuple[int, RecordedEdit]] = {}
    end = position
    for end, line in _as_far_as_readable(lines_from(path, position)):
        named = title(line) or named
        found += _edits(line, end - len(line), asked)
        if len(found) >= BATCH:
            yield Stretch(_open_from(end, asked), named, found)
            found = []
    if end != position:
        yield Stretch(_open_from(end, asked), named, found)


def _as_far_as_readable(lines: Iterator[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
    try:
        yield from lines
    except OSError:
        return


def lines_from(path: str, position: int) -> Iterator[tuple[int, bytes]]:
    """Yield each complete line after the byte `position`, with the position after it; an incomplete last line is left.

    A transcript shorter than `position` was replaced and is read from its start. Raises OSError when it cannot be read.
    """
    with open(regular_files.opened(path), "rb", buffering=CHUNK) as stream:
        if os.fstat(stream.fileno()).st_size < position:
            position = 0
        stream.seek(position)
        within = False  # a line that is too long
        for line in iter(lambda: stream.readline(MAX_LINE), b""):
            position += len(line)
            if line.endswith(b"\n"):
                if not within:
                    yield position, line
                within = False
            elif len(line) < MAX_LINE:
                return  # it is being written: what comes next would be taken for a line
            else:
                within = True


def began(path: str) -> float:
    """Return the time of the first record that has one, in seconds since the epoch, 0 when there is none."""
    try:
        for _, line in lines_from(path, 0):
            at = seconds(record_of(line).get("timestamp")) if b'"timestamp"' in line else 0.0
            if at:
                return at
    except OSError:
        pass
    return 0.0


def recorded_edit(line: bytes) -> RecordedEdit | None:
    """Return the edit recorded in a transcript line, or None; lines without a tool's result are not decoded."""
    if b'"toolUseResult":{' not in line:
        return None
    record = record_of(line)
    response = record.get("toolUseResult")
    if record.get("type") != "user" or not isinstance(response, dict) or not _is_edit(response):
        return None
    edit = edits.read({}, response)
    if edit is None:
        return None
    return RecordedEdit(
        at=seconds(record.get("timestamp")),
        tool=_tool(response),
        tool_use=_tool_use(record),
        agent=_agent(record),
        edit=edit,
    )


def title(line: bytes) -> tuple[str, str] | None:
    """Return the session's title and its origin (see `Session.named_by`), None when this line has none."""
    return title_of(record_of(line)) if b'-title"' in line[:200] else None


def title_of(record: dict[str, Any]) -> tuple[str, str] | None:
    """Return the title in a decoded record, as `title` does."""
    field, named_by = TITLES.get(str(record.get("type")), ("", ""))
    found = record.get(field)
    return (found, named_by) if isinstance(found, str) and found else None


def seconds(timestamp: object) -> float:
    """Return an ISO 8601 time (`2026-11-20T07:56:26.827Z`) in seconds since the epoch, 0 if it is invalid."""
    try:
        return datetime.fromisoformat(str(timestamp)).timestamp()
    except (ValueError, OverflowError):
        return 0.0


def record_of(line: bytes) -> dict[str, Any]:
    """Return the record in a line, empty when there is none."""
    try:
        record = json_codec.loads(line)
    except (ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}


def _tool(response: dict[str, Any]) -> str:
    if "notebook_path" in response:
        return "NotebookEdit"
    if "edits" in response:
        return "MultiEdit"
    return "Write" if "content" in response else "Edit"


def _is_edit(response: dict[str, Any]) -> bool:
    return any(name in response for name in ("structuredPatch", "notebook_path", "originalFileContents"))


def _edits(line: bytes, start: int, asked: dict[str, tuple[int, RecordedEdit]]) -> list[RecordedEdit]:
    """Return the edits that a line confirms; add those that it requests to `asked`, by tool use, with the position."""
    edit = recorded_edit(line)
    if edit:
        asked.pop(edit.tool_use, None)
        return [edit]
    if b'"isSidechain":true' not in line[:SIDECHAIN_WITHIN] or b'"tool_use' not in line:
        return []
    record = record_of(line)
    proven = []
    for block in _blocks(record):
        used = block.get("tool_use_id")
        if block.get("type") == "tool_use" and block.get("name") in EDITING_TOOLS:
            wanted = _asked_edit(record, block)
            if wanted:
                asked[wanted.tool_use] = start, wanted
        elif isinstance(used, str) and used in asked:
            _, made = asked.pop(used)
            proven += [] if block.get("is_error") else [made]
    return proven


def _asked_edit(record: dict[str, Any], block: dict[str, Any]) -> RecordedEdit | None:
    tool_input, used = block.get("input"), block.get("id")
    edit = edits.read(tool_input, {}) if isinstance(tool_input, dict) else None
    if edit is None or not isinstance(used, str):
        return None
    return RecordedEdit(seconds(record.get("timestamp")), str(block["name"]), used, _agent(record), edit)


def _open_from(end: int, asked: dict[str, tuple[int, RecordedEdit]]) -> int:
    return min([end, *(start for start, _ in asked.values())])


def _agent(record: dict[str, Any]) -> str:
    agent = record.get("agentId")
    return agent if isinstance(agent, str) else ""


def _tool_use(record: dict[str, Any]) -> str:
    used = [block["tool_use_id"] for block in _blocks(record) if isinstance(block.get("tool_use_id"), str)]
    return str(used[0]) if used else ""


def _blocks(record: dict[str, Any]) -> list[dict[str, Any]]:
    message = record.get("message")
    content = message.get("content") if isinstance(message, dict) else None
    return [block for block in content if isinstance(block, dict)] if isinstance(content, list) else []
