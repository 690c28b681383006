"""Owns playing a session: events go through the registered hook commands as the client would send them."""

import difflib
import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

TIME_LIMIT = 30.0  # seconds for one hook

# What a hook gets of the caller's environment: no more than a client started by a login shell has.
PASSED_ON = ("PATH", "TMPDIR", "TZ", "LANG", "LC_ALL")


class Answer(NamedTuple):
    """What the hook of one event did: its exit code, what it printed, and the seconds it took."""

    code: int
    output: bytes
    errors: bytes
    seconds: float

    @property
    def told(self) -> str:
        """What Claude reads because of this answer: a context, or the reason of a denial; "" for nothing."""
        specific = json.loads(self.output or b"{}").get("hookSpecificOutput", {})
        told = specific.get("additionalContext") or specific.get("permissionDecisionReason") or ""
        return str(told)


class Player(NamedTuple):
    """A played session: the live process that stands for its client, where it works, and what it runs.

    `commands` are the registered hook commands by event, `environment` all that they get beside what the
    client itself sets.
    """

    session: str
    title: str
    pid: int
    folder: str
    commands: Mapping[str, str]
    environment: Mapping[str, str]


@contextmanager
def player(title: str, folder: str, commands: Mapping[str, str], environment: Mapping[str, str]) -> Iterator[Player]:
    """Yield a session whose client is alive until the block ends; it appears nowhere before its first event."""
    # Reads a pipe that nobody writes to: it ends with this process, whatever that one dies of.
    waiting = [sys.executable, "-I", "-S", "-c", "import sys; sys.stdin.read()"]
    client = subprocess.Popen(waiting, stdin=subprocess.PIPE, cwd="/")
    try:
        yield Player(str(uuid.uuid4()), title, client.pid, folder, commands, environment)
    finally:
        client.kill()
        client.communicate()


def surroundings(home: str) -> dict[str, str]:
    """Return the environment of a client whose home folder is `home`, so that it knows no other."""
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return {"PATH": os.defpath, **kept, "HOME": home, "TERM": "xterm"}


def play(actor: Player, event: str, **fields: object) -> Answer:
    """Run the session's hook of an event with a payload of these fields, as the client does, and wait for it.

    Raises subprocess.TimeoutExpired when it takes over `TIME_LIMIT`.
    """
    payload = {
        "session_id": actor.session,
        "transcript_path": os.path.join(actor.environment["HOME"], f"{actor.session}.jsonl"),
        "cwd": actor.folder,
        "hook_event_name": event,
        **fields,
    }
    began = time.monotonic()
    done = subprocess.run(
        ["/bin/sh", "-c", actor.commands[event]],
        input=json.dumps(payload, separators=(",", ":"), ensure_ascii=False).encode() + b"\n",  # as the client writes
        capture_output=True,
        cwd=actor.folder,
        env=_environment(actor),
        timeout=TIME_LIMIT,
        check=False,
    )
    return Answer(done.returncode, done.stdout, done.stderr, time.monotonic() - began)


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
            yield "PostToolUse", play(actor, "PostToolUse", **call, tool_response=_change(file, old, new))
            break
    yield "PostToolBatch", play(actor, "PostToolBatch", tool_calls=[call])


def _environment(actor: Player) -> dict[str, str]:
    return {
        **actor.environment,
        "CLAUDECODE": "1",
        "CLAUDE_CODE_ENTRYPOINT": "cli",
        "CLAUDE_CODE_SESSION_ID": actor.session,
        "CLAUDE_PID": str(actor.pid),
        "CLAUDE_PROJECT_DIR": actor.folder,
    }


def _change(file: str, old: str, new: str) -> dict[str, Any]:
    with open(file, encoding="utf-8", newline="") as stream:
        before = stream.read()
    after = before.replace(old, new, 1)
    with open(file, "w", encoding="utf-8", newline="") as stream:
        stream.write(after)
    return {
        "filePath": file,
        "oldString": old,
        "newString": new,
        "originalFile": before,
        "structuredPatch": _patch(before.splitlines(), after.splitlines()),
        "userModified": False,
        "replaceAll": False,
    }


def _patch(before: list[str], after: list[str]) -> list[dict[str, Any]]:
    hunks = []
    for group in difflib.SequenceMatcher(None, before, after).get_grouped_opcodes(3):
        lines = []
        for tag, i, j, k, m in group:
            if tag == "equal":
                lines += [" " + line for line in before[i:j]]
            else:
                lines += ["-" + line for line in before[i:j]] + ["+" + line for line in after[k:m]]
        first, last = group[0], group[-1]
        hunks.append(
            {
                "oldStart": first[1] + 1,
                "oldLines": last[2] - first[1],
                "newStart": first[3] + 1,
                "newLines": last[4] - first[3],
                "lines": lines,
            }
        )
    return hunks
