"""The wire form of one scripted answer of the Messages API."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

Block = dict[str, Any]


def text(words: str) -> Block:
    """Return a block in which the model says `words`."""
    return {"type": "text", "text": words}


def tool(name: str, /, **arguments: Any) -> Block:
    """Return a block in which the model calls the tool `name`; its id is given when it is sent."""
    return {"type": "tool_use", "name": name, "input": arguments}


def message(number: int, model: str, blocks: Sequence[Block]) -> dict[str, Any]:
    """Return the answer as a request without `stream` gets it; tool ids are `toolu_<number>_<index>`."""
    content = [
        {"type": "tool_use", "id": f"toolu_{number}_{index}", **block} if block["type"] == "tool_use" else block
        for index, block in enumerate(blocks)
    ]
    return {
        "id": f"msg_{number}",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": content,
        "stop_reason": "tool_use" if any(block["type"] == "tool_use" for block in blocks) else "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 10, "output_tokens": 10},
    }


def server_sent_events(answer: dict[str, Any]) -> bytes:
    """Return `answer` as the event stream that a request with `stream` gets."""
    return b"".join(_encode(event) for event in _events(answer))


def _events(answer: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield {"type": "message_start", "message": {**answer, "content": [], "stop_reason": None}}
    for index, block in enumerate(answer["content"]):
        empty, delta = _opened(block)
        yield {"type": "content_block_start", "index": index, "content_block": empty}
        yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    end = {"stop_reason": answer["stop_reason"], "stop_sequence": None}
    yield {"type": "message_delta", "delta": end, "usage": {"output_tokens": 10}}
    yield {"type": "message_stop"}


def _opened(block: Block) -> tuple[Block, dict[str, str]]:
    if block["type"] == "tool_use":
        arguments = json.dumps(block["input"])
        return {**block, "input": {}}, {"type": "input_json_delta", "partial_json": arguments}
    return {**block, "text": ""}, {"type": "text_delta", "text": block["text"]}


def _encode(event: dict[str, Any]) -> bytes:
    return f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()
