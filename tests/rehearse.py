"""A stand-in for Claude Code: a live process, a transcript, and events sent through the registered commands."""

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from context_sync import paths
from context_sync.claude.hooks import edit_results
from context_sync.claude.install import hooks_entry
from context_sync.domain.records import Touch
from context_sync.state import touches

CHECKOUT = Path(__file__).resolve().parents[1]

CommandLine = Callable[..., subprocess.CompletedProcess[str]]
HOOKS = CHECKOUT / "hooks"
NOBODY = 1 << 22  # the first pid that no process of Linux can have
CALC = "def add(a, b):\n    return a + b\n\n\ndef sub(a, b):\n    return a - b\n"


@dataclass(frozen=True)
class Heard:
    """What a client gets back from a hook."""

    code: int
    output: bytes
    errors: bytes

    @property
    def context(self) -> str:
        """What the model reads of it."""
        if not self.output:
            return ""
        return str(json.loads(self.output)["hookSpecificOutput"]["additionalContext"])

    @property
    def calm(self) -> bool:
        """Whether Claude Code takes it well: it left with 0, complained of nothing, and said nothing or one object."""
        said = json.loads(self.output) if self.output else {}
        return (self.code, self.errors) == (0, b"") and isinstance(said, dict)

    @property
    def quiet(self) -> bool:
        """Whether Claude Code notices nothing."""
        return (self.code, self.output, self.errors) == (0, b"", b"")


def commands(hooks: Path = HOOKS, python: str = "") -> dict[str, str]:
    """Return the registered command of each event; "" stands for the Python of the tests."""
    groups = hooks_entry.groups_for(str(hooks), python or sys.executable)
    return {event: group["hooks"][0]["command"] for event, group in groups.items()}


def waiting(hooks: Path = HOOKS, python: str = "") -> str:
    """Return the registered command of the waiter beside Stop."""
    command = hooks_entry.groups_for(str(hooks), python or sys.executable)["Stop"]["hooks"][1]["command"]
    return str(command)


def run(
    command: str,
    payload: bytes,
    environment: Mapping[str, str],
    folder: Path,
    shell: Sequence[str] = ("/bin/sh",),
    **options: Any,
) -> Heard:
    """Run a hook command as Claude Code does: a shell in the session's folder, the payload on its standard input."""
    process = subprocess.Popen(
        [*shell, "-c", command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        env=dict(environment),
        start_new_session=True,
        **options,
    )
    output, errors = process.communicate(payload, timeout=180)
    return Heard(process.returncode, output, errors)


@dataclass
class Client:
    """A session of a client: its process lives until `kill`."""

    folder: Path
    session: str = field(default_factory=lambda: str(uuid.uuid4()))
    process: subprocess.Popen[bytes] | None = None
    hooks: dict[str, str] = field(default_factory=commands)
    shell: Sequence[str] = ("/bin/sh",)
    options: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, str] = field(default_factory=dict)
    transcript: Path = field(init=False)

    def __post_init__(self) -> None:
        self.process = self.process or subprocess.Popen(["sleep", "600"], stdin=subprocess.DEVNULL)
        self.transcript = self.transcript_of(self.session)

    def transcript_of(self, session: str) -> Path:
        slug = "".join(letter if letter.isalnum() else "-" for letter in str(self.folder))
        return Path(os.environ["CLAUDE_CONFIG_DIR"], "projects", slug, f"{session}.jsonl")

    @property
    def pid(self) -> int:
        assert self.process
        return self.process.pid

    @property
    def touches(self) -> list[Touch]:
        """What the touch file says that this session did."""
        return touches.read(self.session).touches

    def environment(self) -> dict[str, str]:
        passed = ("PATH", "HOME", "CLAUDE_CONFIG_DIR", "XDG_CONFIG_HOME", "XDG_STATE_HOME")
        return {
            **{name: os.environ[name] for name in passed if name in os.environ},
            **{name: value for name, value in os.environ.items() if name.startswith("GIT_CONFIG")},
            "CLAUDECODE": "1",
            "CLAUDE_CODE_ENTRYPOINT": "cli",
            "CLAUDE_CODE_SESSION_ID": self.session,
            "CLAUDE_PID": str(self.pid),
            "CLAUDE_PROJECT_DIR": str(self.folder),
            **self.extra,
        }

    def payload(self, event: str, **fields: object) -> dict[str, object]:
        return {
            "session_id": self.session,
            "transcript_path": str(self.transcript),
            "cwd": str(self.folder),
            "hook_event_name": event,
            **fields,
        }

    def event(self, event: str, **fields: object) -> Heard:
        """Run the hook of an event with the usual payload and these fields."""
        return self.send(event, encoded(self.payload(event, **fields)))

    def send(self, event: str, payload: bytes, **environment: str) -> Heard:
        """Run the hook of an event with anything as payload."""
        return run(
            self.hooks[event], payload, self.environment() | environment, self.folder, self.shell, **self.options
        )

    def start(self, source: str = "startup", **fields: object) -> Heard:
        return self.event("SessionStart", source=source, **fields)

    def prompt(self, text: str = "go on", **fields: object) -> Heard:
        return self.event("UserPromptSubmit", prompt=text, **fields)

    def batch(self, **fields: object) -> Heard:
        return self.event("PostToolBatch", tool_calls=[], **fields)

    def stop(self, **fields: object) -> Heard:
        return self.event("Stop", stop_hook_active=False, **fields)

    def end(self, reason: str = "other") -> Heard:
        return self.event("SessionEnd", reason=reason)

    def bash(self, command: str) -> Heard:
        """Run a command as the tool Bash does: what it writes is found by when it began."""
        self.event("PreToolUse", tool_name="Bash", tool_use_id=tool_use(), tool_input={"command": command})
        subprocess.run(["bash", "-c", command], cwd=self.folder, check=True, capture_output=True)
        return self.event(
            "PostToolUse",
            tool_name="Bash",
            tool_use_id=tool_use(),
            tool_input={"command": command},
            tool_response={"stdout": "", "stderr": "", "interrupted": False},
        )

    def edit(self, path: Path, old: str, new: str, *, hook: bool = True, agent: str = "") -> Heard | None:
        """Make an edit as the tool Edit does; without the hook, only the transcript tells of it."""
        response = change(path, old, new)
        used = tool_use()
        self.append(result(used, response, agent))
        if not hook:
            return None
        return self.event(
            "PostToolUse",
            tool_name="Edit",
            tool_use_id=used,
            tool_input={"file_path": str(path), "old_string": old, "new_string": new, "replace_all": False},
            tool_response=response,
            **({"agent_id": agent, "agent_type": "general-purpose"} if agent else {}),
        )

    def append(self, *records: Mapping[str, object], to: Path | None = None) -> None:
        """Append records to the transcript."""
        file = to or self.transcript
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("ab") as stream:
            stream.writelines(map(encoded, records))

    def kill(self, reap: bool = True) -> None:
        """Kill Claude Code with SIGKILL: nothing of it says goodbye."""
        assert self.process
        os.kill(self.pid, signal.SIGKILL)
        os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
        if reap:
            self.process.wait()


