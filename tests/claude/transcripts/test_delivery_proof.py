import json
from pathlib import Path

import pytest

from context_sync.claude.transcripts import delivery_proof
from context_sync.claude.transcripts.delivery_proof import DeliveryProof, Evidence

MARK = "Message 4kq7zt2xwh from "
TEXT = f"context-sync: a message for this session.\n{MARK}session x"


def at(second: int) -> str:
    return f"2026-11-20T09:00:{second:02}.000Z"


def moment(second: int) -> float:
    return delivery_proof.reader.seconds(at(second))


def context(second: int, content: object, kind: str = "hook_additional_context", **fields: object) -> dict[str, object]:
    return {
        "isSidechain": False,
        "attachment": {"type": kind, "content": content, "hookEvent": "UserPromptSubmit"},
        "type": "attachment",
        "timestamp": at(second),
        **fields,
    }


def result(second: int, content: object) -> dict[str, object]:
    block = {"tool_use_id": "toolu_1", "type": "tool_result", "content": content}
    return {"type": "user", "message": {"role": "user", "content": [block]}, "timestamp": at(second)}


def answer(second: int, **fields: object) -> dict[str, object]:
    return {"type": "assistant", "message": {"role": "assistant", "content": []}, "timestamp": at(second), **fields}


def write(path: Path, *records: dict[str, object]) -> Path:
    path.write_text("".join(json.dumps(record, separators=(",", ":")) + "\n" for record in records))
    return path


@pytest.mark.parametrize(
    ("records", "proof"),
    [
        pytest.param([context(1, [TEXT])], DeliveryProof(moment(1), 0.0), id="given"),
        pytest.param(
            [context(1, TEXT), answer(2), answer(3)], DeliveryProof(moment(1), moment(2)), id="given and answered"
        ),
        pytest.param([answer(1), context(2, [TEXT])], DeliveryProof(moment(2), 0.0), id="given after an answer"),
        pytest.param(
            [context(1, ["first"]), context(2, ["x", TEXT])], DeliveryProof(moment(2), 0.0), id="a second context"
        ),
        pytest.param([result(1, TEXT)], DeliveryProof(moment(1), 0.0), id="printed by a command"),
        pytest.param(
            [result(1, [{"type": "text", "text": TEXT}])], DeliveryProof(moment(1), 0.0), id="printed, in parts"
        ),
        pytest.param([context(1, [TEXT]), context(2, [TEXT])], DeliveryProof(moment(1), 0.0), id="given twice"),
        pytest.param([context(1, TEXT, kind="hook_success")], None, id="only printed by the hook"),
        pytest.param([context(1, [TEXT], isSidechain=True)], None, id="given to a subagent"),
        pytest.param([context(1, ["> " + MARK])], None, id="quoted in another message"),
        pytest.param([answer(1)], None, id="not there"),
        pytest.param([{"type": "user", "message": {"content": TEXT}}], None, id="in a prompt"),
    ],
)
def test_what_proves_that_the_model_was_given_a_text(tmp_path: Path, records: list, proof: DeliveryProof | None):
    found = delivery_proof.since(str(write(tmp_path / "t.jsonl", *records)), 0, {MARK})

    assert found.proofs == ({MARK: proof} if proof else {})
    assert found.exists


def test_only_what_comes_after_the_position_counts(tmp_path: Path):
    file = write(tmp_path / "t.jsonl", context(1, [TEXT]), answer(2))

    assert delivery_proof.since(str(file), file.stat().st_size, {MARK}) == Evidence({}, 0.0, exists=True)
    assert delivery_proof.since(str(file), 10, {MARK}) == Evidence({}, moment(2), exists=True)


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(b'{"type":"assistant","timestamp":7', id="cut"),
        pytest.param(b'["hook_additional_context"]\n', id="no object"),
        pytest.param(b'{"type":"attachment","attachment":{"type":"hook_additional_context"}}\n', id="no content"),
        pytest.param(b'{"type":"user","message":{"content":["tool_result",{"type":"tool_result"}]}}\n', id="no blocks"),
        pytest.param(b'"hook_additional_context"' + b"[" * 100_000 + b"\n", id="nesting without end"),
    ],
)
def test_lines_that_make_no_sense_prove_nothing(tmp_path: Path, line: bytes):
    file = tmp_path / "t.jsonl"
    file.write_bytes(line)

    assert delivery_proof.since(str(file), 0, {MARK}).proofs == {}


def test_without_a_transcript_there_is_no_proof(tmp_path: Path):
    assert delivery_proof.since(str(tmp_path / "none"), 0, {MARK}) == Evidence({}, 0.0, exists=False)
