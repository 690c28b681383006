"""The configuration: `config.toml`, in which every key has a default."""

from __future__ import annotations

import os

from context_sync import paths
from context_sync.hotpath import regular_files
from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any

# Before an edit of a definition that another live session has changed: nothing, a note, one denial per change, denials.
GUARD_MODES = ("off", "notify", "deny-once", "deny")
# Which messages wake an idle session: urgent ones and replies, all, or none.
WAKE_MODES = ("urgent", "all", "none")
# What makes a summary on request: Claude Code if it is installed, or nothing but the transcript.
SUMMARY_MODES = ("claude", "off")
CHOICES = {"guard": GUARD_MODES, "wake": WAKE_MODES, "summary": SUMMARY_MODES}
TEXTS = ("summary_model", "summary_command")
NUMBERS = ("keep_days",)
MAX_DAYS = 36_500  # days


class Config(NamedTuple):
    """The settings of the user; `problems` says in one sentence each what in the file is invalid."""

    guard: str = "deny-once"
    wake: str = "urgent"
    summary: str = "claude"
    summary_model: str = "haiku"  # an alias or a full name, as for `claude --model`; "" is Claude Code's default
    summary_command: str = "claude"  # a name on PATH, or a path
    keep_days: int = 14  # how long sessions that ended, and read messages, are kept
    problems: tuple[str, ...] = ()


def read() -> Config:
    """Return the configuration, with defaults for a missing file and for each invalid key."""
    file = paths.config_file()
    if not os.path.exists(file):
        return Config()
    import tomllib  # 5 ms

    try:
        found = tomllib.loads(regular_files.read(file).decode())
    except (OSError, ValueError, RecursionError) as error:
        return Config(problems=(f"{file} cannot be read: {error}.",))
    return _checked(file, found)


def _checked(file: str, found: dict[str, Any]) -> Config:
    problems = [f"{file}: there is no key `{name}`." for name in found if name not in {*CHOICES, *TEXTS, *NUMBERS}]
    chosen: dict[str, Any] = {}
    for name, choices in CHOICES.items():
        if found.get(name) in choices:
            chosen[name] = found[name]
        elif name in found:
            problems.append(f"{file}: {name} is {found[name]!r}, not one of {', '.join(choices)}.")
    for name in TEXTS:
        if isinstance(found.get(name), str):
            chosen[name] = found[name]
        elif name in found:
            problems.append(f"{file}: {name} is {found[name]!r}, not a text in quotation marks.")
    for name in NUMBERS:
        if type(found.get(name)) is int and 1 <= found[name] <= MAX_DAYS:
            chosen[name] = found[name]
        elif name in found:
            problems.append(f"{file}: {name} is {found[name]!r}, not a whole number from 1 to {MAX_DAYS}.")
    return Config(**chosen, problems=tuple(problems))
