"""Delivery proof: which texts of hooks and tools the model was given, and when it answered, by the transcript."""

from __future__ import annotations

from context_sync.claude.transcripts import reader
from context_sync.hotpath import json_codec
from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from typing import Any

# Contained in the lines that matter, so that the others need not be decoded.
GIVEN = (b'"hook_additional_context"', b'"tool_result"')
ANSWER = b'"type":"assistant"'


class DeliveryProof(NamedTuple):
    """When the model was given a text, and when it next answered, 0 if not yet; in seconds since the epoch."""

    given: float
    answered: float


class Evidence(NamedTuple):
    """What a transcript shows from some position on: the proof for each mark, and the last answer, 0 without one.

    `exists` is False when there is no transcript: Claude Code can be set not to keep any.
    """

    proofs: dict[str, DeliveryProof]
    answered: float
    exists: bool


def since(path: str, position: int, marks: Collection[str]) -> Evidence:
    """Return what the transcript shows after the byte `position` about texts with a line that begins with a mark.

    A context is recorded as an attachment once Claude Code has accepted it (seen in 2.1.328); that the hook printed
    it is recorded in any case and proves nothing. What a subagent was given does not count.
    """
    proofs: dict[str, DeliveryProof] = {}
    last = 0.0
    try:
        for _, line in reader.lines_from(path, position):
            record = _record(line)
            at = reader.seconds(record.get("timestamp")) if record else 0.0
            if record.get("type") == "assistant":
                last = at
                proofs = {
                    mark: each if each.answered else DeliveryProof(each.given, at) for mark, each in proofs.items()
                }
            for text in _texts(record):
                found = [mark for mark in marks if mark not in proofs and _has(text, mark)]
                proofs |= dict.fromkeys(found, DeliveryProof(at, 0.0))
    except OSError:
        return Evidence({}, 0.0, exists=False)
    return Evidence(proofs, last, exists=True)


def _record(line: bytes) -> dict[str, Any]:
    if ANSWER not in line and not any(each in line for each in GIVEN):
        return {}
    try:
        record = json_codec.loads(line)
    except (ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) and not record.get("isSidechain") else {}


def _texts(record: dict[str, Any]) -> Iterator[str]:
    match record:
        case {"type": "attachment", "attachment": {"type": "hook_additional_context", "content": content}}:
            yield from _strings(content)
        case {"type": "user", "message": {"content": list(blocks)}}:
            for block in blocks:
                if isinstance(block, dict) and block.get("type") == "tool_result":
                    yield from _strings(block.get("content"))


def _strings(content: object) -> Iterator[str]:
    for part in [content] if isinstance(content, str) else content if isinstance(content, list) else []:
        found = part.get("text") if isinstance(part, dict) else part
        if isinstance(found, str):
            yield found


def _has(text: str, mark: str) -> bool:
    # At the beginning of a line, or of a value in the JSON that an MCP tool or a command returned.
    return text.startswith(mark) or "\n" + mark in text or f'":"{mark}' in text or f'": "{mark}' in text
