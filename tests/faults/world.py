"""Owns a small world to break: a home, a repository and sessions in it, whose hooks run in forked processes.

What a shell would do before Python starts, `hooks/gate`, is done here without one: its markers, and whether it starts
Python at all. `ledger` notes what was stored and what each session was told, as the client would know it.
"""

import copy
import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from context_sync.awareness import noticing
from context_sync.events import door
from context_sync.state import files
from tests.faults.layer import Fault, Layer
from tests.rehearse import CALC, Client, change, encoded, git, result, stamp, state, tool_use

NONE = Fault()


class Ended(NamedTuple):
    """How a process ended: its status, negative for a signal, what it printed, and how often it wrote."""

    status: int
    output: bytes
    errors: bytes
    calls: int


QUIET = Ended(0, b"", b"", 0)


@dataclass
class Ledger:
    """What the world must not forget: messages by receiver, and what each session was told, one text per answer."""

    stored: dict[str, list[str]] = field(default_factory=dict)
    told: dict[str, list[str]] = field(default_factory=dict)


class World:
    """All that there is; `keep` and `restore` bring it back to what it was. `skew` is how far its clock is off."""

    def __init__(self, top: Path) -> None:
        self.top = top
        self.project = top / "here" / "project"
        self.home = Path(os.environ["HOME"])
        assert self.home.is_relative_to(top), "the real home folder is off limits"
        self.clients: dict[str, Client] = {}
        self.ledger = Ledger()
        self.skew = 0.0
        self.begin()

    def begin(self) -> None:
        """Be as on the first day."""
        self.close()
        self.clients.clear()
        self.ledger, self.skew = Ledger(), 0.0
        for folder in (self.top / "here", self.home):
            shutil.rmtree(folder, ignore_errors=True)
        self.home.mkdir(parents=True)
        self.project.mkdir(parents=True)
        (self.project / "calc.py").write_text(CALC)
        git(self.project, "init", "--quiet", "--template=")
        git(self.project, "add", "--all")
        git(self.project, "commit", "--quiet", "--message=begin")

    def keep(self) -> None:
        for place, kept in self._places():
            shutil.rmtree(kept, ignore_errors=True)
            shutil.copytree(place, kept, symlinks=True)
        self._kept = copy.deepcopy(self.ledger), self.skew, dict(self.clients)

    def restore(self) -> None:
        for place, kept in self._places():
            shutil.rmtree(place)
            shutil.copytree(kept, place, symlinks=True)
        ledger, self.skew, clients = self._kept
        self.ledger = copy.deepcopy(ledger)
        for name in self.clients.keys() - clients.keys():
            self.kill(name)
        self.clients = dict(clients)

    def kill(self, name: str) -> None:
        """Kill a client, and forget it."""
        self.clients.pop(name).kill()

    def client(self, name: str) -> Client:
        """Return the session of this name, whose client runs."""
        if name not in self.clients:
            self.clients[name] = Client(self.project)
        return self.clients[name]

    def event(self, name: str, event: str, fault: Fault = NONE, **fields: object) -> Ended:
        """Run the hook of an event, and let the client take what it answers."""
        client = self.client(name)
        payload = encoded(client.payload(event, **fields))
        ended = QUIET
        if self._gate(client, event):
            recorder = event if event.startswith("PostToolUse") else ""
            ended = self.process(client.environment(), lambda: door.main(event), payload, fault, recorder)
        self._hear(name, event, ended)
        return ended

    def edit(self, name: str, old: str, new: str, fault: Fault = NONE) -> Ended:
        """Make an edit of calc.py as the tool Edit does, which the transcript tells, too."""
        client = self.client(name)
        response = change(self.project / "calc.py", old, new)
        used = tool_use()
        client.append(result(used, response, at=time.time() + self.skew))
        return self.event(name, "PostToolUse", fault, tool_name="Edit", tool_use_id=used, tool_response=response)

    def process(
        self, environment: Mapping[str, str], run: Callable[[], object], stdin: bytes, fault: Fault, recorder: str = ""
    ) -> Ended:
        """Run something in a process of its own that a fault may befall."""
        streams = [self.top / name for name in ("stdin", "stdout", "stderr", "calls")]
        for file in streams:
            file.write_bytes(b"")
        streams[0].write_bytes(stdin)
        pid = os.fork()
        if pid == 0:
            try:
                self._become(environment, streams, fault, recorder)
                run()
                os._exit(0)
            except SystemExit as left:
                os._exit(left.code if isinstance(left.code, int) else bool(left.code))
            except BaseException as error:
                os.write(2, repr(error).encode())
            finally:
                os._exit(70)
        _, status = os.waitpid(pid, 0)
        output, errors, calls = (file.read_bytes() for file in streams[1:])
        return Ended(os.waitstatus_to_exitcode(status), output, errors, int(calls or 0))

    def close(self) -> None:
        for name in list(self.clients):
            self.kill(name)

    def _become(self, environment: Mapping[str, str], streams: list[Path], fault: Fault, recorder: str) -> None:
        surroundings = dict(environment)
        assert Path(surroundings["HOME"]) == self.home, "the real home folder is off limits"
        os.environ.clear()
        os.environ.update(surroundings)
        os.chdir(self.project)
        for descriptor, file in enumerate(streams[:3]):
            os.dup2(os.open(file, os.O_RDWR), descriptor)
        sys.stdin, sys.stdout, sys.stderr = (os.fdopen(each, "r" if each == 0 else "w") for each in range(3))
        if recorder:
            marker = state("gate", environment["CLAUDE_CODE_SESSION_ID"], "recording", str(os.getpid()))
            if marker.parent.is_dir():
                self._touch(marker)
        if self.skew:
            self._set_clock()
        layer = Layer(fault)
        leave, calls = os._exit, os.open(streams[3], os.O_WRONLY)
        write = os.write

        def leaving(status: int) -> None:
            write(calls, str(layer.calls).encode())
            leave(status)

        os._exit = leaving  # type: ignore[assignment]
        layer.install()

    def _gate(self, client: Client, event: str) -> bool:
        """Do what hooks/gate does, and say whether it would start Python."""
        mine, mail = state("gate", client.session), state("mail", client.session, "new")
        if not mine.is_dir():
            return True
        self._touch(mine / "seen")

        def any_in(folder: Path) -> bool:
            return folder.is_dir() and any(folder.iterdir())

        match event:
            case "UserPromptSubmit":
                self._touch(mine / "turn")
                return any(map(any_in, (mine / "pending", mine / "later", mail)))
            case "PostToolBatch":
                return any(map(any_in, (mine / "pending", mail)))
            case "Stop":
                return any(map(any_in, (mine / "pending", mail, mine / "recording")))
            case "PreToolUse":
                self._touch(mine / "began")
        return True

    def _hear(self, name: str, event: str, ended: Ended) -> None:
        """Take the answer as the client does: a whole JSON object or nothing; it then stands in the transcript."""
        try:
            told = json.loads(ended.output)["hookSpecificOutput"]
        except (ValueError, LookupError):
            return
        text = told.get("additionalContext") or told["permissionDecisionReason"]
        self.ledger.told.setdefault(name, []).append(text)
        content = {"type": "hook_additional_context", "content": [text], "hookEvent": event}
        at = stamp(time.time() + self.skew)
        self.client(name).append(
            {"type": "attachment", "attachment": content, "timestamp": at},
            {"type": "assistant", "message": {"role": "assistant", "content": []}, "timestamp": at},
        )

    def _touch(self, file: Path) -> None:
        file.touch()
        os.utime(file, (time.time() + self.skew,) * 2)

    def _set_clock(self) -> None:
        """Set the clock of this process, and what it makes of the times of files, which the system's clock has made."""
        real, mark, changed_at = time.time, files.mark, noticing._changed_at

        def marked(where: str) -> None:
            mark(where)
            os.utime(where, (time.time(),) * 2)

        time.time = lambda: real() + self.skew
        time.time_ns = lambda: int(time.time() * 1e9)
        files.mark = marked
        noticing._changed_at = lambda path: changed_at(path) + self.skew

    def _places(self) -> list[tuple[Path, Path]]:
        return [(self.top / "here", self.top / "kept" / "here"), (self.home, self.top / "kept" / "home")]
