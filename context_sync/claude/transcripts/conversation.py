"""Owns what a transcript tells of the conversation: requests, replies, decisions, commands and edits, in their order.

Most lines are snapshots, request records and results that nobody asks for: they are passed over undecoded.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, get_type_hints

import orjson

from context_sync.claude.hooks import edits
from context_sync.claude.hooks.payloads import EDITING_TOOLS
from context_sync.claude.transcripts import reader, user_prompts
from context_sync.claude.transcripts.activity import (
    Answer,
    Call,
    Change,
    Command,
    Compaction,
    Happening,
    Plan,
    Prompt,
    Reply,
    Task,
    TaskList,
    Title,
    Trouble,
)

LARGEST = 16 << 20  # bytes; a longer line is passed over
HEAD = 400  # bytes, in which a record says what it is
TAIL = 800  # bytes, in which it says how it came about
RECORD = b'{"type":"'  # begins those of the client's own records that are no part of the conversation
KEPT = (b'{"type":"user"', b'{"type":"assistant"', b'{"type":"custom-title"', b'{"type":"ai-title"')
TOLD_BY_RESULT = frozenset({*EDITING_TOOLS, "TodoWrite", "TaskCreate", "TaskUpdate"})
TOLD_BY_BOTH = frozenset({"AskUserQuestion", "ExitPlanMode", "Bash"})

_EXIT = re.compile(r"(?:Error: )?Exit code (\d+)\n?")
_KINDS = {
    kind: tuple(float | int if each is float else each for each in get_type_hints(kind).values())
    for kind in (Prompt, Trouble, Answer, Plan, Task, Command, Change, Compaction, Title)
}
_REFUSAL = "the user said:\n"


class Reader:
    """Reads one transcript, line by line; `calls` are the tools that were at work where it was left."""

    def __init__(self, calls: Iterable[Call] = ()) -> None:
        self._calls = {call.id: call for call in calls}

    @property
    def calls(self) -> list[Call]:
        """The tools that have no result yet, oldest first."""
        return list(self._calls.values())

    def read(self, line: bytes) -> Sequence[Happening]:
        """Return what a line tells; a line that is broken or of no interest tells nothing."""
        if line.startswith(RECORD) and not line.startswith(KEPT):
            return ()
        head = line[:HEAD]
        if b'"attachment":{' in head and b'"type":"queued_command"' not in head:
            return ()
        try:
            told = self._told_by(line, head) if len(line) <= LARGEST else ()
            return told if all(map(_is_sound, told)) else ()
        except (ValueError, AttributeError, LookupError, TypeError):
            return ()  # a record of another shape than any known

    def _told_by(self, line: bytes, head: bytes) -> Sequence[Happening]:
        """Return what a line tells, decoded only if it tells something; where it can, its head alone decides."""
        if b'"content":[{"type":"text"' in head and b'"role":"assistant"' in head:
            is_plain = b'"model":"<synthetic>"' not in head and b'"type":"tool_use"' not in line
            return (Reply(line),) if is_plain else self._happenings(orjson.loads(line), line)
        call = head.find(b'"content":[{"type":"tool_use"')
        if call >= 0:
            return self._call(line, call, is_aside=b'"isSidechain":true' in head)
        result = line.find(b'"tool_use_id":"')
        if result >= 0:  # a record has the result of one tool
            ended = self._calls.pop(_string_at(line, result + 15), None)
            return _ended(ended, orjson.loads(line)) if ended else ()
        if b'"content":[{"type":"thinking"' in head and b'"type":"text"' not in line:
            return ()
        return self._happenings(orjson.loads(line), line)

    def _call(self, line: bytes, start: int, *, is_aside: bool) -> Sequence[Happening]:
        tool = _string_at(line, line.index(b'"name":"', start) + 8)
        # The results of a subagent's tools tell nothing (2.1.328). Old clients wrote several calls together, new ones
        # number them behind the message.
        is_one = b'"apiBlockIndex":' in line[-TAIL:] or b'},{"type":"tool_use"' not in line
        if tool in TOLD_BY_BOTH or (tool in TOLD_BY_RESULT and is_aside) or not is_one:
            return self._happenings(orjson.loads(line), line)
        if tool in TOLD_BY_RESULT:
            call = _string_at(line, line.index(b'"id":"', start) + 6)
            self._calls[call] = Call(call, tool)
        return ()

    def _happenings(self, record: dict[str, Any], line: bytes) -> Sequence[Happening]:
        kind = record["type"]
        if kind == "assistant":
            return self._said(record, line)
        if kind == "user":
            return self._told(record)
        if kind == "attachment":
            attachment = record["attachment"]
            is_prompt = attachment.get("commandMode", "prompt") == "prompt" and user_prompts.is_persons(attachment)
            return _prompt(attachment["prompt"], _seconds(record)) if is_prompt else ()
        title = reader.title_of(record)
        return (Title(*title),) if title else ()

    def _said(self, record: dict[str, Any], line: bytes) -> Sequence[Happening]:
        content = record["message"]["content"]
        for block in user_prompts.blocks_of(content):
            if block["type"] == "tool_use" and block["name"] in TOLD_BY_BOTH | TOLD_BY_RESULT:
                counts = _input_counts(block["input"])
                call = Call(block["id"], block["name"], _about(block["input"]), _seconds(record), *counts)
                self._calls[call.id] = call
        text = user_prompts.text_of(content)
        if not text.strip():
            return ()
        return (Trouble(_seconds(record), text),) if record.get("isApiErrorMessage") else (Reply(line),)

    def _told(self, record: dict[str, Any]) -> Sequence[Happening]:
        content = record["message"]["content"]
        if record.get("isCompactSummary"):
            return (Compaction(_seconds(record), user_prompts.text_of(content)),)
        if record.get("isMeta") or not user_prompts.is_persons(record):
            return ()
        self._calls.clear()  # whatever was at work was interrupted
        return _prompt(content, _seconds(record))


def _is_sound(happening: Happening | Task) -> bool:
    """Say whether every field is of its type: a record may hold anything where the client writes a text."""
    match happening:
        case Reply():
            return True
        case TaskList(tasks):
            return all(map(_is_sound, tasks))
    return all(map(isinstance, happening, _KINDS[type(happening)]))


def said(reply: Reply) -> tuple[float, str]:
    """Return when the model said something, in seconds since the epoch, and the text; 0 and "" for a broken line."""
    try:
        record = orjson.loads(reply.line)
        return _seconds(record), user_prompts.text_of(record["message"]["content"])
    except (ValueError, LookupError, TypeError, AttributeError):
        return 0.0, ""


def _seconds(record: dict[str, Any]) -> float:
    """Return a record's time as `transcripts.seconds` does; twice as fast."""
    try:
        return datetime.fromisoformat(record["timestamp"]).timestamp()
    except (KeyError, TypeError, ValueError, OverflowError):
        return 0.0


