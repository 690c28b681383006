"""PostToolUseFailure, in the background: a command failed, and may have written files all the same."""

from context_sync.claude.hooks.payloads import Event
from context_sync.events import post_tool_use


def handle(event: Event) -> None:
    """Record what the command wrote and settled."""
    post_tool_use.handle(event)
