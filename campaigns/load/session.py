"""One session of the rush: it works, hears, sends and sometimes dies, all at random."""

import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from context_sync.errors import ContextSyncError
from context_sync.mail import sending
from context_sync.mail.sending import SendOptions
from tests.rehearse import CHECKOUT, Client, change, encoded, result, stamp, tool_use

LOCKS = tuple(threading.Lock() for _ in range(64))  # no two sessions write a file in the same instant
NUMBERS = iter(range(10**9))  # of messages
SEND = [sys.executable, "-m", "context_sync.cli.main", "send"]
NUMBER = re.compile(r"^> number (\d+)$", re.MULTILINE)
WAIT = 600.0  # seconds for a hook at most, on a machine that stands still for a while
THINKING = 1.0  # seconds that a model takes for a step, on average: less than any does


class Sent(NamedTuple):
    """A message that was stored: its number, and the session that it is for."""

    number: int
    to: str


class Worker:
    """A place in which one session follows another: `edits` and `heard` are kept by session id.

    Of the edits in `unknown` nobody can know whether they are recorded: the recorder was killed, and so was the
    client, and the session was never resumed.
    """

    def __init__(self, place: int, folder: Path, peers: list["Worker"]) -> None:
        self.place = place
        self.folder = folder
        self.peers = peers
        self.chance = random.Random(place)
        self.edits: dict[str, list[str]] = {}
        self.killed: set[str] = set()
        self.unknown: set[str] = set()
        self.heard: dict[str, Counter[int]] = {}
        self.sent: list[Sent] = []
        self.wrong: list[str] = []
        self.done: Counter[str] = Counter()
        self.recorders: list[tuple[subprocess.Popen[bytes], str]] = []
        self.counts: Counter[Path] = Counter()
        self._begin(Client(folder))

    def work(self, until: float) -> None:
        """Do one thing after the other, then everything that is left to do."""
        steps = [self.edit] * 9 + [self.prompt, self.batch, self.batch, self.run, self.stop, self.send, self.send]
        self.edit()
        self.send()
        while time.monotonic() < until:
            time.sleep(self.chance.random() * 2 * THINKING)
            (self.restart if self.chance.random() < 0.02 else self.chance.choice(steps))()
        self.rest()

    def rest(self) -> None:
        """End the turn as a client does, and hear what is left to hear."""
        self.finish()
        self.edit(safely=True)
        self.finish()
        for _ in range(3):
            self.batch(safely=True)
            self.prompt(safely=True)
        self.stop(safely=True)

    def edit(self, safely: bool = False) -> None:
        """Count up in a line that is this place's own, in a definition of all or in a file of its own."""
        shared = self.chance.random() < 0.5
        path = self.folder / ("shared.py" if shared else f"own_{self.place}.py")
        line = f"    # {self.place}: "
        old, new = f"{line}{self.counts[path]}\n", f"{line}{self.counts[path] + 1}\n"
        used = tool_use()
        asked = {"file_path": str(path), "old_string": old, "new_string": new}
        fields: dict[str, Any] = {"tool_name": "Edit", "tool_use_id": used, "tool_input": asked}
        while b'"deny"' in self._hook("PreToolUse", fields, safely):
            self.done["denied"] += 1  # the next attempt passes, unless another session was there again meanwhile
        with LOCKS[hash(path) % len(LOCKS)]:
            response = change(path, old, new)
        self.counts[path] += 1
        self.client.append(result(used, response))
        self.edits[self.client.session].append(used)
        self._record(fields | {"tool_response": response}, safely)

    def run(self) -> None:
        """Run a command that writes a file."""
        fields: dict[str, Any] = {"tool_name": "Bash", "tool_use_id": tool_use()}
        self._hook("PreToolUse", fields, safely=False)
        with (self.folder / f"made_{self.place}.txt").open("a") as stream:
            stream.write("more\n")
        self._record(fields | {"tool_input": {"command": "echo more"}, "tool_response": {"stdout": ""}}, safely=False)

    def prompt(self, safely: bool = False) -> None:
        self._hear("UserPromptSubmit", {"prompt": "go on"}, safely)

    def batch(self, safely: bool = False) -> None:
        self._hear("PostToolBatch", {"tool_calls": []}, safely)

    def stop(self, safely: bool = False) -> None:
        self._hear("Stop", {"stop_hook_active": False}, safely)

    def send(self) -> None:
        """Send a message to another session, by the command or by what it calls."""
        to, number = self.chance.choice(self.peers).client.session, next(NUMBERS)
        if self.chance.random() < 0.2:
            environment = {**os.environ, "PYTHONPATH": str(CHECKOUT), "CLAUDE_CODE_SESSION_ID": self.client.session}
            command = [*SEND, to, f"number {number}"]
            ended = subprocess.run(command, env=environment, capture_output=True, check=False, timeout=WAIT)
            stored = ended.returncode == 0
        else:
            try:
                stored = bool(sending.send(to, f"number {number}", SendOptions(), self.client.session))
            except ContextSyncError:
                stored = False  # the limit of what one may send to another
        if stored:
            self.sent.append(Sent(number, to))
        self.done["sent" if stored else "refused"] += 1

    def restart(self) -> None:
        """Claude Code is killed, with what it started or without; another one begins, or resumes the session."""
        before = self.client
        if self.chance.random() < 0.5:
            for recorder, _ in self.recorders:
                recorder.kill()
        self.finish()
        before.kill()
        self.done["clients killed"] += 1
        if self.chance.random() < 0.5:
            self._begin(Client(self.folder, session=before.session), "resume")
        else:
            self.unknown |= self.killed.intersection(self.edits[before.session])
            self._begin(Client(self.folder))

    def finish(self) -> None:
        """Wait for everything that runs in the background; note whose recorder was killed."""
        for recorder, used in self.recorders:
            output, errors = recorder.communicate(timeout=WAIT)
            if recorder.returncode not in (0, -signal.SIGKILL) or output or errors:
                self.wrong.append(f"a recorder left with {recorder.returncode}: {(output + errors).decode()[:300]}")
            if recorder.returncode:
                self.killed.add(used)
        self.recorders = []

    def end(self) -> None:
        """The session ends as it should."""
        self._hook("SessionEnd", {"reason": "other"}, safely=True)
        self.client.kill()

    def _begin(self, client: Client, source: str = "startup") -> None:
        self.client = client
        self.edits.setdefault(client.session, [])
        self.heard.setdefault(client.session, Counter())
        self._hear("SessionStart", {"source": source}, safely=True)

    def _hear(self, event: str, fields: dict[str, Any], safely: bool) -> None:
        output = self._hook(event, fields, safely)
        if not output:
            return
        context = json.loads(output)["hookSpecificOutput"]["additionalContext"]
        self.heard[self.client.session].update(map(int, NUMBER.findall(context)))
        given = {"type": "hook_additional_context", "content": [context], "hookName": event, "hookEvent": event}
        self.client.append(
            {"isSidechain": False, "attachment": given, "type": "attachment", "timestamp": stamp()},
            {"isSidechain": False, "message": {"role": "assistant"}, "type": "assistant", "timestamp": stamp()},
        )

    def _hook(self, event: str, fields: dict[str, Any], safely: bool) -> bytes:
        """Run a hook for which Claude Code waits; one that was killed says nothing."""
        process = self._start(event, fields, safely)
        output, errors = process.communicate(timeout=WAIT)
        self.done["hooks"] += 1
        if process.returncode == -signal.SIGKILL and not safely:
            return b""
        if process.returncode or errors:
            self.wrong.append(f"{event} left with {process.returncode}: {errors.decode()[:300]}")
        if any(mark in output for mark in (b'"allow"', b'"ask"')):
            self.wrong.append(f"{event} says {output.decode()[:300]}")
        return output

    def _record(self, fields: dict[str, Any], safely: bool) -> None:
        """Start the hook that runs in the background."""
        self.recorders.append((self._start("PostToolUse", fields, safely), fields["tool_use_id"]))
        self.done["hooks"] += 1
        if len(self.recorders) > 3:
            self.finish()

    def _start(self, event: str, fields: dict[str, Any], safely: bool) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            ["/bin/sh", "-c", self.client.hooks[event]],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self.folder,
            env=self.client.environment(),
            start_new_session=True,
        )
        assert process.stdin
        try:
            process.stdin.write(encoded(self.client.payload(event, **fields)))
            process.stdin.close()
        except BrokenPipeError:
            pass  # the gate need not read
        process.stdin = None
        if not safely and self.chance.random() < 0.03:
            threading.Timer(self.chance.random() * 0.1, process.send_signal, [signal.SIGKILL]).start()
            self.done["hooks killed"] += 1
        return process
