"""`context-sync who`: which session last changed a file, a line or a definition."""

import os
import time
from typing import Any

import click

from context_sync.cli import file_arguments, output
from context_sync.domain import wording
from context_sync.errors import ContextSyncError
from context_sync.git.checkouts import Checkout
from context_sync.state import sessions
from context_sync.touches import history
from context_sync.touches.history import Edit


@click.command("who")
@click.argument("target", required=False, metavar="[PATH[:LINE]]")
@click.option("--symbol", metavar="NAME", help="Name of a definition, qualified (Class.method) or not.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, as described above.")
def command(target: str | None, symbol: str | None, as_json: bool) -> None:
    """Show which session, live or ended, last changed a file, a line or a definition.

    A line stands for the definition around it in the file as it is now.

    \b
    JSON, latest first, empty when no edit of it is on record:
      [{"session", "name", "live", "at", "tool", "path", "symbols",
        "worktree", "branch", "agent"}]
    """
    if not target and not symbol:
        raise click.UsageError("Name a PATH, a PATH:LINE or a --symbol.")
    what, place, found = _look_up(target or "", symbol or "")
    live = {session.id for session in sessions.live({edit.session.id for edit in found})}
    if as_json:
        output.say_json([_row(edit, live) for edit in found])
        return
    if not found:
        output.say(f"No edit of {what} is on record.")
    for edit in found:
        output.say(output.paragraph(_sentence(edit, live, place), hanging="  "))


def _look_up(target: str, symbol: str) -> tuple[str, Checkout, list[Edit]]:
    if not target:
        place = file_arguments.place_here()
        return f"`{symbol}`", place, history.last_of_symbol(place.repository, symbol)
    path, line = _split(target)
    if line == 0:
        raise click.UsageError(f"Name a line, counted from 1: {target}.")
    named = file_arguments.named(path)
    if line is not None:
        symbol = _symbol_at(named, path, line)
        if not symbol:
            found = list(history.outside(history.last_of_path(named.place.repository, named.path)))
            return f"{path}:{line}, a line outside any definition", named.place, found
    if symbol:
        found = history.last_of_symbol(named.place.repository, symbol, named.path)
        return f"`{symbol}` in {named.path}", named.place, found
    return named.path, named.place, history.last_of_path(named.place.repository, named.path)


def _split(target: str) -> tuple[str, int | None]:
    path, _, line = target.rpartition(":")
    return (path, int(line)) if path and line.isdecimal() and not os.path.exists(target) else (target, None)


def _symbol_at(named: file_arguments.Named, path: str, line: int) -> str:
    try:
        return history.symbol_at(named.place, named.path, line)
    except OSError as error:
        raise ContextSyncError(f"{path} cannot be read ({error.strerror}): pass a --symbol instead.") from error


def _sentence(edit: Edit, live: set[str], place: Checkout) -> str:
    session, touch = edit
    symbols = ", ".join(f"`{wording.plain(each.name, wording.LONGEST_PATH)}`" for each in touch.symbols)
    where = "this checkout" if touch.worktree == place.worktree else output.tilde(touch.worktree)
    state = "live" if session.id in live else "ended"
    return (
        f"{wording.plain(touch.path, wording.LONGEST_PATH)}{f' ({symbols})' if symbols else ''}: changed by session "
        f'"{session.name}" ({state}, {session.id[:8]}) {output.ago(touch.at, time.time())} with {touch.tool} '
        f"in {where}."
    )


def _row(edit: Edit, live: set[str]) -> dict[str, Any]:
    session, touch = edit
    return {
        "session": session.id,
        "name": session.name,
        "live": session.id in live,
        "at": output.timestamp(touch.at),
        "tool": touch.tool,
        "path": touch.path,
        "symbols": [symbol.name for symbol in touch.symbols],
        "worktree": touch.worktree,
        "branch": session.branch,
        "agent": touch.agent or None,
    }
