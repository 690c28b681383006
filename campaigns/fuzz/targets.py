"""The table of fuzz targets: what checks an input, its share of the inputs, and its dictionary."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from campaigns.fuzz import readers, stores
from campaigns.fuzz.findings import Where

CORPUS = Path(__file__).parent / "corpus"


class Target(NamedTuple):
    """Something that is fuzzed; `check` raises when what must hold of an input does not.

    `known` are the places of violations that were found and are not mended yet: they are shown apart.
    """

    check: Callable[[bytes], None]
    share: int
    words: tuple[str, ...]
    known: frozenset[Where] = frozenset()


_RESULT = ("filePath", "file_path", "notebook_path", "originalFile", "original_file", "updated_file", "structuredPatch")
_EDIT = (
    "oldStart",
    "newStart",
    "lines",
    "old_string",
    "new_string",
    "edits",
    "replace_all",
    "content",
    "type",
    "create",
)
_EVENT = ("session_id", "cwd", "session_title", "tool_input", "tool_response", "duration_ms", "agent_id", "cell_id")
_RECORD = ("toolUseResult", "timestamp", "isSidechain", "agentId", "tool_use_id", "tool_use", "tool_result", "is_error")
_TITLE = ("custom-title", "customTitle", "ai-title", "aiTitle", "attachment", "hook_additional_context", "message")
_TALK = ("origin", "kind", "isMeta", "isCompactSummary", "queued_command", "commandMode", "prompt", "last-prompt")
_TOOLS = ("Edit", "Write", "Bash", "AskUserQuestion", "ExitPlanMode", "TodoWrite", "TaskCreate", "TaskUpdate", "Agent")
_DONE = ("answers", "questions", "newTodos", "status", "statusChange", "plan", "text", "name", "id", "input", "model")
_TOUCH = (
    "at",
    "tool",
    "path",
    "worktree",
    "symbols",
    "start",
    "end",
    "settled",
    "resolved",
    "tool_use",
    "repository",
    "event",
    "touches",
    "committed",
    "restored",
    "attribution",
)
_ALERT = (
    "theirs",
    "theirs_at",
    "place",
    "level",
    "merge",
    "symbol",
    "paths",
    "pid",
    "pid_start",
    "ended",
    "transcript",
)
_MAIL = ("id", "at", "sender", "sender_name", "to", "to_name", "text", "reply_to", "urgent", "injected", "position")
_HOOKS = ("hooks", "Stop", "PreToolUse", "matcher", "command", "type", ": context-sync;", "permissions")
_CONFIG = (
    "guard",
    "wake",
    "summary",
    "deny-once",
    "keep_days",
    "[",
    "]",
    "=",
    "'''",
    '"""',
    "1979-05-27",
    "summary_model",
)
_SECRET = ("password=", "-----BEGIN PRIVATE KEY-----", "Bearer ", "sk-", "://a:b@", "token: ", "ghp_", "A1b2" * 10)

TARGETS = {
    "json": Target(readers.json_text, 20, _EVENT),
    "payloads": Target(readers.payload, 20, (*_EVENT, *_RESULT, *_EDIT)),
    "transcripts": Target(readers.transcript, 12, (*_RECORD, *_RESULT, *_EDIT, *_TITLE, *_TOOLS)),
    "talks": Target(readers.talk, 10, (*_RECORD, *_TALK, *_TOOLS, *_DONE, *_TITLE)),
    "touches": Target(stores.touch_file, 8, _TOUCH),
    "state": Target(stores.other_state, 5, _ALERT),
    "letters": Target(stores.letter, 10, _MAIL),
    "settings": Target(stores.settings_file, 5, _HOOKS),
    "config": Target(stores.configuration, 5, _CONFIG),
    "texts": Target(stores.text, 10, _SECRET),
}


def corpus(name: str) -> list[bytes]:
    """Return the inputs that are kept for a target, in the order of their names."""
    return [file.read_bytes() for file in sorted((CORPUS / name).iterdir())]
