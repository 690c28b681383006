"""What the end-to-end tests share: the project that is edited, and the command as installed."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.client.api import MessagesAPI, step, text, tool
from tests.client.environment import Home
from tests.client.stream import Block
from tests.rehearse import CALC, CHECKOUT, git

__all__ = ["CALC", "git"]

ALERT = "another live Claude Code session"
GIVEN = {b"hook_additional_context", b"tool_result"}


def context_sync(home: Home, *arguments: str, status: int = 0) -> str:
    command = [str(Path(sys.executable).parent / "context-sync"), *arguments]
    done = subprocess.run(command, env=home.environment(), capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout


def patient(home: Home) -> None:
    """Have the registered hooks not cut off because the machine is busy, see tests/patient.py."""
    settings, python = home.claude / "settings.json", home.folder / "patient-python"
    found = re.findall(r"python=(\S+);", settings.read_text())
    assert len(found) > 8
    start = f'exec {found[0]} -I -S -X utf8 "{CHECKOUT}/tests/patient.py" "$@"'
    python.write_text(f"#!/bin/sh\nshift 4 # the same options\n{start}\n")
    python.chmod(0o755)
    settings.write_text(settings.read_text().replace(f"python={found[0]};", f"python='{python}';"))


def status(home: Home) -> dict[str, Any]:
    return json.loads(context_sync(home, "status", "--json"))


def edit(path: Path, old: str, new: str) -> Block:
    return tool("Edit", file_path=str(path), old_string=old, new_string=new)


def read(path: Path) -> Block:
    return tool("Read", file_path=str(path))


def edits(path: Path, old: str, new: str, attempts: int = 1):
    """The steps of a turn that changes one place of one file; the guard denies the first of two attempts."""
    return step(read(path)), *[step(edit(path, old, new))] * attempts, step(text("Changed."))


def touches(home: Home, session: str) -> list[dict[str, Any]]:
    file = home.claude / "context-sync" / "touches" / f"{session}.jsonl"
    lines = [json.loads(line) for line in whole_lines(file)] if file.exists() else []
    return [line for line in lines if "path" in line]


def recorded(home: Home, session: str, count: int = 1) -> None:
    """Wait until so many edits of a live session are recorded, and whoever must hear of them is called."""
    at_work = home.claude / "context-sync" / "gate" / session / "recording"
    until(lambda: len(touches(home, session)) >= count and not list(at_work.glob("*")), "the edit is recorded")


def running(home: Home, event: str) -> list[int]:
    """Return the processes that handle an event of the sessions of this home."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().split(b"\0")
            environment = (process / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if command[-2:-1] == [event.encode()] and f"HOME={home.folder}".encode() in environment:
            found.append(int(process.name))
    return found


def written(home: Home, session: str, words: str) -> None:
    """Wait until Claude Code, which takes its time, has written words to the session's transcript."""
    until(  # bytes: a part of a character may be written
        lambda: any(file.stem == session and words.encode() in file.read_bytes() for file in home.transcripts),
        f"{words!r} is in the transcript",
    )


def given(home: Home, session: str, words: str) -> None:
    """Wait until the session's transcript proves that the model was given words by a hook or a tool."""

    def is_given() -> bool:
        lines = [line for file in home.transcripts if file.stem == session for line in whole_lines(file)]
        return any(words.encode() in line for line in lines if GIVEN & set(line.split(b'"')))

    until(is_given, f"{words!r} is proved by the transcript")


def whole_lines(file: Path) -> list[bytes]:
    """Return the lines of a file that is being written."""
    return file.read_bytes().split(b"\n")[:-1]


def tools(api: MessagesAPI, session: str, ask: Callable[[], object]) -> list[str]:
    """Have Claude Code asked until it names tools of MCP servers to the model: in print mode it waits for none."""

    def named() -> list[str]:
        ask()
        context = "\n".join(api.requests(session)[-1].texts()).splitlines()
        return [line for line in context if line.startswith("mcp__")]

    until(named, "Claude Code names tools")
    return named()


def until(holds: Callable[[], object], what: str, seconds: float = 180.0) -> None:
    end = time.monotonic() + seconds
    while True:
        is_last = time.monotonic() > end  # asked before the look: this process may be stopped after it
        if holds():
            return
        assert not is_last, f"not within {seconds} s: {what}"
        time.sleep(0.02)


def made(home: Home) -> bool:
    """Return whether the plugin has made its environment."""
    found = list((home.claude / "plugins" / "data").glob("context-sync-*"))
    return bool(found) and (found[0] / "venv" / "bin" / "python3").exists() and not (found[0] / "making").is_symlink()
