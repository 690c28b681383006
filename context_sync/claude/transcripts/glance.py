"""A glance at a transcript: its beginning and end show what a session works on, and whether it is working.

Used in hooks: it imports nothing that they have not imported already.
"""

import os
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from context_sync.claude.transcripts import reader, user_prompts
from context_sync.hotpath import regular_files

HEAD = 256 << 10  # bytes at the beginning, including Claude Code's snapshots of its state
TAIL = 128 << 10  # bytes at the end
LAST_PROMPT = b'{"type":"last-prompt"'

# What a session does: `asks` is a question or a plan that waits for the user, `idle` any other end of a turn.
STATUSES = ("working", "asks", "idle", "failed", "unknown")
ASKING = ("AskUserQuestion", "ExitPlanMode")


class Glance(NamedTuple):
    """What the beginning and the end of a transcript show; "" for what they do not.

    `status` is one of `STATUSES`, `first` and `latest` are requests of the user, `title` is the latest title.
    """

    status: str
    first: str
    latest: str
    title: str
    cwd: str
    branch: str
    began: float


NOTHING = Glance("unknown", "", "", "", "", "", 0.0)


def take(path: str) -> Glance:
    """Return what a transcript shows at a glance, `NOTHING` when it cannot be read."""
    try:
        with open(regular_files.opened(path), "rb") as stream:
            head = stream.read(HEAD)
            size = os.fstat(stream.fileno()).st_size
            stream.seek(max(0, size - TAIL))
            tail = stream.read(TAIL)
    except OSError:
        return NOTHING
    begun, ended = head[: head.rfind(b"\n") + 1].split(b"\n"), tail[: tail.rfind(b"\n") + 1].split(b"\n")
    first = next(_of_conversation(begun), {})
    latest = _latest(ended)
    return Glance(
        status=next(filter(None, map(_status, _of_conversation(reversed(ended)))), "unknown"),
        first=next(filter(None, map(_request, _of_conversation(begun))), ""),
        latest=latest,
        title=next(filter(None, map(_title, [*reversed(ended), *begun])), ""),
        cwd=str(first.get("cwd") or ""),
        branch=str(first.get("gitBranch") or ""),
        began=reader.seconds(first.get("timestamp")),
    )


def last_title(path: str) -> tuple[str, str] | None:
    """Return the last title near the end of a transcript and its origin, as `reader.title` does."""
    try:
        with open(regular_files.opened(path), "rb") as stream:
            stream.seek(max(0, os.fstat(stream.fileno()).st_size - TAIL))
            lines = stream.read(TAIL).split(b"\n")
    except OSError:
        return None
    return next(filter(None, map(reader.title, reversed(lines[:-1]))), None)


def _latest(lines: list[bytes]) -> str:
    for line in reversed(lines):
        if line.startswith(LAST_PROMPT):
            return user_prompts.request(str(reader.record_of(line).get("lastPrompt") or ""))
    return next(filter(None, map(_request, _of_conversation(reversed(lines)))), "")


def _of_conversation(lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    for line in lines:
        if b'"role":"user"' in line or b'"role":"assistant"' in line:
            record = reader.record_of(line)
            if record.get("type") in ("user", "assistant") and isinstance(record.get("message"), dict):
                yield record


def _request(record: dict[str, Any]) -> str:
    if record["type"] != "user" or record.get("isMeta") or record.get("isCompactSummary"):
        return ""
    return user_prompts.request(_text(record)) if user_prompts.is_from_user(record) else ""


def _status(record: dict[str, Any]) -> str:
    """Return what a session does whose last record is this one, "" when the record does not show it."""
    if record["type"] == "user":
        return _status_after(record)
    if record.get("isApiErrorMessage"):
        return "failed"
    tools = [block.get("name") for block in _blocks(record) if block.get("type") == "tool_use"]
    if any(tool in ASKING for tool in tools):
        return "asks"
    return "idle" if record["message"].get("stop_reason") in ("end_turn", "stop_sequence", "refusal") else "working"


def _status_after(record: dict[str, Any]) -> str:
    text = _text(record)
    if "[Request interrupted by user" in text:
        return "idle"
    has_result = any(block["type"] == "tool_result" for block in _blocks(record))
    return "working" if has_result or user_prompts.request(text) or text.startswith("<task-notification>") else ""


def _title(line: bytes) -> str:
    found = reader.title(line)
    return found[0] if found else ""


def _text(record: dict[str, Any]) -> str:
    return user_prompts.text_of([block for block in _blocks(record) if isinstance(block.get("text"), str)])


def _blocks(record: dict[str, Any]) -> list[dict[str, Any]]:
    content = record["message"].get("content")
    found = user_prompts.blocks_of(content) if isinstance(content, str | list) else []
    return [block for block in found if isinstance(block, dict) and isinstance(block.get("type"), str)]
