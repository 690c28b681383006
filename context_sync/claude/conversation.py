"""Owns what a transcript tells of the conversation: requests, replies, decisions, commands and edits, in their order.

Most lines are snapshots, request records and results that nobody asks for: they are passed over undecoded.
"""

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

import orjson

from context_sync.claude import edits, requests, transcripts
from context_sync.claude.payloads import EDITING_TOOLS

LARGEST = 16 << 20  # bytes of a line that is decoded
HEAD = 400  # bytes, in which a record says what it is
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

    def read(self, line: bytes) -> list[Happening]:
        """Return what a line tells; a line that is broken or of no interest tells nothing."""
        try:
            kind = self._kind(line)
            if kind is None or len(line) > LARGEST:
                return []
            return [Reply(line)] if kind == "reply" else self._happenings(orjson.loads(line), line)
        except (ValueError, AttributeError, LookupError, TypeError):
            return []  # a record of another shape than any known

    def _kind(self, line: bytes) -> str | None:
        """Return what an undecoded line is, None when it tells nothing."""
        if line.startswith(b'{"type":"'):
            return "record" if line.startswith(KEPT) else None
        head = line[:HEAD]
        if b'"attachment":{' in head:
            return "record" if b'"type":"queued_command"' in head else None
        result = line.find(b'"tool_use_id":"')
        if result >= 0:  # a record has the result of one tool
            return "record" if _string_at(line, result + 15) in self._calls else None
        call = line.find(b'"type":"tool_use"')
        if call >= 0 and b'"type":"text"' not in line:
            return self._call(line, call)
        if b'"role":"assistant"' not in line[: 2 * HEAD]:
            return "record"
        if b'"type":"text"' not in line:
            return None  # thinking
        return "record" if call >= 0 or b'"isApiErrorMessage":true' in line else "reply"

    def _call(self, line: bytes, start: int) -> str | None:
        tool = _string_at(line, line.index(b'"name":"', start) + 8)
        if tool in TOLD_BY_RESULT and line.find(b'"type":"tool_use"', start + 1) < 0:
            call = _string_at(line, line.index(b'"id":"', start) + 6)
            self._calls[call] = Call(call, tool)
            return None
        return "record" if tool in TOLD_BY_BOTH or tool in TOLD_BY_RESULT else None

    def _happenings(self, record: dict[str, Any], line: bytes) -> list[Happening]:
        kind = record["type"]
        at = transcripts.seconds(record.get("timestamp"))
        if kind == "assistant":
            return self._said(record, line, at)
        if kind == "user":
            return self._told(record, at)
        if kind == "attachment":
            attachment = record["attachment"]
            is_prompt = attachment.get("commandMode", "prompt") == "prompt" and requests.is_persons(attachment)
            return _prompt(attachment["prompt"], at) if is_prompt else []
        title = transcripts.title_of(record)
        return [Title(*title)] if title else []

    def _said(self, record: dict[str, Any], line: bytes, at: float) -> list[Happening]:
        content = record["message"]["content"]
        for block in requests.blocks_of(content):
            if block["type"] == "tool_use" and block["name"] in TOLD_BY_BOTH | TOLD_BY_RESULT:
                self._calls[block["id"]] = Call(block["id"], block["name"], _about(block["input"]), at)
        text = requests.text_of(content)
        if not text.strip():
            return []
        return [Trouble(at, text)] if record.get("isApiErrorMessage") else [Reply(line)]

    def _told(self, record: dict[str, Any], at: float) -> list[Happening]:
        content = record["message"]["content"]
        results = [block for block in requests.blocks_of(content) if block["type"] == "tool_result"]
        if results:
            ended = [(self._calls.pop(block["tool_use_id"], None), block) for block in results]
            result = record.get("toolUseResult")
            return [each for call, block in ended if call for each in _ended(call, block, result, at)]
        if record.get("isCompactSummary"):
            return [Compaction(at, requests.text_of(content))]
        if record.get("isMeta") or not requests.is_persons(record):
            return []
        self._calls.clear()  # whatever was at work was interrupted
        return _prompt(content, at)


def said(reply: Reply) -> tuple[float, str]:
    """Return when the model said something, and the text."""
    record = orjson.loads(reply.line)
    return transcripts.seconds(record.get("timestamp")), requests.text_of(record["message"]["content"])


def _string_at(line: bytes, start: int) -> str:
    return line[start : line.index(b'"', start)].decode()


def _prompt(content: requests.Content, at: float) -> list[Happening]:
    text = requests.request(requests.text_of(content))
    return [Prompt(at, text)] if text else []


def _about(fields: dict[str, Any]) -> str:
    if "questions" in fields:
        return " ".join(question["question"] for question in fields["questions"])
    return str(fields.get("command") or fields.get("plan") or "")


def _ended(call: Call, block: dict[str, Any], result: object, at: float) -> list[Happening]:
    failed = block.get("is_error") is True
    if call.tool == "Bash":
        return _ran(call, _printed(block), failed, result, at)
    if failed:
        said = _printed(block).partition(_REFUSAL)[2].strip()
        return [Answer(at, f"{call.tool} {call.about}".strip(), said)] if said else []
    return _done(call, result, at) if isinstance(result, dict) else []


def _printed(result: dict[str, Any]) -> str:
    return requests.text_of(result.get("content") or "")


def _ran(call: Call, text: str, failed: bool, result: object, at: float) -> list[Happening]:
    code = _EXIT.match(text) if failed else None
    if failed and not code:
        return []  # it was refused
    goes_on = isinstance(result, dict) and (result.get("backgroundTaskId") or result.get("interrupted"))
    status = int(code[1]) if code else None if goes_on else 0
    return [Command(at, call.about, status, text[code.end() if code else 0 :])]


def _done(call: Call, result: dict[str, Any], at: float) -> list[Happening]:
    match call.tool:
        case "AskUserQuestion":
            answers = result["answers"].items()
            return [Answer(at, asked, said if isinstance(said, str) else ", ".join(said)) for asked, said in answers]
        case "ExitPlanMode":
            return [Plan(at, result["plan"])] if result.get("plan") else []
        case "TodoWrite":
            listed = enumerate(result["newTodos"])
            return [TaskList(tuple(Task(str(number), todo["content"], todo["status"]) for number, todo in listed))]
        case "TaskCreate":
            return [Task(result["task"]["id"], result["task"]["subject"], "pending")]
        case "TaskUpdate":
            return [Task(result["taskId"], "", result["statusChange"]["to"])] if "statusChange" in result else []
    return [Change(at, edits.path_of(result), *_line_counts(result))]


def _line_counts(result: dict[str, Any]) -> tuple[int, int]:
    if result.get("type") == "create":
        return len(result["content"].splitlines()), 0
    if "new_source" in result:
        return len(result["new_source"].splitlines()), len((result.get("old_source") or "").splitlines())
    lines = [line[:1] for hunk in result.get("structuredPatch") or () for line in hunk["lines"]]
    return lines.count("+"), lines.count("-")
