"""Owns running the client for one answer (`claude -p`): on its own, bounded in time, without a trace."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
from typing import Any, NamedTuple

from context_sync.domain import wording

LONGEST_REASON = 200  # characters of what the client says when it fails

# What a client tells its children of itself; a child that got these would speak for another session.
OF_THE_PARENT = (
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
    """What the model is asked: its role, the text, and the JSON schema of the answer."""

    role: str
    text: str
    schema: dict[str, Any]


class Outcome(NamedTuple):
    """The answer by the schema, or None and in a few words why there is none."""

    answer: dict[str, Any] | None
    failure: str = ""


def command_found(command: str) -> bool:
    """Say whether the client is there to be run: a name on PATH, or a path."""
    return shutil.which(command) is not None


def ask(question: Question, command: str, model: str, seconds: float) -> Outcome:
    """Ask the model `model` through the client `command`, within so many seconds; never raises for what it does."""
    options = ("--model", model) if model else ()
    schema = json.dumps(question.schema)
    arguments = [command, *OPTIONS, *options, "--system-prompt", question.role, "--json-schema", schema]
    try:
        with tempfile.TemporaryDirectory(prefix="context-sync-") as empty:
            code, output, errors = _run(arguments, question.text, empty, seconds)
    except subprocess.TimeoutExpired:
        return Outcome(None, f"the client took longer than {seconds:.0f} seconds")
    except OSError as error:
        return Outcome(None, f"the client {command!r} cannot be run ({error.strerror})")
    return _outcome(code, output, errors)


def _run(arguments: list[str], text: str, folder: str, seconds: float) -> tuple[int, bytes, bytes]:
    child = subprocess.Popen(
        arguments,
        cwd=folder,
        env=_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,  # so that its children end with it
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
        pass  # all of them have ended
    child.communicate()


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in OF_THE_PARENT}
    return kept | {"CONTEXT_SYNC": "0", "DISABLE_AUTOUPDATER": "1"}


def _outcome(code: int, output: bytes, complaint: bytes) -> Outcome:
    try:
        result = json.loads(output)
    except ValueError:
        said = (complaint or output).decode("utf-8", "replace")
        return Outcome(None, _reason(f"the client ended with status {code} and without an answer", said))
    if not isinstance(result, dict):
        return Outcome(None, "the client printed something else than a result")
    if isinstance(result.get("structured_output"), dict) and not result.get("is_error"):
        return Outcome(result["structured_output"])
    if result.get("stop_reason") == "refusal":
        return Outcome(None, _reason("the model refused", result.get("result")))
    if not result.get("is_error"):
        return Outcome(None, "the model gave no answer in the form that was asked for")
    told = result.get("errors")
    return Outcome(
        None, _reason("the client failed", told[0] if isinstance(told, list) and told else result.get("result"))
    )


def _reason(what: str, said: object) -> str:
    told = wording.plain(str(said or ""), LONGEST_REASON)
    return f"{what}: {told}" if told else what
