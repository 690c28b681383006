"""Schemas of the documents about sessions and their work: plain values, for JSON and the MCP tools.

Times are ISO 8601 in UTC. `note` says whose words these are; texts from sessions are masked and on one line each.
"""

from typing import NotRequired

from typing_extensions import TypedDict  # pydantic reads that of typing from Python 3.12 on


class ConflictRow(TypedDict):
    """A conflict with another session, from this one's side; one not `checked` with git may be settled."""

    level: str
    path: str
    symbols: list[str]
    session: str
    name: str
    changed: str
    checked: NotRequired[bool]


class SessionRow(TypedDict):
    """A live session; without `hooks` it is known only from its transcript, and gets no messages."""

    id: str
    name: str
    status: str
    task: str
    branch: str
    worktree: str
    active: str
    conflicts: list[ConflictRow]
    hooks: NotRequired[bool]
    you: NotRequired[bool]


class SessionList(TypedDict):
    """The live sessions, oldest first."""

    note: str
    sessions: list[SessionRow]


class FileRow(TypedDict):
    """A file that a session changed; line counts are absent when they are not known."""

    path: str
    symbols: list[str]
    changed: str
    settled: bool
    added: NotRequired[int]
    removed: NotRequired[int]
    session: NotRequired[str]
    name: NotRequired[str]


class RunRow(TypedDict):
    """A command that ran tests; `code` is None when it is not known how it ended."""

    command: str
    code: int | None
    said: str
    at: str


class SessionContext(TypedDict):
    """Everything that is known about the work of one session."""

    note: str
    id: str
    name: str
    status: str
    branch: str
    worktree: str
    task: str
    decisions: list[str]
    progress: list[str]
    next: list[str]
    blockers: list[str]
    summary_by: str
    summary_at: str
    failure: NotRequired[str]
    requests: list[str]
    questions: list[str]
    files: list[FileRow]
    tests: list[RunRow]
    last_reply: str
    conflicts: list[ConflictRow]


class DecisionRow(TypedDict):
    """What was decided in a session, and when."""

    decision: str
    session: str
    name: str
    at: str


class ChangeList(TypedDict):
    """What the sessions of a project changed and decided, latest first."""

    note: str
    project: str
    files: list[FileRow]
    decisions: list[DecisionRow]


class TouchRow(TypedDict):
    """The last edit of a file, or of a definition in it, by one session."""

    path: str
    symbols: list[str]
    session: str
    name: str
    live: bool
    tool: str
    worktree: str
    at: str


class TouchList(TypedDict):
    """Who touched a place, latest first; empty when no recorded session did."""

    note: str
    touches: list[TouchRow]


class Resolution(TypedDict):
    """Which files are settled now, and which had no unsettled edit on record."""

    resolved: list[str]
    nothing_to_resolve: list[str]


class SentRow(TypedDict):
    """A message that was stored for a session; a session that is not `live` gets it when it is resumed.

    `alike` names live sessions whose names begin like that of a session that is not.
    """

    id: str
    to: str
    name: str
    live: bool
    alike: NotRequired[list[str]]


class SentList(TypedDict):
    """The messages that were stored."""

    sent: list[SentRow]


class MessageRow(TypedDict):
    """A message to a session, and how far it got."""

    id: str
    heading: str
    text: str
    state: str


class MessageList(TypedDict):
    """The messages to a session, oldest first."""

    messages: list[MessageRow]
