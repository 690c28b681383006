"""Owns the configuration: `config.toml`, every key with a default."""

from __future__ import annotations

import os

from context_sync import paths
from context_sync.hotpath import regular_files
from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any

# Before an edit of a definition that another live session holds: nothing, a note, one denial per change, denials.
GUARD_MODES = ("off", "notify", "deny-once", "deny")
# Which messages wake an idle session: urgent ones and replies, all, or none.
WAKE_MODES = ("urgent", "all", "none")
# Who makes a summary that is asked for: the client if it is found, or nobody: the transcript speaks for itself.
SUMMARY_MODES = ("claude", "off")
CHOICES = {"guard": GUARD_MODES, "wake": WAKE_MODES, "summary": SUMMARY_MODES}
TEXTS = ("summary_model", "summary_command")
NUMBERS = ("keep_days",)
LONGEST = 36_500  # days


class Config(NamedTuple):
    """What a person may set; `problems` says in one sentence each what of the file was not understood."""

    guard: str = "deny-once"
    wake: str = "urgent"
    summary: str = "claude"
    summary_model: str = "haiku"  # an alias or a full name, as `claude --model` takes it; "" is the client's own choice
    summary_command: str = "claude"  # a name on PATH, or a path
    keep_days: int = 14  # for which a session that ended is remembered, and mail that was read
    problems: tuple[str, ...] = ()


def read() -> Config:
    """Return the configuration; a missing file gives the defaults, and so does each key that is not understood."""
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
        if type(found.get(name)) is int and 1 <= found[name] <= LONGEST:
            chosen[name] = found[name]
        elif name in found:
            problems.append(f"{file}: {name} is {found[name]!r}, not a whole number from 1 to {LONGEST}.")
    return Config(**chosen, problems=tuple(problems))
