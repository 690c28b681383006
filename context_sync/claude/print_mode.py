"""Print mode: runs Claude Code for one answer (`claude -p`), isolated, within a time limit, and without a trace."""

import os
import shutil
import signal
import subprocess
import tempfile
from typing import Any, NamedTuple

import orjson

from context_sync.domain import wording
from context_sync.hotpath import json_codec

MAX_REASON = 200  # characters of the error message of Claude Code

# What Claude Code passes to its children about itself; a child with these would act for another session.
PARENT_VARIABLES = (
    "AI_AGENT",
    "CLAUDECODE",
    "CLAUDE_CODE_ATTENDED",
    "CLAUDE_CODE_CHILD_NOTES_DIR",
    "CLAUDE_CODE_CHILD_SESSION",
    "CLAUDE_CODE_ENTRYPOINT",
    "CLAUDE_CODE_LAUNCHED_BY_SESSION_IDS",
    "CLAUDE_CODE_MESSAGING_SOCKET",
    "CLAUDE_CODE_MESSAGING_TOKEN",
    "CLAUDE_CODE_SESSION_ATTENDED",
    "CLAUDE_CODE_SESSION_ID",
    "CLAUDE_EFFORT",
    "CLAUDE_ENV_FILE",
    "CLAUDE_PID",
    "CLAUDE_PROJECT_DIR",
)

# No hooks, plugins, servers, skills or memory, no tools, no transcript (seen in 2.1.328).
OPTIONS = (
    "--print",
    "--safe-mode",
    "--strict-mcp-config",
    "--no-session-persistence",
    "--disable-slash-commands",
    "--tools",
    "",
    "--output-format",
    "json",
)


class Question(NamedTuple):
    """A question for the model: its role, the text, and the JSON schema of the answer."""

    role: str
    text: str
    schema: dict[str, Any]


class Outcome(NamedTuple):
    """The answer, which matches the schema, or None and a short reason why there is none."""

    answer: dict[str, Any] | None
    failure: str = ""


def command_found(command: str) -> bool:
    """Return whether the command, a name on PATH or a path, can be run."""
    return shutil.which(command) is not None


def ask(question: Question, command: str, model: str, seconds: float) -> Outcome:
    """Ask `model` by running `command`, for at most `seconds`; never raises, whatever the command does."""
    options = ("--model", model) if model else ()
    schema = orjson.dumps(question.schema).decode()
    arguments = [command, *OPTIONS, *options, "--system-prompt", question.role, "--json-schema", schema]
    try:
        with tempfile.TemporaryDirectory(prefix="context-sync-") as empty:
            code, output, errors = _run(arguments, question.text, empty, seconds)
    except subprocess.TimeoutExpired:
        return Outcome(None, f"Claude Code took longer than {seconds:.0f} seconds")
    except OSError as error:
        return Outcome(None, f"Claude Code {command!r} cannot be run ({error.strerror})")
    return _outcome(code, output, errors)


def _run(arguments: list[str], text: str, folder: str, seconds: float) -> tuple[int, bytes, bytes]:
    child = subprocess.Popen(
        arguments,
        cwd=folder,
        env=_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,  # so that its children can be ended with it
    )
    try:
        output, errors = child.communicate(text.encode("utf-8", "replace"), timeout=seconds)
    finally:
        _end(child)
    return child.returncode, output, errors


def _end(child: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass  # all have ended
    child.communicate()


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in PARENT_VARIABLES}
    return kept | {"CONTEXT_SYNC": "0", "DISABLE_AUTOUPDATER": "1"}


def _outcome(code: int, output: bytes, errors: bytes) -> Outcome:
    try:
        result = json_codec.loads(output)
    except ValueError:
        printed = (errors or output).decode("utf-8", "replace")
        return Outcome(None, _reason(f"Claude Code ended with status {code} and without an answer", printed))
    if not isinstance(result, dict):
        return Outcome(None, "Claude Code printed something else than a result")
    if isinstance(result.get("structured_output"), dict) and not result.get("is_error"):
        return Outcome(result["structured_output"])
    if result.get("stop_reason") == "refusal":
        return Outcome(None, _reason("the model refused", result.get("result")))
    if not result.get("is_error"):
        return Outcome(None, "the model gave no answer in the form that was asked for")
    messages = result.get("errors")
    message = messages[0] if isinstance(messages, list) and messages else result.get("result")
    return Outcome(None, _reason("Claude Code failed", message))


def _reason(what: str, message: object) -> str:
    shown = wording.plain(str(message or ""), MAX_REASON)
    return f"{what}: {shown}" if shown else what