def _string_at(line: bytes, start: int) -> str:
    return line[start : line.index(b'"', start)].decode()


def _prompt(content: user_prompts.Content, at: float) -> Sequence[Happening]:
    text = user_prompts.request(user_prompts.text_of(content))
    return (Prompt(at, text),) if text else ()


def _about(fields: dict[str, Any]) -> str:
    if "questions" in fields:
        return " ".join(question["question"] for question in fields["questions"])
    return str(fields.get("command") or fields.get("plan") or edits.path_of(fields))


def _input_counts(fields: dict[str, Any]) -> tuple[int, int]:
    """Return how many lines an edit that is asked for adds and removes, without those around that stay."""
    new = str(fields.get("new_string") or fields.get("content") or fields.get("new_source") or "").splitlines()
    old = str(fields.get("old_string") or "").splitlines()
    while new and old and new[-1] == old[-1]:
        new.pop()
        old.pop()
    same = next((number for number, (one, other) in enumerate(zip(new, old, strict=False)) if one != other), None)
    same = min(len(new), len(old)) if same is None else same
    return len(new) - same, len(old) - same


def _ended(call: Call, record: dict[str, Any]) -> Sequence[Happening]:
    at, result = _seconds(record), record.get("toolUseResult")
    if call.tool in EDITING_TOOLS:
        return _edited(call, record, result, at)
    if call.tool == "Bash":
        return _ran(call, record, result, at)
    if isinstance(result, dict):
        return _done(call, result, at)
    return _refused(call, record, at)


def _edited(call: Call, record: dict[str, Any], result: object, at: float) -> Sequence[Happening]:
    if isinstance(result, dict):
        return (Change(at, result.get("filePath") or result["notebook_path"], *_line_counts(result)),)
    if _failed(record):
        return _refused(call, record, at)
    return (Change(at, call.about, call.added, call.removed),) if call.about else ()


def _refused(call: Call, record: dict[str, Any], at: float) -> Sequence[Happening]:
    said = _printed(record).partition(_REFUSAL)[2].strip()
    return (Answer(at, f"{call.tool} {call.about}".strip(), said),) if said else ()


def _failed(record: dict[str, Any]) -> bool:
    return any(block.get("is_error") is True for block in record["message"]["content"])


def _printed(record: dict[str, Any]) -> str:
    """Return what the model was told of a tool's result."""
    content = record["message"]["content"]
    return "\n".join(user_prompts.text_of(block["content"]) for block in content if block["type"] == "tool_result")


def _ran(call: Call, record: dict[str, Any], result: object, at: float) -> Sequence[Happening]:
    text = _printed(record)
    if _failed(record):
        code = _EXIT.match(text)
        return (Command(at, call.about, int(code[1]), text[code.end() :]),) if code else ()  # else it was refused
    goes_on = isinstance(result, dict) and (result.get("backgroundTaskId") or result.get("interrupted"))
    return (Command(at, call.about, None if goes_on else 0, text),)


def _done(call: Call, result: dict[str, Any], at: float) -> Sequence[Happening]:
    match call.tool:
        case "AskUserQuestion":
            answers = result["answers"].items()
            return [Answer(at, asked, told if isinstance(told, str) else ", ".join(told)) for asked, told in answers]
        case "ExitPlanMode" if result.get("plan"):
            return (Plan(at, result["plan"]),)
        case "TodoWrite":
            listed = enumerate(result["newTodos"])
            return (TaskList(tuple(Task(str(number), todo["content"], todo["status"]) for number, todo in listed)),)
        case "TaskCreate":
            return (Task(result["task"]["id"], result["task"]["subject"], "pending"),)
        case "TaskUpdate" if "statusChange" in result:
            return (Task(result["taskId"], "", result["statusChange"]["to"]),)
    return ()


def _line_counts(result: dict[str, Any]) -> tuple[int, int]:
    signs = [line[:1] for hunk in result.get("structuredPatch") or () for line in hunk["lines"]]
    if signs:
        return signs.count("+"), signs.count("-")
    if result.get("type") == "create":
        return len(result["content"].splitlines()), 0
    return len((result.get("new_source") or "").splitlines()), len((result.get("old_source") or "").splitlines())
