"""The tables of `context-sync watch` in words, for the live screen and for plain text."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from context_sync.cli import output
from context_sync.cli.conflict_views import LEVEL_COLOURS
from context_sync.cli.watch import snapshot
from context_sync.cli.watch.snapshot import Member, Snapshot
from context_sync.domain import messages, wording
from context_sync.domain.conflicts import Conflict
from context_sync.domain.masking import shown
from context_sync.state.mailbox import Delivery

STATES = {"working": "green", "asks": "yellow", "failed": "red"}
MARKS = {"file": "○"}  # mark of a session by the level of its worst conflict; other levels have a full circle
NARROW, WIDE = 64, 110  # columns of a terminal from which a table shows more


class Cell(NamedTuple):
    """A text on one line; `colour` is a colour of the terminal, "" its default, or "faint"."""

    text: str
    colour: str = ""


class Column(NamedTuple):
    """A column: its heading, its minimum width, and its share of the remaining width."""

    heading: str
    width: int
    share: int = 0


class Row(NamedTuple):
    """A line of a table; `key` stays the same while it is about the same thing."""

    key: str
    cells: tuple[Cell, ...]


class Table(NamedTuple):
    """A kind of table: its name, its columns and rows, and the text while it is empty."""

    name: str
    columns: Callable[[int], list[Column]]
    rows: Callable[[Snapshot, int, float], list[Row]]
    empty: str


def widths(columns: Sequence[Column], width: int, padding: int) -> list[int]:
    """Return the width of each column in a table of this width with this padding around each."""
    left = max(0, width - sum(column.width + padding for column in columns))
    shares = sum(column.share for column in columns)
    return [column.width + left * column.share // shares for column in columns]


def age(at: float, now: float) -> str:
    """Return how long ago something was, to the minute."""
    minutes = int((now - at) // 60)
    if minutes < 1:
        return "now"
    return f"{minutes} min" if minutes < 120 else output.ago(at, now).removesuffix(" ago")


def session_columns(width: int) -> list[Column]:
    """Return the columns of the table of sessions."""
    branch = [Column("Branch", 10, 2)] if width >= NARROW else []
    worktree = [Column("Worktree", 10, 1)] if width >= WIDE else []
    return [Column("", 1), Column("Session", 12, 2), Column("State", 12), *branch, *worktree, Column("Task", 8, 5)]


def session_rows(seen: Snapshot, width: int, now: float) -> list[Row]:
    """Return a row for each session."""
    return [Row(each.session.id, tuple(_session(each, seen, width, now))) for each in seen.members]


def state(member: Member, now: float) -> Cell:
    """Return the state of a session, and for how long it has been quiet."""
    quiet = age(member.session.last_seen, now)
    status = member.work.status
    if status == "working" and quiet == "now":
        return Cell("working", STATES[status])
    shown_as = {"working": "quiet", "asks": "asks you", "unknown": "active"}.get(status, status)
    return Cell(
        shown_as if quiet == "now" else f"{shown_as} {quiet}", STATES.get(status, "") if shown_as != "quiet" else ""
    )


def conflict_columns(width: int) -> list[Column]:
    """Return the columns of the table of conflicts."""
    last = [Column("Last edit", 9)] if width >= NARROW else []
    return [Column("Level", 10), Column("Where", 14, 3), Column("Between", 12, 2), *last]


def conflict_rows(seen: Snapshot, width: int, now: float) -> list[Row]:
    """Return a row for each conflict."""
    return [Row(key(each), tuple(_conflict(each, seen, width, now))) for each in seen.conflicts]


def key(conflict: Conflict) -> str:
    """Return the key of a conflict in its table."""
    on = conflict.dependency
    place = (conflict.path, on.definition if on else "", str(on.line) if on else "")
    return "\0".join((conflict.mine, conflict.theirs, conflict.repository, *place))


def place(conflict: Conflict) -> str:
    """Return the definitions and the file that a conflict is about."""
    symbols = ", ".join(wording.plain(name, wording.LONGEST_PATH) for name in conflict.symbols)
    path = wording.plain(conflict.path, wording.LONGEST_PATH)
    return f"{symbols} in {path}" if symbols else path


def message_columns(width: int) -> list[Column]:
    """Return the columns of the table of messages."""
    sent = [Column("Sent", 7)] if width >= NARROW else []
    return [*sent, Column("From", 9, 2), Column("To", 9, 2), Column("State", 9), Column("Text", 8, 5)]


def message_rows(seen: Snapshot, width: int, now: float) -> list[Row]:
    """Return a row for each message."""
    return [Row(each.message.id, tuple(_message(each, seen, width, now))) for each in seen.messages]


def headline(seen: Snapshot) -> str:
    """Return a summary of everything in one line."""
    live, unread = len(seen.members), sum(each.is_unread for each in seen.messages)
    said = [
        output.count(live, "live session") if live else "no live sessions",
        output.count(len(seen.conflicts), "conflict") if seen.conflicts else "no conflicts",
    ]
    if unread:
        said.append(output.count(unread, "unread message"))
    if seen.uncompared:
        said.append(f"comparing, {output.count(seen.uncompared, 'pair')} left")
    return " · ".join(said)


def _session(member: Member, seen: Snapshot, width: int, now: float) -> list[Cell]:
    session = member.session
    doing = member.work.task or ("" if member.hooked else "no hooks, so no alerts")
    return [
        Cell(MARKS.get(member.level, "●" if member.level else ""), LEVEL_COLOURS.get(member.level, "")),
        Cell(seen.name(session.id)),
        state(member, now),
        *([Cell(wording.plain(member.branch, wording.LONGEST_PATH))] if width >= NARROW else []),
        *([Cell(snapshot.folder(session.worktree))] if width >= WIDE else []),
        Cell(doing, "" if member.hooked else "faint"),
    ]


def _conflict(conflict: Conflict, seen: Snapshot, width: int, now: float) -> list[Cell]:
    last = age(max(conflict.mine_at, conflict.theirs_at), now)
    return [
        Cell(conflict.level, LEVEL_COLOURS[conflict.level]),
        Cell(place(conflict)),
        Cell(f"{seen.name(conflict.mine)} ↔ {seen.name(conflict.theirs)}"),
        *([Cell(last)] if width >= NARROW else []),
    ]


def _message(delivery: Delivery, seen: Snapshot, width: int, now: float) -> list[Cell]:
    message = delivery.message
    waits = delivery.is_unread
    return [
        *([Cell(age(message.at, now))] if width >= NARROW else []),
        Cell(seen.sender(message)),
        Cell(seen.receiver(message)),
        Cell(delivery.state, "yellow" if waits and message.urgent else "" if waits else "faint"),
        Cell(shown(message.text, messages.FRAME)),
    ]


TABLES = (
    Table("Sessions", session_columns, session_rows, "No Claude Code session is live."),
    Table("Conflicts", conflict_columns, conflict_rows, "No conflicts."),
    Table("Messages", message_columns, message_rows, "No messages yet."),
)
