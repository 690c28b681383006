"""Owns what a transcript tells of the conversation: requests, replies, decisions, commands and edits, in their order.

Most lines are snapshots, request records and results that nobody asks for: they are passed over undecoded.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from context_sync.claude import edits, requests, transcripts
from context_sync.claude.payloads import EDITING_TOOLS

LARGEST = 16 << 20  # bytes; a longer line is passed over
HEAD = 400  # bytes, in which a record says what it is
RECORD = b'{"type":"'  # begins those of the client's own records that are no part of the conversation
KEPT = (b'{"type":"user"', b'{"type":"assistant"', b'{"type":"custom-title"', b'{"type":"ai-title"')
TOLD_BY_RESULT = frozenset({*EDITING_TOOLS, "TodoWrite", "TaskCreate", "TaskUpdate"})
TOLD_BY_BOTH = frozenset({"AskUserQuestion", "ExitPlanMode", "Bash"})

_EXIT = re.compile(r"(?:Error: )?Exit code (\d+)\n?")
_REFUSAL = "the user said:\n"


class Prompt(NamedTuple):
    """A request of the person. All times here are in seconds since the epoch, 0 when a record has none."""

    at: float
    text: str


class Reply(NamedTuple):
    """What the model said, as the line that has it: of most replies nobody reads the text (see `said`)."""

    line: bytes


class Trouble(NamedTuple):
    """An error of the API, which ended the turn."""

    at: float
    text: str


class Answer(NamedTuple):
    """What the person answered to a question, or said when refusing what a tool was about to do."""

    at: float
    question: str
    text: str


class Plan(NamedTuple):
    """A plan that the person accepted."""

    at: float
    text: str


class Task(NamedTuple):
    """An entry of the session's list of tasks, new or with a new state; `subject` is "" when that stays as it was."""

    id: str
    subject: str
    status: str


class TaskList(NamedTuple):
    """The whole list of tasks, in place of the one before."""

    tasks: tuple[Task, ...]


class Command(NamedTuple):
    """A shell command that ended with `code`, None when that is not known, and the end of what it printed."""

    at: float
    text: str
    code: int | None
    output: str


class Change(NamedTuple):
    """An edit of the file `path` by an editing tool, with the number of lines."""

    at: float
    path: str
    added: int
    removed: int


class Compaction(NamedTuple):
    """The client's own summary of everything before."""

    at: float
    text: str


class Title(NamedTuple):
    """The session's title and who gave it (see `Session.named_by`)."""

    text: str
    named_by: str


Happening = Prompt | Reply | Trouble | Answer | Plan | Task | TaskList | Command | Change | Compaction | Title


