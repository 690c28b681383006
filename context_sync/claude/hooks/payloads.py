"""Payloads: what Claude Code sends to a hook, and what a hook may answer."""

from __future__ import annotations

import os

from context_sync.domain.records import is_session_id
from context_sync.hotpath import json_codec
from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any

EDITING_TOOLS = ("Edit", "Write", "MultiEdit", "NotebookEdit")


class Event(NamedTuple):
    """One hook event; a field that Claude Code did not send, or sent in another type, is empty.

    `source` is why a session started, `reason` why it ended. `agent` is the id of the subagent it happened in,
    `duration` how long the tool ran, in seconds. `continued` says of the end of a turn that the turn went on past an
    end, or began by waking the session.
    """

    name: str
    session: str
    transcript: str
    cwd: str
    source: str
    reason: str
    title: str
    tool: str
    tool_use: str
    agent: str
    duration: float
    tool_input: dict[str, Any]
    tool_response: dict[str, Any]
    continued: bool = False


def read(name: str, text: bytes) -> Event | None:
    """Return the event that the hook `name` was given on its standard input, or None when it makes no sense.

    The id of the session becomes a file name, so one that is not made of letters, digits, `_` and `-` is refused.
    """
    try:
        value = json_codec.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict) or not is_session_id(value.get("session_id")):
        return None
    return Event(
        name=name,
        session=value["session_id"],
        transcript=_path(value, "transcript_path"),
        cwd=_path(value, "cwd"),
        source=_text(value, "source"),
        reason=_text(value, "reason"),
        title=_text(value, "session_title"),
        tool=_text(value, "tool_name"),
        tool_use=_text(value, "tool_use_id"),
        agent=_text(value, "agent_id"),
        duration=_milliseconds(value, "duration_ms") / 1000,
        tool_input=_object(value, "tool_input"),
        tool_response=_object(value, "tool_response"),
        continued=value.get("stop_hook_active") is True,
    )


def context(event_name: str, text: str) -> bytes:
    """Return the answer that adds `text` to what the model reads."""
    return _answer({"hookEventName": event_name, "additionalContext": text})


def denial(reason: str) -> bytes:
    """Return the answer that keeps a tool from running; the model reads `reason` as the tool's error."""
    return _answer({"hookEventName": "PreToolUse", "permissionDecision": "deny", "permissionDecisionReason": reason})


def _answer(output: dict[str, str]) -> bytes:
    return json_codec.dumps({"hookSpecificOutput": output}) + b"\n"


def _text(value: dict[str, Any], name: str) -> str:
    found = value.get(name)
    return found if isinstance(found, str) else ""


def _path(value: dict[str, Any], name: str) -> str:
    """Return a text that can be the path of something, "" for any other: none has a NUL or half of a letter in it."""
    found = _text(value, name)
    try:
        return "" if b"\0" in os.fsencode(found) else found
    except UnicodeEncodeError:
        return ""


def _milliseconds(value: dict[str, Any], name: str) -> float:
    found = value.get(name)
    return float(found) if isinstance(found, int | float) and 0 <= found < 1e9 else 0.0


def _object(value: dict[str, Any], name: str) -> dict[str, Any]:
    found = value.get(name)
    return found if isinstance(found, dict) else {}
