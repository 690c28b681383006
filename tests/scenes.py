"""Owns what the scenes of two or three sessions have in common: what a session tries, runs, touched and holds."""

import time
from pathlib import Path

from context_sync.state import touches
from tests.rehearse import Client, Heard, tool_use

INSTANT = 0.15  # seconds that the client's clock and a file's may be apart


def attempt(who: Client, path: Path, old: str, new: str) -> Heard:
    return who.event(
        "PreToolUse",
        tool_name="Edit",
        tool_use_id=tool_use(),
        tool_input={"file_path": str(path), "old_string": old, "new_string": new},
    )


def bash(who: Client, command: str) -> None:
    time.sleep(INSTANT)
    who.bash(command)


def named(who: Client) -> set[str]:
    """The definitions of the last touch."""
    return {symbol.name for symbol in who.touches[-1].symbols}


def open_names(who: Client) -> set[str]:
    return {each.name for touch in touches.read(who.session).unsettled() for each in touch.symbols}