def encoded(payload: Mapping[str, object]) -> bytes:
    """Return a payload in Claude Code's form: one line without spaces, text beyond ASCII as it is."""
    text = json.dumps(payload, separators=(",", ":"), ensure_ascii=False)
    try:
        return text.encode() + b"\n"
    except UnicodeEncodeError:  # Claude Code writes a lone surrogate as its escape
        return json.dumps(payload, separators=(",", ":")).encode() + b"\n"


def tool_use() -> str:
    return "toolu_" + uuid.uuid4().hex[:24]


def change(path: Path, old: str, new: str) -> dict[str, object]:
    """Replace `old` by `new` in a file and return what the tool Edit answers."""
    return edit_results.make(str(path), old, new)


def result(used: str, response: Mapping[str, object], agent: str = "", at: float | None = None) -> dict[str, object]:
    """Return the transcript's record of a tool's structured result."""
    return {
        "isSidechain": bool(agent),
        **({"agentId": agent} if agent else {}),
        "type": "user",
        "message": {"role": "user", "content": [{"tool_use_id": used, "type": "tool_result", "content": "done"}]},
        "timestamp": stamp(at),
        "toolUseResult": response,
    }


def stamp(at: float | None = None) -> str:
    """Return a time as Claude Code writes it, now without an argument."""
    moment = datetime.fromtimestamp(time.time() if at is None else at, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def git(folder: Path, *arguments: str, at: float = 0.0) -> str:
    """Return what git says; what it commits is committed `at` these seconds since the epoch, 0 for now."""
    environment = os.environ | ({"GIT_COMMITTER_DATE": f"@{int(at)} +0000"} if at else {})
    command = ["git", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, text=True).stdout


def state(*parts: str) -> Path:
    """Return a path in the state folder."""
    return Path(paths.state_folder(), *parts)


def log() -> str:
    """Return the text of the log."""
    file = Path(os.environ["XDG_STATE_HOME"], "context-sync", "context-sync.log")
    return file.read_text() if file.exists() else ""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with one file, committed long ago: a commit in the second of an edit may have that edit."""
    folder = tmp_path / "project"
    folder.mkdir()
    git(folder, "init", "--quiet")
    (folder / "calc.py").write_text(CALC)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=calc", at=time.time() - 3600)
    return folder


@pytest.fixture
def client(project: Path, tmp_path: Path) -> Iterator[Callable[..., Client]]:
    """Make patient clients in the project, or in the folder given; all of them end with the test."""
    made: list[Client] = []

    def make(folder: Path = project, **fields: Any) -> Client:
        made.append(patient(Client(folder, **fields), tmp_path))
        return made[-1]

    yield make
    for each in made:
        assert each.process
        each.process.kill()
        each.process.wait()


def patient(someone: Client, folder: Path) -> Client:
    """Have the Python of the tests not cut off Claude Code's hooks because the machine is busy, see tests/patient.py.

    For that another Python is put into `folder`. Those of `commands()` are cut off as ever.
    """
    python = folder / "patient-python"
    if not python.exists():
        start = f'exec "{sys.executable}" -I -S -X utf8 "{CHECKOUT}/tests/patient.py" "$@"'
        python.write_text(f"#!/bin/sh\nshift 4 # the same options\n{start}\n")
        python.chmod(0o755)
    someone.hooks = {event: each.replace(sys.executable, str(python)) for event, each in someone.hooks.items()}
    return someone
