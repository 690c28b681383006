"""Simulation of a session: sends events through the registered hook commands, as Claude Code does."""

import os
import resource
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

import orjson

from context_sync.claude.hooks import edit_results

TIME_LIMIT = 30.0  # seconds for one hook

# Page faults of the shell and its tools in a quiet hook: 64 to 200; starting Python takes over 800.
SHELL_FAULTS = 500

# What a hook gets from the caller's environment: no more than Claude Code has when started from a login shell.
PASSED_ON = ("PATH", "TMPDIR", "TZ", "LANG", "LC_ALL")


class Answer(NamedTuple):
    """What the hook of one event did: its exit code, its output, and the seconds it took.

    `python` is whether it started Python, None when that cannot be determined.
    """

    code: int
    output: bytes
    errors: bytes
    seconds: float
    python: bool | None

    @property
    def context(self) -> str:
        """What Claude reads because of this answer: a context, or the reason for a denial; "" for nothing."""
        specific = orjson.loads(self.output or b"{}").get("hookSpecificOutput", {})
        text = specific.get("additionalContext") or specific.get("permissionDecisionReason") or ""
        return str(text)


class Player(NamedTuple):
    """A simulated session: the live process in place of its Claude Code, its folder, and its commands.

    `commands` are the registered hook commands by event, `environment` the variables that they get in addition to
    those that Claude Code sets.
    """

    session: str
    title: str
    pid: int
    folder: str
    commands: Mapping[str, str]
    environment: Mapping[str, str]


@contextmanager
def player(title: str, folder: str, commands: Mapping[str, str], environment: Mapping[str, str]) -> Iterator[Player]:
    """Yield a session whose process is alive until the block ends; it is not visible before its first event."""
    # Reads a pipe that nobody writes to, so it ends with this process, however that ends.
    waiting = [sys.executable, "-I", "-S", "-c", "import sys; sys.stdin.read()"]
    # In its own process session, Ctrl-C in the terminal does not reach it; it ends with its standard input.
    client = subprocess.Popen(waiting, stdin=subprocess.PIPE, cwd="/", start_new_session=True)
    try:
        yield Player(str(uuid.uuid4()), title, client.pid, folder, commands, environment)
    finally:
        client.kill()
        client.communicate()


def surroundings(home: str) -> dict[str, str]:
    """Return the environment of a Claude Code whose home folder is `home`, without any of the caller's folders."""
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return {"PATH": os.defpath, **kept, "HOME": home, "TERM": "xterm"}


def play(actor: Player, event: str, **fields: object) -> Answer:
    """Run the session's hook for an event with a payload of these fields, as Claude Code does, and wait for it.

    Raises subprocess.TimeoutExpired when it takes over `TIME_LIMIT`.
    """
    payload = {
        "session_id": actor.session,
        "transcript_path": os.path.join(actor.environment["HOME"], f"{actor.session}.jsonl"),
        "cwd": actor.folder,
        "hook_event_name": event,
        **fields,
    }
    began, faults = time.monotonic(), _faults()
    text = orjson.dumps(payload, option=orjson.OPT_APPEND_NEWLINE)  # as Claude Code does
    process = None
    try:
        with _uninterrupted():
            process = _started(actor, event)
        output, errors = process.communicate(text, timeout=TIME_LIMIT)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        if process:
            _end(process)
        raise
    seconds = time.monotonic() - began
    python = _faults() - faults > SHELL_FAULTS if sys.platform == "linux" else None
    return Answer(process.returncode, output, errors, seconds, python)


def edit(actor: Player, path: str, old: str, new: str) -> Iterator[tuple[str, Answer]]:
    """Make one edit of a file, as the tool Edit does, and yield each of its events with the answer.

    `old` must be in the file `path`, which is relative to the session's folder. When PreToolUse denies the edit, it is
    tried once more, as the model does, and given up when denied again.
    """
    file = os.path.join(actor.folder, path)
    call = {
        "tool_name": "Edit",
        "tool_input": {"file_path": file, "old_string": old, "new_string": new, "replace_all": False},
        "tool_use_id": "toolu_" + uuid.uuid4().hex[:24],
    }
    for _ in range(2):
        asked = play(actor, "PreToolUse", **call)
        yield "PreToolUse", asked
        if b'"deny"' not in asked.output:
            yield "PostToolUse", play(actor, "PostToolUse", **call, tool_response=edit_results.make(file, old, new))
            break
    yield "PostToolBatch", play(actor, "PostToolBatch", tool_calls=[call])


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Delay Ctrl-C until the block ends, so that what is started in it is known, and can be ended."""
    held = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)


def _started(actor: Player, event: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        ["/bin/sh", "-c", actor.commands[event]],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=actor.folder,
        env=_environment(actor),
        start_new_session=True,  # as Claude Code does; so that its children can be ended with it
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass  # it ended at the moment in which it was given up
    process.communicate()


def _faults() -> int:
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_minflt


def _environment(actor: Player) -> dict[str, str]:
    return {
        **actor.environment,
        "CLAUDECODE": "1",
        "CLAUDE_CODE_CHILD_SESSION": "1",
        "CLAUDE_CODE_ENTRYPOINT": "cli",
        "CLAUDE_CODE_SESSION_ATTENDED": "1",
        "CLAUDE_CODE_SESSION_ID": actor.session,
        "CLAUDE_PID": str(actor.pid),
        "CLAUDE_PROJECT_DIR": actor.folder,
        "PWD": actor.folder,
    }