class Call(NamedTuple):
    """A tool at work: `about` is its command or its question, "" where the result tells all."""

    id: str
    tool: str
    about: str = ""
    at: float = 0.0


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
        if line.startswith(RECORD):
            if not line.startswith(KEPT):
                return ()
        elif b'"attachment":{' in (head := line[:HEAD]) and b'"type":"queued_command"' not in head:
            return ()
        try:
            return self._told_by(line) if len(line) <= LARGEST else ()
        except (ValueError, AttributeError, LookupError, TypeError):
            return ()  # a record of another shape than any known

    def _told_by(self, line: bytes) -> Sequence[Happening]:
        """Return what a line tells, decoded only if it tells something; where it can, its head alone decides."""
        head = line[:HEAD]
        if b'"content":[{"type":"text"' in head and b'"role":"assistant"' in head:
            is_plain = b'"type":"tool_use"' not in line and b'"isApiErrorMessage":true' not in line
            return (Reply(line),) if is_plain else self._happenings(orjson.loads(line), line)
        call = head.find(b'"content":[{"type":"tool_use"')
        if call >= 0:
            return self._call(line, call)
        result = line.find(b'"tool_use_id":"')
        if result >= 0:  # a record has the result of one tool
            ended = self._calls.pop(_string_at(line, result + 15), None)
            return _ended(ended, orjson.loads(line)) if ended else ()
        if b'"content":[{"type":"thinking"' in head and b'"type":"text"' not in line:
            return ()
        return self._happenings(orjson.loads(line), line)

    def _call(self, line: bytes, start: int) -> Sequence[Happening]:
        tool = _string_at(line, line.index(b'"name":"', start) + 8)
        if tool in TOLD_BY_BOTH or b'},{"type":"tool_use"' in line:  # old clients wrote several calls together
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
            is_prompt = attachment.get("commandMode", "prompt") == "prompt" and requests.is_persons(attachment)
            return _prompt(attachment["prompt"], _seconds(record)) if is_prompt else ()
        title = transcripts.title_of(record)
        return (Title(*title),) if title else ()

    def _said(self, record: dict[str, Any], line: bytes) -> Sequence[Happening]:
        content = record["message"]["content"]
        for block in requests.blocks_of(content):
            if block["type"] == "tool_use" and block["name"] in TOLD_BY_BOTH | TOLD_BY_RESULT:
                call = Call(block["id"], block["name"], _about(block["input"]), _seconds(record))
                self._calls[call.id] = call
        text = requests.text_of(content)
        if not text.strip():
            return ()
        return (Trouble(_seconds(record), text),) if record.get("isApiErrorMessage") else (Reply(line),)

    def _told(self, record: dict[str, Any]) -> Sequence[Happening]:
        content = record["message"]["content"]
        if record.get("isCompactSummary"):
            return (Compaction(_seconds(record), requests.text_of(content)),)
        if record.get("isMeta") or not requests.is_persons(record):
            return ()
        self._calls.clear()  # whatever was at work was interrupted
        return _prompt(content, _seconds(record))


def said(reply: Reply) -> tuple[float, str]:
    """Return when the model said something, and the text."""
    record = orjson.loads(reply.line)
    return _seconds(record), requests.text_of(record["message"]["content"])


def _seconds(record: dict[str, Any]) -> float:
    """Return a record's time as `transcripts.seconds` does; twice as fast."""
    try:
        return datetime.fromisoformat(record["timestamp"]).timestamp()
    except (KeyError, TypeError, ValueError, OverflowError):
        return 0.0


def _string_at(line: bytes, start: int) -> str:
    return line[start : line.index(b'"', start)].decode()


def _prompt(content: requests.Content, at: float) -> Sequence[Happening]:
    text = requests.request(requests.text_of(content))
    return (Prompt(at, text),) if text else ()


def _about(fields: dict[str, Any]) -> str:
    if "questions" in fields:
        return " ".join(question["question"] for question in fields["questions"])
    return str(fields.get("command") or fields.get("plan") or "")


def _ended(call: Call, record: dict[str, Any]) -> Sequence[Happening]:
    at, result = _seconds(record), record.get("toolUseResult")
    if call.tool == "Bash":
        return _ran(call, record, at)
    if not isinstance(result, dict):  # it failed, or was refused
        said = _printed(record).partition(_REFUSAL)[2].strip()
        return (Answer(at, f"{call.tool} {call.about}".strip(), said),) if said else ()
    if call.tool in EDITING_TOOLS:
        return (Change(at, edits.path_of(result), *_line_counts(result)),)
    return _done(call, result, at)


def _printed(record: dict[str, Any]) -> str:
    """Return what the model was told of a tool's result."""
    content = record["message"]["content"]
    return "\n".join(requests.text_of(block["content"]) for block in content if block["type"] == "tool_result")


def _ran(call: Call, record: dict[str, Any], at: float) -> Sequence[Happening]:
    text, result = _printed(record), record.get("toolUseResult")
    if isinstance(result, dict):
        goes_on = result.get("backgroundTaskId") or result.get("interrupted")
        return (Command(at, call.about, None if goes_on else 0, text),)
    code = _EXIT.match(text)
    return (Command(at, call.about, int(code[1]), text[code.end() :]),) if code else ()  # else it was refused


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
    if result.get("type") == "create":
        return len(result["content"].splitlines()), 0
    if "new_source" in result:
        return len(result["new_source"].splitlines()), len((result.get("old_source") or "").splitlines())
    lines = [line[:1] for hunk in result.get("structuredPatch") or () for line in hunk["lines"]]
    return lines.count("+"), lines.count("-")
