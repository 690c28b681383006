import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from context_sync.claude.hooks import payloads

KNOWN = {"session_id": "50faad76-6b36-4fd6-bb5d-9cb807b8ba7d"}
COMMON = KNOWN | {"transcript_path": "/home/dev/.claude/projects/p/s.jsonl", "cwd": "/home/dev/proj"}

# Recorded from Claude Code 2.1.328.
RECORDED = [
    pytest.param(
        {"hook_event_name": "SessionStart", "source": "startup"},
        {"name": "SessionStart", "source": "startup"},
        id="start",
    ),
    pytest.param(
        {
            "hook_event_name": "SessionStart",
            "source": "resume",
            "session_title": "My Title",
            "seconds_since_last_response": 4,
            "context_tokens": 20,
        },
        {"name": "SessionStart", "source": "resume", "title": "My Title"},
        id="a named session resumed",
    ),
    pytest.param(
        {"hook_event_name": "UserPromptSubmit", "prompt": "please edit calc", "permission_mode": "acceptEdits"},
        {"name": "UserPromptSubmit"},
        id="a prompt",
    ),
    pytest.param(
        {
            "hook_event_name": "PostToolUse",
            "tool_name": "Bash",
            "tool_input": {"command": "true"},
            "tool_response": {"stdout": "", "interrupted": False},
            "tool_use_id": "toolu_3_1",
            "duration_ms": 24,
        },
        {
            "name": "PostToolUse",
            "tool": "Bash",
            "tool_use": "toolu_3_1",
            "duration": 0.024,
            "tool_input": {"command": "true"},
            "tool_response": {"stdout": "", "interrupted": False},
        },
        id="a command",
    ),
    pytest.param(
        {"hook_event_name": "PostToolBatch", "agent_id": "ae8c61cb784cb356d", "agent_type": "general-purpose"},
        {"name": "PostToolBatch", "agent": "ae8c61cb784cb356d"},
        id="a batch of a subagent",
    ),
    pytest.param(
        {"hook_event_name": "SessionEnd", "reason": "prompt_input_exit"},
        {"name": "SessionEnd", "reason": "prompt_input_exit"},
        id="an end",
    ),
]
EMPTY = payloads.Event("", "", "", "", "", "", "", "", "", "", 0.0, {}, {})


@pytest.mark.parametrize(("fields", "read"), RECORDED)
def test_what_the_client_sends_is_read(fields: dict[str, Any], read: dict[str, Any]):
    event = payloads.read(fields["hook_event_name"], json.dumps(COMMON | fields).encode())
    expected = EMPTY._replace(
        session=COMMON["session_id"], transcript=COMMON["transcript_path"], cwd=COMMON["cwd"], **read
    )
    assert event == expected


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({}, id="missing"),
        pytest.param(dict.fromkeys(("cwd", "transcript_path", "tool_name", "tool_input", "duration_ms")), id="null"),
        pytest.param({"cwd": 5, "tool_name": ["Edit"], "tool_use_id": {}, "agent_id": True}, id="no texts"),
        pytest.param({"tool_input": "text", "tool_response": ["list"]}, id="no objects"),
        pytest.param({"duration_ms": "long"}, id="no number"),
    ],
)
def test_a_field_of_another_type_is_empty(fields: dict[str, Any]):
    event = payloads.read("Stop", json.dumps(KNOWN | fields).encode())
    assert event == EMPTY._replace(name="Stop", session=KNOWN["session_id"])


@pytest.mark.parametrize(
    ("session", "valid"),
    [
        pytest.param("50faad76-6b36-4fd6-bb5d-9cb807b8ba7d", True, id="a UUID"),
        pytest.param("A_z-09", True, id="every kind of letter"),
        pytest.param("x" * 128, True, id="as long as may be"),
        pytest.param("x" * 129, False, id="too long"),
        pytest.param("", False, id="empty"),
        pytest.param("..", False, id="the folder above"),
        pytest.param("a/b", False, id="a path"),
        pytest.param("a b", False, id="a space"),
        pytest.param("a\n", False, id="a line break"),
        pytest.param("ä", False, id="a letter beyond ASCII"),
        pytest.param("٣", False, id="a digit beyond ASCII"),
        pytest.param(7, False, id="a number"),
        pytest.param(None, False, id="null"),
        pytest.param(["a"], False, id="a list"),
    ],
)
def test_only_what_can_be_a_file_name_is_a_session(session: object, valid: bool):
    assert payloads.is_session_id(session) is valid
    assert (payloads.read("Stop", json.dumps({"session_id": session}).encode()) is not None) is valid


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe{", b"[" * 100_000, b'{"session_id":' * 20_000, b"1e999"]
)
def test_what_is_no_object_makes_no_sense(text: bytes):
    assert payloads.read("Stop", text) is None


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("plain", id="plain"),
        pytest.param('quo"tes \\ and \n lines', id="quotes and lines"),
        pytest.param("größe 🎉 \u2028", id="letters beyond ASCII"),
        pytest.param("\ud800", id="a lone surrogate"),
        pytest.param("\x1b[31m\x00", id="control characters"),
    ],
)
def test_an_answer_is_one_line_of_ascii_that_gives_the_text_back(text: str):
    for answer, field in ((payloads.context("Stop", text), "additionalContext"), (payloads.denial(text), None)):
        assert answer.isascii()
        assert answer.count(b"\n") == 1
        output = json.loads(answer)["hookSpecificOutput"]
        assert output[field or "permissionDecisionReason"] == text
    assert output["permissionDecision"] == "deny"
    assert output["hookEventName"] == "PreToolUse"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)
NAMES = [
    "session_id",
    "transcript_path",
    "cwd",
    "source",
    "reason",
    "session_title",
    "tool_name",
    "tool_use_id",
    "agent_id",
    "duration_ms",
    "tool_input",
    "tool_response",
]


@given(st.dictionaries(st.sampled_from(NAMES), JSON), st.booleans())
def test_any_object_is_read_or_refused(fields: dict[str, Any], known: bool):
    event = payloads.read("Stop", json.dumps(fields | (KNOWN if known else {})).encode())
    assert (event is not None) is (known or payloads.is_session_id(fields.get("session_id")))
    if event:
        assert [type(value) for value in event] == [type(value) for value in EMPTY]


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(text: bytes):
    assert payloads.read("Stop", text) is None


@pytest.mark.parametrize("path", ["/a\0b", "\ud800", "/home/\udfff"], ids=["a NUL", "half a letter", "the other half"])
def test_what_no_path_can_be_is_none(path: str):
    event = payloads.read("Stop", json.dumps(KNOWN | {"transcript_path": path, "cwd": path}).encode())
    assert event
    assert (event.transcript, event.cwd) == ("", "")
