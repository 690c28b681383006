"""Owns what can happen in a conversation, as immutable records; times are in seconds since the epoch, 0 if unknown."""

from typing import NamedTuple


class Prompt(NamedTuple):
    """A request of the person."""

    at: float
    text: str


class Reply(NamedTuple):
    """What the model said, as the line that has it: of most replies nobody reads the text (see `conversation.said`)."""

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
    """A tool at work: `about` is its command, its question or its file, "" where the result tells all.

    `added` and `removed` are the lines of what it is to edit.
    """

    id: str
    tool: str
    about: str = ""
    at: float = 0.0
    added: int = 0
    removed: int = 0
