"""Owns how a session's transcript is read: JSON Lines, appended while it is read, mostly of no interest."""

import json
import os
from collections.abc import Iterator
from typing import Any, NamedTuple

from context_sync.claude import edits
from context_sync.claude.edits import FileEdit

CHUNK = 1 << 18  # bytes read at a time: what the second cache holds
LONGEST_LINE = 64 << 20  # bytes; a longer line is passed over
TITLES = {"custom-title": ("customTitle", "title"), "ai-title": ("aiTitle", "summary")}


class RecordedEdit(NamedTuple):
    """An edit as a hook or the transcript tells it: when (seconds since the epoch), by which tool and tool use."""

    at: float
    tool: str
    tool_use: str
    agent: str
    edit: FileEdit


def lines_from(path: str, position: int) -> Iterator[tuple[int, bytes]]:
    """Yield each whole line after the byte `position`, with the position behind it; a cut last line is left.

    A transcript shorter than `position` was replaced and is read from its start.
    """
    with open(path, "rb", buffering=CHUNK) as stream:
        if os.fstat(stream.fileno()).st_size < position:
            position = 0
        stream.seek(position)
        within = False  # a line that is too long
        while line := stream.readline(LONGEST_LINE):
            position += len(line)
            ended = line.endswith(b"\n")
            if ended and not within:
                yield position, line
            within = not ended


def began(path: str) -> float:
    """Return the time of the first record that has one, in seconds since the epoch, 0 when there is none."""
    try:
        for _, line in lines_from(path, 0):
            at = seconds(_decode(line).get("timestamp")) if b'"timestamp"' in line else 0.0
            if at:
                return at
    except OSError:
        pass
    return 0.0


def recorded_edit(line: bytes) -> RecordedEdit | None:
    """Return the edit that a transcript line records, or None; lines without a tool's result are not decoded."""
    if b'"toolUseResult":{' not in line:
        return None
    record = _decode(line)
    response = record.get("toolUseResult")
    if record.get("type") != "user" or not isinstance(response, dict) or not _is_edit(response):
        return None
    edit = edits.read({}, response)
    if edit is None:
        return None
    agent = record.get("agentId")
    return RecordedEdit(
        at=seconds(record.get("timestamp")),
        tool=_tool(response),
        tool_use=_tool_use(record),
        agent=agent if isinstance(agent, str) else "",
        edit=edit,
    )


def title(line: bytes) -> tuple[str, str] | None:
    """Return the session's title and who gave it (see `Session.named_by`) when this line tells them."""
    return title_of(_decode(line)) if b'-title"' in line[:200] else None


def title_of(record: dict[str, Any]) -> tuple[str, str] | None:
    """Return the title that a decoded record tells, as `title` does."""
    field, named_by = TITLES.get(str(record.get("type")), ("", ""))
    found = record.get(field)
    return (found, named_by) if isinstance(found, str) and found else None


def seconds(timestamp: object) -> float:
    """Return an ISO 8601 time of the client (`2026-11-20T07:56:26.827Z`) in seconds since the epoch, else 0."""
    from datetime import datetime  # 2 ms

    try:
        return datetime.fromisoformat(str(timestamp)).timestamp()
    except ValueError:
        return 0.0


def _tool(response: dict[str, Any]) -> str:
    if "notebook_path" in response:
        return "NotebookEdit"
    if "edits" in response:
        return "MultiEdit"
    return "Write" if "content" in response else "Edit"


def _is_edit(response: dict[str, Any]) -> bool:
    return "structuredPatch" in response or "notebook_path" in response


def _tool_use(record: dict[str, Any]) -> str:
    message = record.get("message")
    content = message.get("content") if isinstance(message, dict) else None
    for block in content if isinstance(content, list) else []:
        if isinstance(block, dict) and isinstance(block.get("tool_use_id"), str):
            return str(block["tool_use_id"])
    return ""


def _decode(line: bytes) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}
