"""The conversation in a transcript: requests, replies, decisions, commands and edits, in order.

Most lines are snapshots, request records and results that are not needed: they are skipped without decoding.
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
    Activity,
    Answer,
    Call,
    Change,
    Command,
    Compaction,
    Plan,
    Prompt,
    Reply,
    Task,
    TaskList,
    Title,
    Trouble,
)

MAX_LINE = 16 << 20  # bytes; a longer line is skipped
HEAD = 400  # bytes, in which a record says what it is
TAIL = 800  # bytes, in which it says where it came from
RECORD = b'{"type":"'  # how those of Claude Code's own records begin that are not part of the conversation
KEPT = (b'{"type":"user"', b'{"type":"assistant"', b'{"type":"custom-title"', b'{"type":"ai-title"')
READ_FROM_RESULT = frozenset({*EDITING_TOOLS, "TodoWrite", "TaskCreate", "TaskUpdate"})
READ_FROM_BOTH = frozenset({"AskUserQuestion", "ExitPlanMode", "Bash"})

# An escape in a text of JSON; `half` is one half of a surrogate pair without the other.
_ESCAPE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?P<half>\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\."
)
_EXIT = re.compile(r"(?:Error: )?Exit code (\d+)\n?")
_KINDS = {
    kind: tuple(float | int if each is float else each for each in get_type_hints(kind).values())
    for kind in (Prompt, Trouble, Answer, Plan, Task, Command, Change, Compaction, Title)
}
_REFUSAL = "the user said:\n"


class Reader:
    """Reads one transcript, line by line; `calls` are the tools that were running where reading stopped before."""

    def __init__(self, calls: Iterable[Call] = ()) -> None:
        self._calls = {call.id: call for call in calls}

    @property
    def calls(self) -> list[Call]:
        """The tools that have no result yet, oldest first."""
        return list(self._calls.values())

    def read(self, line: bytes) -> Sequence[Activity]:
        """Return the activity in a line, nothing for one that is broken or irrelevant."""
        if line.startswith(RECORD) and not line.startswith(KEPT):
            return ()
        head = line[:HEAD]
        if b'"attachment":{' in head and b'"type":"queued_command"' not in head:
            return ()
        try:
            found = self._activity_in(line, head) if len(line) <= MAX_LINE else ()
            return found if all(map(_is_valid, found)) else ()
        except (ValueError, AttributeError, LookupError, TypeError):
            return ()  # a record of an unknown form

    def _activity_in(self, line: bytes, head: bytes) -> Sequence[Activity]:
        """Return the activity in a line, which is decoded only if it has any; if possible, its head alone decides."""
        if b'"content":[{"type":"text"' in head and b'"role":"assistant"' in head:
            is_plain = b'"model":"<synthetic>"' not in head and b'"type":"tool_use"' not in line
            return (Reply(line),) if is_plain else self._activities(_decoded(line), line)
        call = head.find(b'"content":[{"type":"tool_use"')
        if call >= 0:
            return self._call(line, call, is_aside=b'"isSidechain":true' in head)
        result = line.find(b'"tool_use_id":"')
        if result >= 0:  # a record has the result of only one tool
            ended = self._calls.pop(_string_at(line, result + 15), None)
            return _ended(ended, _decoded(line)) if ended else ()
        if b'"content":[{"type":"thinking"' in head and b'"type":"text"' not in line:
            return ()
        return self._activities(_decoded(line), line)

    def _call(self, line: bytes, start: int, *, is_aside: bool) -> Sequence[Activity]:
        tool = _string_at(line, line.index(b'"name":"', start) + 8)
        # The results of a subagent's tools have no content (2.1.328). Old versions wrote several calls together, new
        # ones number them after the message.
        is_one = b'"apiBlockIndex":' in line[-TAIL:] or b'},{"type":"tool_use"' not in line
        if tool in READ_FROM_BOTH or (tool in READ_FROM_RESULT and is_aside) or not is_one:
            return self._activities(_decoded(line), line)
        if tool in READ_FROM_RESULT:
            call = _string_at(line, line.index(b'"id":"', start) + 6)
            self._calls[call] = Call(call, tool)
        return ()

    def _activities(self, record: dict[str, Any], line: bytes) -> Sequence[Activity]:
        kind = record["type"]
        if kind == "assistant":
            return self._by_model(record, line)
        if kind == "user":
            return self._by_user(record)
        if kind == "attachment":
            attachment = record["attachment"]
            is_prompt = attachment.get("commandMode", "prompt") == "prompt" and user_prompts.is_from_user(attachment)
            return _prompt(attachment["prompt"], _seconds(record)) if is_prompt else ()
        title = reader.title_of(record)
        return (Title(*title),) if title else ()

    def _by_model(self, record: dict[str, Any], line: bytes) -> Sequence[Activity]:
        content = record["message"]["content"]
        for block in user_prompts.blocks_of(content):
            if block["type"] == "tool_use" and block["name"] in READ_FROM_BOTH | READ_FROM_RESULT:
                counts = _input_counts(block["input"])
                call = Call(block["id"], block["name"], _about(block["input"]), _seconds(record), *counts)
                self._calls[call.id] = call
        text = user_prompts.text_of(content)
        if not text.strip():
            return ()
        return (Trouble(_seconds(record), text),) if record.get("isApiErrorMessage") else (Reply(line),)

    def _by_user(self, record: dict[str, Any]) -> Sequence[Activity]:
        content = record["message"]["content"]
        if record.get("isCompactSummary"):
            return (Compaction(_seconds(record), user_prompts.text_of(content)),)
        if record.get("isMeta") or not user_prompts.is_from_user(record):
            return ()
        self._calls.clear()  # running tools were interrupted
        return _prompt(content, _seconds(record))


def _is_valid(activity: Activity | Task) -> bool:
    """Return whether every field has its type: a record can contain anything where Claude Code writes a text."""
    match activity:
        case Reply():
            return True
        case TaskList(tasks):
            return all(map(_is_valid, tasks))
    return all(map(isinstance, activity, _KINDS[type(activity)]))


def said(reply: Reply) -> tuple[float, str]:
    """Return the time of a reply, in seconds since the epoch, and its text; 0 and "" for a broken line."""
    try:
        record = _decoded(reply.line)
        return _seconds(record), user_prompts.text_of(record["message"]["content"])
    except (ValueError, LookupError, TypeError, AttributeError):
        return 0.0, ""


def _decoded(line: bytes) -> Any:  # noqa: ANN401
    """Return the value of a line, with a replacement character for each half of a surrogate pair.

    Claude Code escapes such a half where it cut a text inside an emoji, and orjson refuses it.
    """
    try:
        return orjson.loads(line)
    except ValueError:
        return orjson.loads(_ESCAPE.sub(lambda found: b"\\ufffd" if found["half"] else found[0], line))


def _seconds(record: dict[str, Any]) -> float:
    """Return a record's time as `reader.seconds` does, but twice as fast."""
    try:
        return datetime.fromisoformat(record["timestamp"]).timestamp()
    except (KeyError, TypeError, ValueError, OverflowError):
        return 0.0


