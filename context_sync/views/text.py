"""The documents of `schemas` as text: for the terminal, and for a model that is not shown JSON."""

from collections.abc import Callable, Iterable, Iterator

from context_sync.domain import wording
from context_sync.views.schemas import (
    ChangeList,
    ConflictRow,
    FileRow,
    MessageList,
    Resolution,
    RunRow,
    SentList,
    SentRow,
    SessionContext,
    SessionList,
    SessionRow,
    TouchList,
    TouchRow,
)

When = Callable[[str], str]


def at(time: str) -> str:
    """Return a time of a document in the words for a model."""
    return f"at {time}"


def of_sessions(shape: SessionList) -> list[str]:
    """Return the lines of a list of sessions."""
    if not shape["sessions"]:
        return ["No Claude Code session is live."]
    return [shape["note"], *(line for row in shape["sessions"] for line in ("", *_session(row)))]


def of_context(shape: SessionContext, when: When = at) -> list[str]:
    """Return the lines of a session's whole context, with times in the words of `when`."""
    branch = f", branch {shape['branch']}" if shape["branch"] else ""
    lines = [f"{shape['name']} ({shape['status']}{branch})", shape["worktree"], shape["note"]]
    lines += ["", shape["task"] or "Nothing has been asked of it yet."]
    for title, points in (
        ("Decided", shape["decisions"]),
        ("Done", shape["progress"]),
        ("Next", shape["next"]),
        ("Blocked by", shape["blockers"]),
        ("Open questions", shape["questions"]),
        ("Conflicts", [_conflict(row, when) for row in shape["conflicts"]]),
        ("Files changed", [_file(row) for row in shape["files"]]),
        ("Tests run", [_run(row) for row in shape["tests"]]),
        ("Requests", shape["requests"]),
        ("Last reply", [shape["last_reply"]] if shape["last_reply"] else []),
    ):
        lines += _section(title, points)
    return [*lines, "", _source(shape, when)]


def of_changes(shape: ChangeList, when: When = at) -> list[str]:
    """Return the lines of what the sessions of a project changed and decided, with times in the words of `when`."""
    if not shape["files"] and not shape["decisions"]:
        return [f"No session has changed or decided anything in {shape['project']} recently."]
    files = [f"{_file(row)} by {row['name']} {when(row['changed'])}" for row in shape["files"]]
    decisions = [f"{row['decision']} ({row['name']}, {when(row['at'])})" for row in shape["decisions"]]
    return [shape["project"], shape["note"], *_section("Files changed", files), *_section("Decided", decisions)]


def of_touches(shape: TouchList) -> list[str]:
    """Return the lines that say who touched a place."""
    return [_touch(row) for row in shape["touches"]] or ["No edit of it is on record."]


def of_resolution(shape: Resolution) -> list[str]:
    """Return the lines that say what was resolved."""
    resolved = [f"Resolved {path}." for path in shape["resolved"]]
    others = [f"No unsettled edit of {path} is on record: nothing to resolve." for path in shape["nothing_to_resolve"]]
    return [*resolved, *others]


def of_sent(shape: SentList) -> list[str]:
    """Return the lines that say which messages were stored."""
    return [f"Stored message {row['id']} for {row['name']}{_delivery(row)}" for row in shape["sent"]]


def of_messages(shape: MessageList) -> list[str]:
    """Return the lines of the messages to a session."""
    return [line for row in shape["messages"] for line in (row["heading"], row["text"])] or ["There are no messages."]


def _session(row: SessionRow) -> Iterator[str]:
    branch = f", branch {row['branch']}" if row["branch"] else ""
    you = ", this session" if row.get("you") else ""
    hooks = "" if row.get("hooks", True) else ", known only from its transcript"
    yield f"{row['name']} ({row['status']}{branch}{you}{hooks}), id {row['id']}"
    if row["task"]:
        yield f"  {row['task']}"
    for conflict in row["conflicts"]:
        yield f"  {_conflict(conflict, at)}"


def _conflict(row: ConflictRow, when: When) -> str:
    symbols = f" ({', '.join(row['symbols'])})" if row["symbols"] else ""
    return (
        f"{row['level']} conflict in {row['path']}{symbols} with {row['name']}, who changed it {when(row['changed'])}"
    )


def _touch(row: TouchRow) -> str:
    symbols = f" ({', '.join(row['symbols'])})" if row["symbols"] else ""
    state = "live" if row["live"] else "ended"
    return f"{row['path']}{symbols}: by {row['name']} ({state}, {row['session'][:8]}) with {row['tool']} at {row['at']}"


def _delivery(row: SentRow) -> str:
    if row["live"]:
        return ", read with its next step or prompt."
    return f", which has ended: read when it is resumed.{wording.alike(row.get('alike', []))}"


def _file(row: FileRow) -> str:
    symbols = f": {', '.join(row['symbols'])}" if row["symbols"] else ""
    lines = f" +{row['added']} -{row['removed']}" if "added" in row else ""
    return f"{row['path']}{lines}{symbols}{' (settled)' if row['settled'] else ''}"


def _run(row: RunRow) -> str:
    ended = {None: "ended with unknown result", 0: "passed"}.get(row["code"], f"failed with {row['code']}")
    return f"{row['command']}: {ended}{', ' + row['said'] if row['said'] else ''}"


def _section(title: str, points: Iterable[str]) -> list[str]:
    lines = [f"  - {point}" for point in points]
    return ["", f"{title}:", *lines] if lines else []


def _source(shape: SessionContext, when: When) -> str:
    by = "by Claude" if shape["summary_by"] == "claude" else "from the transcript"
    made = f", {when(shape['summary_at'])}" if shape["summary_at"] else ""
    failure = f" No summary was made: {shape['failure']}." if "failure" in shape else ""
    return f"Summary {by}{made}.{failure}"
