"""`context-sync serve`: starts the MCP server."""

import importlib
import sys

import click

from context_sync.errors import ContextSyncError


@click.command("serve")
def command() -> None:
    """Serve the MCP tools on standard input and output. Claude Code starts this itself.

    Both `context-sync init` and the plugin register it. When both do, the plugin's server offers no tools, so that
    each is listed once. The tools: list_sessions, get_session_context, get_all_changes, send_message,
    get_messages, resolve_conflicts, who_touched.
    """
    if sys.stdin.isatty():  # nobody would answer, and Ctrl-C would not end it
        raise ContextSyncError("Claude Code starts the server itself: run `context-sync doctor` to see whether it can.")
    importlib.import_module("context_sync.mcp_server").main()  # the SDK takes half a second
