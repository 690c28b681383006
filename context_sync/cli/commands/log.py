"""`context-sync log`: the recorded edits."""

import re
import time
from datetime import datetime
from typing import Any

import click

from context_sync.cli import file_arguments, output
from context_sync.domain import wording
from context_sync.errors import ContextSyncError
from context_sync.mail import recipients
from context_sync.touches import history
from context_sync.touches.history import Edit

UNITS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400, "w": 604800}


@click.command("log")
@click.option("--session", "wanted", metavar="SESSION", help="Show only the edits of this session.")
@click.option("--path", metavar="PATH", help="Show only the edits of a file, or of the files below a folder.")
@click.option(
    "--since",
    metavar="TIME",
    help="Show only edits since then: 30min, 2h, 3d, or a date and time such as 2026-11-20T09:30.",
)
@click.option("--all", "everywhere", is_flag=True, help="Show the edits in every repository, not only in this one.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, as described above.")
def command(wanted: str | None, path: str | None, since: str | None, everywhere: bool, as_json: bool) -> None:
    """List the edits recorded in this repository, oldest first.

    SESSION is a session's name or id, a prefix of either, or its branch.

    \b
    JSON:
      [{"at", "session", "name", "tool", "repository", "worktree", "path",
        "symbols": [{"name", "kind", "start", "end"}], "agent", "tool_use"}]
    """
    after = 0.0 if since is None else moment(since, time.time())
    session = "" if wanted is None else recipients.session_named(wanted, "").id
    repository = "" if everywhere else file_arguments.place_here().repository
    inside = file_arguments.named(path).path if path else ""
    found = [
        edit
        for edit in history.edits(repository)
        if edit.touch.at >= after and session in ("", edit.session.id) and _is_in(edit.touch.path, inside)
    ]
    if as_json:
        output.say_json([_row(edit) for edit in found])
        return
    now = time.time()
    if not found:
        output.say(_nothing(everywhere, is_filtered=bool(wanted or path or since)))
    for edit in found:
        output.say(_line(edit, now))


def moment(text: str, now: float) -> float:
    """Parse a time: so long before `now`, or a date and time. Returns seconds since the epoch.

    Raises ContextSyncError when it is neither.
    """
    span = re.fullmatch(r"(\d{1,9}) ?([a-z]+)", text.strip())
    if span and span[2] in UNITS:
        return now - int(span[1]) * UNITS[span[2]]
    try:
        return datetime.fromisoformat(text.strip()).timestamp()
    except (ValueError, OverflowError):
        raise ContextSyncError(f"{text!r} is not a time: write 30min, 2h, 3d or 2026-11-20T09:30.") from None


def _nothing(everywhere: bool, is_filtered: bool) -> str:
    if is_filtered:
        return "No recorded edit matches."
    if everywhere:
        return "No edits recorded."
    return "No edits recorded in this repository; `context-sync log --all` lists those of every repository."


def _is_in(path: str, folder: str) -> bool:
    return folder in ("", ".", path) or path.startswith(folder + "/")


def _line(edit: Edit, now: float) -> str:
    session, touch = edit
    symbols = ", ".join(wording.plain(symbol.name, wording.LONGEST_PATH) for symbol in touch.symbols)
    name = output.column(wording.plain(session.name, wording.LONGEST_NAME), 20)
    path = wording.plain(touch.path, wording.LONGEST_PATH)
    when = output.column(output.ago(touch.at, now), 14)
    return f"{when}  {name}  {output.column(touch.tool, 12)}  {path}{f': {symbols}' if symbols else ''}"


def _row(edit: Edit) -> dict[str, Any]:
    session, touch = edit
    return {
        "at": output.timestamp(touch.at),
        "session": session.id,
        "name": session.name,
        "tool": touch.tool,
        "repository": touch.repository,
        "worktree": touch.worktree,
        "path": touch.path,
        "symbols": [symbol._asdict() for symbol in touch.symbols],
        "agent": touch.agent or None,
        "tool_use": touch.tool_use or None,
    }
