"""What the scenes of two or three sessions share: what a session tries, runs, touched and holds."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from context_sync.state import files, touches
from tests.rehearse import Client, Heard, tool_use

INSTANT = 0.15  # seconds that Claude Code's clock and a file's may be apart


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


@contextmanager
def running(who: Client) -> Iterator[None]:
    """A command of the session runs until the block ends; what it did is looked for then."""
    fields = {"tool_name": "Bash", "tool_use_id": tool_use(), "tool_input": {"command": "make"}}
    who.event("PreToolUse", **fields)
    files.mark(files.path("gate", who.session, "recording", str(os.getpid())))  # as long as one is, the tool may run
    try:
        yield
    finally:
        files.remove(files.path("gate", who.session, "recording", str(os.getpid())))
        who.event("PostToolUse", **fields, tool_response={"stdout": "", "stderr": "", "interrupted": False})
