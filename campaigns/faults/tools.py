"""Calls of the MCP server's tools as the server itself makes them, without a server."""

from collections.abc import Callable, Mapping
from typing import Any

Call = Callable[..., Any]


def named(tool: str) -> Call:
    """Return a tool; the first one loads the server, before a process is forked that would do it again each time."""
    from context_sync import mcp_server

    return mcp_server._guarded(next(each.call for each in mcp_server.TOOLS if each.call.__name__ == tool))


def answer(call: Call, arguments: Mapping[str, object]) -> tuple[int, str]:
    """Return 0 and what a tool answers, or 1 and how it refuses."""
    from mcp.server.mcpserver.exceptions import ToolError

    try:
        context = call(**arguments)
    except ToolError as error:
        return 1, str(error)
    return 0, "\n".join(each.text for each in context.content)
