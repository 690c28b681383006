"""Simulation: a played session, whose events go through the registered hook commands as Claude Code sends them."""

import json
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

from context_sync.claude.hooks import edit_results

TIME_LIMIT = 30.0  # seconds for one hook

# Pages that Linux gives to the shell and the tools of a quiet hook: 64 to 200; a start of Python takes over 800.
SHELL_FAULTS = 500

# What a hook gets of the caller's environment: no more than Claude Code has when a login shell starts it.
PASSED_ON = ("PATH", "TMPDIR", "TZ", "LANG", "LC_ALL")


class Answer(NamedTuple):
    """What the hook of one event did: its exit code, what it printed, and the seconds it took.

    `python` is whether it started Python, None where that is not known.
    """

    code: int
    output: bytes
    errors: bytes
    seconds: float
    python: bool | None

    @property
    def told(self) -> str:
        """What Claude reads because of this answer: a context, or the reason of a denial; "" for nothing."""
        specific = json.loads(self.output or b"{}").get("hookSpecificOutput", {})
        told = specific.get("additionalContext") or specific.get("permissionDecisionReason") or ""
        return str(told)


class Player(NamedTuple):
    """A played session: the live process that stands for its Claude Code, where it works, and what it runs.

    `commands` are the registered hook commands by event, `environment` all that they get beside what
    Claude Code itself sets.
    """

    session: str
    title: str
    pid: int
    folder: str
    commands: Mapping[str, str]
    environment: Mapping[str, str]


@contextmanager
def player(title: str, folder: str, commands: Mapping[str, str], environment: Mapping[str, str]) -> Iterator[Player]:
    """Yield a session whose process is alive until the block ends; it appears nowhere before its first event."""
    # Reads a pipe that nobody writes to: it ends with this process, whatever that one dies of.
    waiting = [sys.executable, "-I", "-S", "-c", "import sys; sys.stdin.read()"]
    # In a session of its own, Ctrl-C in the terminal does not reach it; it ends with its standard input.
    client = subprocess.Popen(waiting, stdin=subprocess.PIPE, cwd="/", start_new_session=True)
    try:
        yield Player(str(uuid.uuid4()), title, client.pid, folder, commands, environment)
    finally:
        client.kill()
        client.communicate()


def surroundings(home: str) -> dict[str, str]:
    """Return the environment of Claude Code with the home folder `home`, so that it knows no other."""
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return {"PATH": os.defpath, **kept, "HOME": home, "TERM": "xterm"}


def play(actor: Player, event: str, **fields: object) -> Answer:
    """Run the session's hook of an event with a payload of these fields, as Claude Code does, and wait for it.

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
    text = json.dumps(payload, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"  # as Claude Code writes
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
    """Make one edit of a file, as the tool Edit does, and yield each event of it with its answer.

    `old` must be in the file `path`, which is relative to the session's folder. The edit is not made while
    PreToolUse denies it: it is tried once more then, as the model does, and given up when denied again.
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
    """Hold Ctrl-C back until the block ends: what is started in it is known then, and can be ended."""
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
        start_new_session=True,  # as Claude Code does; so that its children end with it, too
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass  # it ended in the moment in which it was given up
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
