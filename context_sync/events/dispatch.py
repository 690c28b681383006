"""Dispatch of hook events: one payload in, one answer or nothing out, always with status 0."""

from __future__ import annotations

import os
import sys

from context_sync.hotpath import deadlines
from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

# The module that handles each event, and its time limit in seconds.
HANDLERS = {
    "SessionStart": ("session_start", 4.0),
    "UserPromptSubmit": ("user_prompt_submit", 2.0),
    "PreToolUse": ("pre_tool_use", 2.0),
    "PostToolUse": ("post_tool_use", 30.0),
    "PostToolUseFailure": ("post_tool_use_failure", 30.0),
    "PostToolBatch": ("post_tool_batch", 2.0),
    "Stop": ("stop", 2.0),
    "SessionEnd": ("session_end", 0.9),
    "Idle": ("idle", 0.0),  # the waiter, as long as the session is idle
}


def _nothing() -> None:
    return None


class Answer(NamedTuple):
    """What is printed to Claude Code, and what is noted once it was printed.

    With a `status` other than 0 it goes to standard error. Only the waiter has one: 2, which wakes the session.
    """

    output: bytes
    printed: Callable[[], None] = _nothing
    status: int = 0


def main(name: str) -> None:
    """Handle the event `name` on standard input and exit with 0 whatever happens; the waiter exits with 2 to wake."""
    status = 0
    try:
        status = _handle(name)
    except BaseException as error:
        from context_sync import crash_log

        crash_log.record_crash(name, error)
    finally:  # even if time runs out at this very moment
        # Skips the interpreter's shutdown (3 ms), which could also fail on a closed pipe.
        os._exit(status)


def _handle(name: str) -> int:
    module, seconds = HANDLERS.get(name, ("", 0.0))
    if not module or os.environ.get("CONTEXT_SYNC") == "0":
        return 0
    deadlines.begin(seconds)
    from context_sync.claude.hooks import payloads

    event = payloads.read(name, os.environb.pop(b"CONTEXT_SYNC_HEAD", b"") + sys.stdin.buffer.read())
    if event is None:
        raise ValueError("the payload is not a JSON object with a session_id")
    if "CONTEXT_SYNC_PLUGIN" in os.environ and name == "SessionStart":
        from context_sync.events import plugin_precedence

        if plugin_precedence.is_due(event):
            return 0
    answer = __import__("context_sync.events." + module, fromlist=["handle"]).handle(event)
    if answer is None:
        return 0
    stream = (sys.stderr if answer.status else sys.stdout).buffer
    stream.write(answer.output)
    stream.flush()
    answer.printed()
    return int(answer.status)
