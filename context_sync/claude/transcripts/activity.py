"""The activity in a conversation, as immutable records; times are in seconds since the epoch, 0 if unknown."""

from typing import NamedTuple


class Prompt(NamedTuple):
    """A request of the user."""

    at: float
    text: str


class Reply(NamedTuple):
    """A reply of the model, as its line: the text of most replies is never needed (see `conversation.said`)."""

    line: bytes


class Trouble(NamedTuple):
    """An API error that ended the turn."""

    at: float
    text: str


class Answer(NamedTuple):
    """The user's answer to a question, or what they wrote when refusing a tool call."""

    at: float
    question: str
    text: str


class Plan(NamedTuple):
    """A plan that the user accepted."""

    at: float
    text: str


class Task(NamedTuple):
    """An entry of the session's task list, new or with a new state; `subject` is "" when it is unchanged."""

    id: str
    subject: str
    status: str


class TaskList(NamedTuple):
    """The whole task list, which replaces the previous one."""

    tasks: tuple[Task, ...]


class Command(NamedTuple):
    """A shell command that ended with `code`, None when unknown, and the end of its output."""

    at: float
    text: str
    code: int | None
    output: str


class Change(NamedTuple):
    """An edit of the file `path` by an editing tool, with line counts."""

    at: float
    path: str
    added: int
    removed: int


class Compaction(NamedTuple):
    """Claude Code's own summary of everything before."""

    at: float
    text: str


class Title(NamedTuple):
    """The session's title and its origin (see `Session.named_by`)."""

    text: str
    named_by: str


Activity = Prompt | Reply | Trouble | Answer | Plan | Task | TaskList | Command | Change | Compaction | Title


class Call(NamedTuple):
    """A running tool: `about` is its command, its question or its file, "" when the result says everything.

    `added` and `removed` are the line counts of the edit that it makes.
    """

    id: str
    tool: str
    about: str = ""
    at: float = 0.0
    added: int = 0
    removed: int = 0
