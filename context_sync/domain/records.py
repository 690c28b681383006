"""The domain's immutable records: symbols, touches and sessions."""

from __future__ import annotations

from context_sync.hotpath.namedtuples import NamedTuple

_ID_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")


class Symbol(NamedTuple):
    """A definition in a source text.

    `name` is qualified (`Class.method`), `kind` one of `symbols.languages.KINDS`, `start` and `end` are
    1-based inclusive lines that include the decorators, attributes and doc comments of the definition.
    """

    name: str
    kind: str
    start: int
    end: int


class Definition(NamedTuple):
    """A symbol and the index in the same outline of the definition that encloses it, -1 at the top level."""

    symbol: Symbol
    parent: int


class Touch(NamedTuple):
    """One edit of one file by one session.

    `at` is in seconds since the epoch. `repository` is the repository's identity, `worktree` the real path
    of the worktree's root, `path` is relative to it. `symbols` is empty for an edit at file level. `after`
    is the SHA-256 of the file's bytes after the edit, or "" when the file is gone or was not seen. `id` is
    unique among all sessions. `attribution` says how sure it is that the session wrote it: `sole` when no other session
    ran a tool there at that moment, `shared` when one did, `unknown` when that is not known.
    """

    at: float
    session: str
    tool: str
    repository: str
    worktree: str
    path: str
    symbols: tuple[Symbol, ...]
    after: str
    agent: str
    tool_use: str
    id: str = ""
    attribution: str = "sole"


class Session(NamedTuple):
    """A Claude Code session's presence.

    `pid` and `pid_start` name the process of Claude Code (0 and "" when it is not known), which can be looked for
    where `state.processes.space` is `pid_space`, "" for anywhere. `name` is what the user calls the session and
    `named_by` says where it is from: the user's `title`, Claude Code's `summary` of the task, or the `place`. Times
    are in seconds since the epoch; `ended` is 0 while it has not ended.
    """

    id: str
    name: str
    named_by: str
    pid: int
    pid_start: str
    cwd: str
    repository: str
    worktree: str
    branch: str
    transcript: str
    entrypoint: str
    started: float
    last_seen: float
    ended: float
    pid_space: str = ""


def is_session_id(value: object) -> bool:
    """Return whether `value` can be the id of a session, and so the name of a file: letters, digits, `_` and `-`."""
    return isinstance(value, str) and 0 < len(value) <= 128 and _ID_LETTERS.issuperset(value)
