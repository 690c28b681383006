"""Owns what is remembered of a conversation while its transcript is read: bounded, masked, and continued later."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from context_sync.claude.hooks.payloads import EDITING_TOOLS
from context_sync.claude.transcripts import conversation, reader
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
from context_sync.domain.masking import shown
from context_sync.summaries import suite_runs

VERSION = 1  # of the form in which it is stored

LONGEST_TEXT = 1200  # characters of a request, a plan or the last reply
LONGEST_EXCERPT = 300  # characters of any other message
LONGEST_LINE = 200  # characters of a command, an answer or a task

MOST_REQUESTS = 5  # the latest ones
MOST_ANSWERS = 20
MOST_RUNS = 8  # of tests, each command once
MOST_FILES = 200
MOST_TASKS = 100
LONGEST_TAIL = 2000  # characters of output, in which the last line is looked for

# A conversation of so many messages is sampled: its head, its tail, and evenly what is between.
LARGE = 500
HEAD, MIDDLE, TAIL = 40, 80, 80


@dataclass
class Gathered:
    """What the transcripts of a session tell; every list is bounded, every text masked and on one line.

    Times are in seconds since the epoch. `answers` are a question, what the person said, and when. `tasks` is subject
    and state by id, `files` lines added, lines removed and time by absolute path, `runs` exit code (None: unknown),
    last line of output and time by command. `kept` is of each message that is kept its number, its role and its text;
    `stride` says of which numbers in the middle. `calls` and `positions` say by file name which tools were at work
    where it was left, and how far it was read.
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

    def take(self, happenings: Iterable[Happening], aside: bool) -> None:
        """Remember what happened, `aside` in a subagent: of that only its edits and test runs count."""
        for each in happenings:
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
        """Mask and cut what was kept as it was read, to be stored or shown; what is so already stays as it is."""
        if self.messages >= LARGE:
            self._thin()
        last = next((text for _, _, text in reversed(self.kept) if isinstance(text, Reply)), None)
        if last:
            at, text = conversation.said(last)
            self.last = max(self.last, at)
            self.last_reply = shown(text, LONGEST_TEXT) or self.last_reply
        self.kept = [(number, role, _text_of(text, LONGEST_EXCERPT)) for number, role, text in self.kept]
        self.requests = [_text_of(request, LONGEST_TEXT) for request in self.requests]
        self.tasks = {key: (shown(subject, LONGEST_LINE), status) for key, (subject, status) in self.tasks.items()}
        self.runs = {
            shown(command, LONGEST_LINE): (code, shown(_last_line(output), LONGEST_LINE), at)
            for command, (code, output, at) in self.runs.items()
        }

    def to_json(self) -> dict[str, Any]:
        """Return it as values for JSON; `finish` comes first."""
        return asdict(self) | {"calls": {name: list(map(list, calls)) for name, calls in self.calls.items()}}

    def _hear(self, each: Happening) -> None:
        match each:
            case Prompt():
                self._request(each)
            case Task(key, subject, status):
                self.tasks[key] = (subject or self.tasks.get(key, ("", ""))[0], status)
                if len(self.tasks) > MOST_TASKS:
                    del self.tasks[next(iter(self.tasks))]
            case Trouble(at, text):
                self.last, self.trouble = at, shown(text, LONGEST_TEXT)
            case Answer(at, question, text):
                self.last = at
                self.answers.append((shown(question, LONGEST_LINE), shown(text, LONGEST_LINE), at))
                del self.answers[:-MOST_ANSWERS]
            case Plan(at, text):
                self.last = self.planned = at
                self.plan = shown(text, LONGEST_TEXT)
            case Compaction(at, text):
                self.last, self.compaction = at, shown(text, 3 * LONGEST_TEXT)
            case TaskList(tasks):
                self.tasks = {task.id: (task.subject, task.status) for task in tasks[-MOST_TASKS:]}
            case Title(text, _):
                self.title = shown(text, LONGEST_LINE)

    def _request(self, prompt: Prompt) -> None:
        self.began = self.began or prompt.at
        self.last = prompt.at
        self._keep("user", prompt)
        self.first_request = self.first_request or shown(prompt.text, LONGEST_TEXT)
        self.requests.append(prompt)
        del self.requests[:-MOST_REQUESTS]

    def _keep(self, role: str, text: Prompt | Reply) -> None:
        self.kept.append((self.messages, role, text))
        self.messages += 1
        if len(self.kept) >= 2 * LARGE:
            self._thin()

    def _thin(self) -> None:
        """Leave the head, the tail, and of what is between every so-manieth message."""
        between = [each for each in self.kept[HEAD:-TAIL] if each[0] % self.stride == 0]
        while len(between) > MIDDLE:
            self.stride *= 2
            between = [each for each in between if each[0] % self.stride == 0]
        self.kept = [*self.kept[:HEAD], *between, *self.kept[-TAIL:]]

    def _change(self, change: Change) -> None:
        added, removed, _ = self.files.pop(change.path, (0, 0, 0.0))
        counts = (added + change.added, removed + change.removed, change.at)
        self.files[change.path] = counts  # the latest is the last one
        if len(self.files) > MOST_FILES:
            del self.files[next(iter(self.files))]

    def _run(self, run: Command) -> None:
        if suite_runs.is_test(run.text):
            self.runs.pop(run.text, None)
            self.runs[run.text] = (run.code, run.output[-LONGEST_TAIL:], run.at)
            if len(self.runs) > MOST_RUNS:
                del self.runs[next(iter(self.runs))]


def from_json(value: object) -> Gathered:
    """Return what was stored, or what knows nothing when it is of another version or makes no sense."""
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
    """Return what is known after reading on in the transcripts, of which the first is the main one.

    They are known by their file names: a session that moves into a worktree takes its transcript along. Everything is
    read anew when one of them was replaced. Raises OSError when one cannot be read.
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
    told = conversation.Reader(found.calls.get(name, ()))
    reached = found.positions.get(name, 0)
    for position, line in reader.lines_from(path, reached):
        happenings = told.read(line)
        if happenings:
            found.take(happenings, aside)
        reached = position
    found.positions[name] = reached
    found.calls[name] = [call._replace(about=_about(call)) for call in told.calls]


def _about(call: Call) -> str:
    return call.about if call.tool in EDITING_TOOLS else shown(call.about, LONGEST_LINE)  # a path is never cut


def _last_line(output: str) -> str:
    return next((line for line in reversed(output.splitlines()) if line.strip()), "")


def _text_of(text: str | Prompt | Reply, limit: int) -> str:
    match text:
        case Reply():
            return shown(conversation.said(text)[1], limit)
        case Prompt():
            return shown(text.text, limit)
    return text
