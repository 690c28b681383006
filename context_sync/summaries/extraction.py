"""Extraction: what is kept of a conversation while its transcripts are read, bounded and masked."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from context_sync.claude.hooks.payloads import EDITING_TOOLS
from context_sync.claude.transcripts import conversation, reader
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
from context_sync.domain.masking import shown
from context_sync.summaries import suite_runs

VERSION = 1  # of the stored format

MAX_TEXT = 1200  # characters of a request, a plan or the last reply
MAX_EXCERPT = 300  # characters of any other message
MAX_LINE = 200  # characters of a command, an answer or a task

MAX_REQUESTS = 5  # the latest
MAX_ANSWERS = 20
MAX_RUNS = 8  # test runs, each command once
MAX_FILES = 200
MAX_TASKS = 100
MAX_TAIL = 2000  # characters at the end of the output, in which the last line is searched

# A conversation of this many messages is sampled: its head, its tail, and evenly in between.
LARGE = 500
HEAD, MIDDLE, TAIL = 40, 80, 80


@dataclass
class Gathered:
    """What is known from the transcripts of a session; every list is bounded, every text masked and on one line.

    Times are in seconds since the epoch. `answers` are a question, the user's answer, and when it was given. `tasks`
    is subject and state by id, `files` lines added, lines removed and time by absolute path, `runs` exit code (None:
    unknown), last line of output and time by command. `kept` has number, role and text of each message that is kept;
    in the middle these are the multiples of `stride`. By file name, `calls` are the tools that were running at the
    end of what was read, and `positions` how far it was read.
    """

    began: float = 0.0
    last: float = 0.0
    messages: int = 0
    title: str = ""
    first_request: str = ""
    requests: list[Any] = field(default_factory=list)
    answers: list[tuple[str, str, float]] = field(default_factory=list)
    plan: str = ""
    planned: float = 0.0
    tasks: dict[str, tuple[str, str]] = field(default_factory=dict)
    files: dict[str, tuple[int, int, float]] = field(default_factory=dict)
    runs: dict[str, tuple[int | None, str, float]] = field(default_factory=dict)
    last_reply: str = ""
    trouble: str = ""
    compaction: str = ""
    kept: list[tuple[int, str, Any]] = field(default_factory=list)
    stride: int = 1
    calls: dict[str, list[Call]] = field(default_factory=dict)
    positions: dict[str, int] = field(default_factory=dict)
    version: int = VERSION

    def take(self, activities: Iterable[Activity], aside: bool) -> None:
        """Take in what happened; of what happened `aside`, in a subagent, only edits and test runs count."""
        for each in activities:
            if isinstance(each, Reply):
                if not aside:
                    self._keep("assistant", each)
                    self.trouble = ""
            elif isinstance(each, Change):
                self._change(each)
            elif isinstance(each, Command):
                self._run(each)
            elif not aside:
                self._hear(each)

    def finish(self) -> None:
        """Mask and shorten what was kept as read, to be stored or shown; what was processed before is unchanged."""
        if self.messages >= LARGE:
            self._thin()
        last = next((text for _, _, text in reversed(self.kept) if isinstance(text, Reply)), None)
        if last:
            at, text = conversation.said(last)
            self.last = max(self.last, at)
            self.last_reply = shown(text, MAX_TEXT) or self.last_reply
        self.kept = [(number, role, _text_of(text, MAX_EXCERPT)) for number, role, text in self.kept]
        self.requests = [_text_of(request, MAX_TEXT) for request in self.requests]
        self.tasks = {key: (shown(subject, MAX_LINE), status) for key, (subject, status) in self.tasks.items()}
        self.runs = {
            shown(command, MAX_LINE): (code, shown(_last_line(output), MAX_LINE), at)
            for command, (code, output, at) in self.runs.items()
        }

    def to_json(self) -> dict[str, Any]:
        """Return it as values for JSON; call `finish` first."""
        return asdict(self) | {"calls": {name: list(map(list, calls)) for name, calls in self.calls.items()}}

    def _hear(self, each: Activity) -> None:
        match each:
            case Prompt():
                self._request(each)
            case Task(key, subject, status):
                self.tasks[key] = (subject or self.tasks.get(key, ("", ""))[0], status)
                if len(self.tasks) > MAX_TASKS:
                    del self.tasks[next(iter(self.tasks))]
            case Trouble(at, text):
                self.last, self.trouble = at, shown(text, MAX_TEXT)
            case Answer(at, question, text):
                self.last = at
                self.answers.append((shown(question, MAX_LINE), shown(text, MAX_LINE), at))
                del self.answers[:-MAX_ANSWERS]
            case Plan(at, text):
                self.last = self.planned = at
                self.plan = shown(text, MAX_TEXT)
            case Compaction(at, text):
                self.last, self.compaction = at, shown(text, 3 * MAX_TEXT)
            case TaskList(tasks):
                self.tasks = {task.id: (task.subject, task.status) for task in tasks[-MAX_TASKS:]}
            case Title(text, _):
                self.title = shown(text, MAX_LINE)

    def _request(self, prompt: Prompt) -> None:
        self.began = self.began or prompt.at
        self.last = prompt.at
        self._keep("user", prompt)
        self.first_request = self.first_request or shown(prompt.text, MAX_TEXT)
        self.requests.append(prompt)
        del self.requests[:-MAX_REQUESTS]

    def _keep(self, role: str, text: Prompt | Reply) -> None:
        self.kept.append((self.messages, role, text))
        self.messages += 1
        if len(self.kept) >= 2 * LARGE:
            self._thin()

    def _thin(self) -> None:
        """Keep the head, the tail, and every `stride`-th message in between."""
        between = [each for each in self.kept[HEAD:-TAIL] if each[0] % self.stride == 0]
        while len(between) > MIDDLE:
            self.stride *= 2
            between = [each for each in between if each[0] % self.stride == 0]
        self.kept = [*self.kept[:HEAD], *between, *self.kept[-TAIL:]]

    def _change(self, change: Change) -> None:
        added, removed, _ = self.files.pop(change.path, (0, 0, 0.0))
        counts = (added + change.added, removed + change.removed, change.at)
        self.files[change.path] = counts  # the latest is last
        if len(self.files) > MAX_FILES:
            del self.files[next(iter(self.files))]

    def _run(self, run: Command) -> None:
        if suite_runs.is_test(run.text):
            self.runs.pop(run.text, None)
            self.runs[run.text] = (run.code, run.output[-MAX_TAIL:], run.at)
            if len(self.runs) > MAX_RUNS:
                del self.runs[next(iter(self.runs))]


def from_json(value: object) -> Gathered:
    """Return a stored extraction, or an empty one when it has another version or is invalid."""
    if not isinstance(value, dict) or value.get("version") != VERSION:
        return Gathered()
    try:
        found = Gathered(**value)
        found.kept = [(number, role, text) for number, role, text in found.kept]
        found.calls = {name: [Call(*call) for call in calls] for name, calls in found.calls.items()}
    except (TypeError, ValueError, AttributeError):
        return Gathered()
    return found


def read(before: Gathered, paths: Sequence[str]) -> Gathered:
    """Return the extraction after reading on in the transcripts, the first of which is the main one.

    They are identified by file name, as a session that moves into a worktree takes its transcript along. All are read
    again from the start when one of them was replaced. Raises OSError when one cannot be read.
    """
    found = before
    if any(os.path.getsize(path) < before.positions.get(os.path.basename(path), 0) for path in paths):
        found = Gathered()
    for path in paths:
        _read(found, path, aside=path != paths[0])
    found.finish()
    return found


def _read(found: Gathered, path: str, aside: bool) -> None:
    name = os.path.basename(path)
    parser = conversation.Reader(found.calls.get(name, ()))
    reached = found.positions.get(name, 0)
    for position, line in reader.lines_from(path, reached):
        activities = parser.read(line)
        if activities:
            found.take(activities, aside)
        reached = position
    found.positions[name] = reached
    found.calls[name] = [call._replace(about=_about(call)) for call in parser.calls]


def _about(call: Call) -> str:
    return call.about if call.tool in EDITING_TOOLS else shown(call.about, MAX_LINE)  # a path is never shortened


def _last_line(output: str) -> str:
    return next((line for line in reversed(output.splitlines()) if line.strip()), "")


def _text_of(text: str | Prompt | Reply, limit: int) -> str:
    match text:
        case Reply():
            return shown(conversation.said(text)[1], limit)
        case Prompt():
            return shown(text.text, limit)
    return text
