"""Output of the command line: colours, columns, ages, wrapped prose, and JSON."""

import json
import os
import shutil
import sys
import textwrap
import unicodedata
from datetime import UTC, datetime
from typing import Any

import click

from context_sync.errors import ContextSyncError

WIDTH = 80  # columns of prose, even in a wider terminal
NARROWEST = 30  # columns that prose is wrapped to at least

TIMES = ("at", "summary_at")  # keys of times in `views.documents`

# Least age in seconds, length and name of each unit.
_UNITS = (
    (2 * 86400, 86400, "days"),
    (2 * 3600, 3600, "h"),
    (2 * 60, 60, "min"),
    (5, 1, "s"),
)


def is_for_user() -> bool:
    """Return whether the user reads the output, as no session of Claude Code runs this command."""
    return not any(os.environ.get(name) for name in ("CLAUDECODE", "CLAUDE_CODE_SESSION_ID"))


def say(text: str = "", *, error: bool = False) -> None:
    """Print a line; without colours if they are not wanted (https://no-color.org) or not supported."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    stream = sys.stderr if error else sys.stdout
    encoding = stream.encoding or "utf-8"
    shown = text.encode(encoding, "replace").decode(encoding)
    click.echo(shown, file=stream, color=False if plain else None)


def say_json(value: object) -> None:
    """Print a value as JSON in ASCII, which every terminal and every parser accepts."""
    click.echo(json.dumps(value, indent=2))


def times_or_null(value: Any) -> Any:  # noqa: ANN401
    """Return a document of `views.documents` with null for unknown times, which are "" there."""
    if isinstance(value, list):
        return [times_or_null(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {key: None if key in TIMES and each == "" else times_or_null(each) for key, each in value.items()}


def obstacle(error: OSError) -> ContextSyncError:
    """Return the error about a part of the state folder that cannot be used."""
    message = f"{error.filename} cannot be used ({error.strerror}): `context-sync doctor` says what to do."
    return ContextSyncError(message)


def bold(text: str) -> str:
    """Return the text in bold."""
    return click.style(text, bold=True)


def faint(text: str) -> str:
    """Return the text dimmed."""
    return click.style(text, dim=True)


def fitting(text: str) -> str:
    """Return prose wrapped to the terminal, unchanged without one."""
    return paragraph(text, hanging="  ") if sys.stdout.isatty() else text


def paragraph(text: str, indent: str = "", hanging: str | None = None) -> str:
    """Return prose wrapped to `WIDTH` columns, or to a narrower terminal.

    Lines after the first start with `hanging`.
    """
    return textwrap.fill(
        text,
        _width(),
        initial_indent=indent,
        subsequent_indent=indent if hanging is None else hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _width() -> int:
    return min(WIDTH, max(NARROWEST, shutil.get_terminal_size().columns)) if sys.stdout.isatty() else WIDTH


def cut(text: str, width: int) -> str:
    """Return the text cut to at most `width` columns, with an ellipsis if it was longer."""
    while columns(text) > width:
        text = text.removesuffix("…")[:-1] + "…"
    return text


def column(text: str, width: int) -> str:
    """Return the text in exactly `width` columns: padded or cut."""
    kept = cut(text, width)
    return kept + " " * (width - columns(kept))


def columns(text: str) -> int:
    """Return the width of the text in columns: two for ideographs, none for combining characters."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return len(text) + wide - sum(unicodedata.combining(letter) != 0 for letter in text)


def ago(at: float, now: float) -> str:
    """Return a readable age, such as "3 h ago"."""
    passed = now - at
    for least, unit, name in _UNITS:
        if passed >= least:
            return f"{int(passed // unit)} {name} ago"
    return "just now"


def timestamp(at: float) -> str | None:
    """Return a time in seconds since the epoch in ISO 8601, UTC, to the second; None for 0, which means never."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


def count(number: int, noun: str) -> str:
    """Return the number with its noun in the singular or plural."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def tilde(path: str) -> str:
    """Return a path with the home folder as `~`."""
    home = os.path.expanduser("~")
    return "~" + path[len(home) :] if path == home or path.startswith(home.rstrip("/") + "/") else path
