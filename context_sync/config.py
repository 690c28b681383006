"""Owns the configuration: `config.toml`, every key with a default."""

import os
from typing import Any, NamedTuple

from context_sync import paths

# Before an edit of a definition that another live session holds: nothing, a note, one denial per change, denials.
GUARD_MODES = ("off", "notify", "deny-once", "deny")


class Config(NamedTuple):
    """What a person may set; `problems` says in one sentence each what of the file was not understood."""

    guard: str = "deny-once"
    problems: tuple[str, ...] = ()


def read() -> Config:
    """Return the configuration; a missing file gives the defaults, and so does each key that is not understood."""
    file = paths.config_file()
    if not os.path.exists(file):
        return Config()
    import tomllib  # 5 ms

    try:
        with open(file, "rb") as stream:
            found = tomllib.load(stream)
    except (OSError, ValueError) as error:
        return Config(problems=(f"{file} cannot be read: {error}.",))
    return _checked(file, found)


def _checked(file: str, found: dict[str, Any]) -> Config:
    guard = found.get("guard", Config().guard)
    problems = [f"{file}: there is no key `{name}`." for name in found if name not in Config._fields[:-1]]
    if guard not in GUARD_MODES:
        problems.append(f"{file}: guard is {guard!r}, not one of {', '.join(GUARD_MODES)}.")
        guard = Config().guard
    return Config(guard, tuple(problems))
