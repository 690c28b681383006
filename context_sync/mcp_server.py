"""The MCP tools: what a session can ask about the others, each a few lines on top of the views."""

import functools
import os
from collections.abc import Callable, Mapping, Sequence
from importlib import metadata
from typing import Annotated, Any, NamedTuple, cast

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import CallToolResult, TextContent, ToolAnnotations
from pydantic import Field

from context_sync import crash_log, errors, paths
from context_sync.claude.install import mcp_entry
from context_sync.domain.records import Session
from context_sync.errors import ContextSyncError
from context_sync.presence import identity
from context_sync.state import sessions
from context_sync.views import documents, edits, mail, projects, roster, text
from context_sync.views.schemas import (
    ChangeList,
    MessageList,
    Resolution,
    SentList,
    SessionContext,
    SessionList,
    TouchList,
)

NAME = "context-sync"
INSTRUCTIONS = (
    "Other Claude Code sessions on this machine: what they are working on, conflicting edits, messages to them."
)

SessionId = Annotated[str, Field(description="Id or name of a session.")]
Own = Annotated[str, Field(description="Id of your session; optional.")]
Project = Annotated[str, Field(description="Folder or name of a repository; default: your own.")]


def list_sessions() -> Annotated[CallToolResult, SessionList]:
    """List the live Claude Code sessions: status, task, branch, and conflicting edits."""
    found = documents.session_list(roster.live(), identity.served())
    return _result(found, text.of_sessions(found))


def get_session_context(sessionId: SessionId) -> Annotated[CallToolResult, SessionContext]:
    """Show the work of a session: task, decisions, changed files and symbols, next steps, blockers, conflicts."""
    found = documents.session_context(roster.called(sessionId))
    return _result(found, text.of_context(found))


def get_all_changes(project: Project = "") -> Annotated[CallToolResult, ChangeList]:
    """List the files and symbols that all sessions of a project changed, and their decisions, newest first."""
    found = documents.change_list(_repository(project))
    return _result(found, text.of_changes(found))


def send_message(
    message: str, fromSessionId: Own = "", project: Project = "", targetSessionId: SessionId = ""
) -> Annotated[CallToolResult, SentList]:
    """Send a message to another session, or without a target to every live session of the project."""
    found = mail.send(_sender(fromSessionId), message, targetSessionId, project and _repository(project))
    return _result(found, text.of_sent(found))


def get_messages(sessionId: Own = "", unreadOnly: bool = False) -> Annotated[CallToolResult, MessageList]:
    """Read the messages that other sessions sent to yours."""
    box = _own(sessionId)
    found = mail.read(box, unreadOnly, by_model=box == identity.served())
    return _result(found, text.of_messages(found))


def resolve_conflicts(files: list[str], sessionId: Own = "") -> Annotated[CallToolResult, Resolution]:
    """Mark your conflicts in these files as resolved: no alert names them until somebody edits there again."""
    found = edits.resolve(_session(_own(sessionId)), files)
    return _result(found, text.of_resolution(found))


def who_touched(path: str, symbol: str = "") -> Annotated[CallToolResult, TouchList]:
    """Show which session, live or ended, last changed a file, or a function, class or other symbol in it, and when."""
    found = edits.touches(path, symbol, _folder())
    return _result(found, text.of_touches(found))


class _Tool(NamedTuple):
    title: str
    call: Callable[..., CallToolResult]
    reads_only: bool


TOOLS = (
    _Tool("List sessions", list_sessions, True),
    _Tool("Show a session", get_session_context, True),
    _Tool("List changes", get_all_changes, True),
    _Tool("Send a message", send_message, False),
    _Tool("Read messages", get_messages, False),
    _Tool("Resolve conflicts", resolve_conflicts, False),
    _Tool("Who touched it", who_touched, True),
)


def server(tools: Sequence[_Tool] = TOOLS) -> MCPServer[Any]:
    """Return a server with these tools, not running yet."""
    made = MCPServer[Any](NAME, version=_version(), instructions=INSTRUCTIONS if tools else None, log_level="ERROR")
    for tool in tools:
        hints = ToolAnnotations(
            title=tool.title,
            read_only_hint=tool.reads_only,
            destructive_hint=False,
            idempotent_hint=tool.reads_only,
            open_world_hint=False,
        )
        made.add_tool(_guarded(tool.call), title=tool.title, annotations=hints)
    return made


def main() -> None:
    """Serve the tools on standard input and output until Claude Code closes them.

    The plugin's server has no tools where `init` registered a server, too: each tool would be listed twice.
    """
    server(() if _is_second() else TOOLS).run("stdio")


def _is_second() -> bool:
    folder = os.environ.get("CLAUDE_PROJECT_DIR") or paths.current_folder()
    return "CONTEXT_SYNC_PLUGIN" in os.environ and mcp_entry.is_served(folder)


def _guarded(call: Callable[..., CallToolResult]) -> Callable[..., CallToolResult]:
    """Return the tool with its errors in words: an expected failure, an obstacle, or a bug with the path of the log."""

    @functools.wraps(call)
    def tool(*arguments: Any, **named: Any) -> CallToolResult:  # noqa: ANN401
        try:
            return call(*arguments, **named)
        except ContextSyncError as error:
            raise ToolError(str(error)) from error
        except Exception as error:
            if said := errors.system_failure(error):
                raise ToolError(said) from error
            where = crash_log.record_crash(f"serve {call.__name__}", error)
            raise ToolError(f"a bug in context-sync, recorded in {where}: {type(error).__name__}: {error}") from error

    return tool


def _result(shape: Mapping[str, object], lines: Sequence[str]) -> CallToolResult:
    content = [TextContent(type="text", text="\n".join(lines))]
    return CallToolResult(content=cast("Any", content), structured_content=dict(shape))


def _version() -> str:
    try:
        return metadata.version(NAME)
    except metadata.PackageNotFoundError:
        return ""  # a checkout that is not installed


def _sender(session_id: str) -> str:
    """Return the sender of a message; a caller that is known cannot send in the name of another session."""
    own = _own(session_id)
    if own != (identity.served() or own):
        raise ContextSyncError("a message is sent in the name of your own session: omit fromSessionId.")
    return own


def _own(session_id: str) -> str:
    found = roster.called(session_id).id if session_id else identity.served()
    if not found:
        raise ContextSyncError("Claude Code does not say which session is calling: give the id of your session.")
    return found


def _session(session_id: str) -> Session:
    found = sessions.load(session_id)
    if found is None:
        raise ContextSyncError(f"no hook has ever run for the session {session_id}: `context-sync doctor` says why.")
    return found


def _repository(project: str) -> str:
    return projects.repository_of(project, _folder())


def _folder() -> str:
    """Return the folder of the calling session, or the one that Claude Code works in."""
    known = sessions.load(identity.served())
    return known.cwd if known else os.environ.get("CLAUDE_PROJECT_DIR") or paths.current_folder()