def _string_at(line: bytes, start: int) -> str:
    return line[start : line.index(b'"', start)].decode()


def _prompt(content: user_prompts.Content, at: float) -> Sequence[Activity]:
    text = user_prompts.request(user_prompts.text_of(content))
    return (Prompt(at, text),) if text else ()


def _about(fields: dict[str, Any]) -> str:
    if "questions" in fields:
        return " ".join(question["question"] for question in fields["questions"])
    return str(fields.get("command") or fields.get("plan") or edits.path_of(fields))


def _input_counts(fields: dict[str, Any]) -> tuple[int, int]:
    """Return how many lines a requested edit adds and removes, without unchanged ones around them."""
    new = str(fields.get("new_string") or fields.get("content") or fields.get("new_source") or "").splitlines()
    old = str(fields.get("old_string") or "").splitlines()
    while new and old and new[-1] == old[-1]:
        new.pop()
        old.pop()
    same = next((number for number, (one, other) in enumerate(zip(new, old, strict=False)) if one != other), None)
    same = min(len(new), len(old)) if same is None else same
    return len(new) - same, len(old) - same


def _ended(call: Call, record: dict[str, Any]) -> Sequence[Activity]:
    at, result = _seconds(record), record.get("toolUseResult")
    if call.tool in EDITING_TOOLS:
        return _edited(call, record, result, at)
    if call.tool == "Bash":
        return _ran(call, record, result, at)
    if isinstance(result, dict):
        return _done(call, result, at)
    return _refused(call, record, at)


def _edited(call: Call, record: dict[str, Any], result: object, at: float) -> Sequence[Activity]:
    if isinstance(result, dict):
        return (Change(at, result.get("filePath") or result["notebook_path"], *_line_counts(result)),)
    if _failed(record):
        return _refused(call, record, at)
    return (Change(at, call.about, call.added, call.removed),) if call.about else ()


def _refused(call: Call, record: dict[str, Any], at: float) -> Sequence[Activity]:
    said = _printed(record).partition(_REFUSAL)[2].strip()
    return (Answer(at, f"{call.tool} {call.about}".strip(), said),) if said else ()


def _failed(record: dict[str, Any]) -> bool:
    return any(block.get("is_error") is True for block in record["message"]["content"])


def _printed(record: dict[str, Any]) -> str:
    """Return what the model was given as a tool's result."""
    content = record["message"]["content"]
    return "\n".join(user_prompts.text_of(block["content"]) for block in content if block["type"] == "tool_result")


def _ran(call: Call, record: dict[str, Any], result: object, at: float) -> Sequence[Activity]:
    text = _printed(record)
    if _failed(record):
        code = _EXIT.match(text)
        return (Command(at, call.about, int(code[1]), text[code.end() :]),) if code else ()  # else it was refused
    goes_on = isinstance(result, dict) and (result.get("backgroundTaskId") or result.get("interrupted"))
    return (Command(at, call.about, None if goes_on else 0, text),)


def _done(call: Call, result: dict[str, Any], at: float) -> Sequence[Activity]:
    match call.tool:
        case "AskUserQuestion":
            answers = result["answers"].items()
            return [Answer(at, asked, text if isinstance(text, str) else ", ".join(text)) for asked, text in answers]
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
