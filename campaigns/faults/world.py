"""A small world to break: a home, a repository and sessions in it, whose hooks run in forked processes.

Before each of them the real `hooks/gate` runs, with a Python that does nothing, and says whether there is anything to
do. `ledger` notes what was stored and what each session was shown, as Claude Code would know it.
"""

import copy
import gc
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from campaigns.faults import clocks, tools
from campaigns.faults.forked import QUIET, Ended, Forked
from campaigns.faults.layer import Fault, Layer
from campaigns.faults.loading import load_everything
from campaigns.faults.looks import Looks
from context_sync.cli import main as command_line
from context_sync.edits import command_writes
from context_sync.events import dispatch
from context_sync.state import files, processes
from tests.rehearse import CALC, Client, change, commands, encoded, git, result, stamp, state, tool_use, waiting

NONE = Fault()
PATIENT = 100  # times as long as it may take a hook may take here: a busy machine is no fault that is looked for
NO_PYTHON = shutil.which("false") or ""  # the gate leaves with its status when it would start Python
GATES = commands(python=NO_PYTHON) | {"Idle": waiting(python=NO_PYTHON)}


@dataclass
class Ledger:
    """What the world must not forget: messages by receiver, and what each session was shown, one text per answer."""

    stored: dict[str, list[str]] = field(default_factory=dict)
    context: dict[str, list[str]] = field(default_factory=dict)


class World:
    """All that there is; `keep` and `restore` bring it back to what it was.

    `skew` is how far its clock is off in seconds, `boot` the id of a later boot of its machine, "" for this one.
    """

    look: Fault | None = NONE  # the fault that is none, by which only the calls that write are noted

    def __init__(self, top: Path) -> None:
        load_everything()
        self.top = top
        self.home = Path(os.environ["HOME"])
        self.here = self.home.parent / "here"
        self.project = self.here / "project"
        assert self.home.is_relative_to(top), "the real home folder is off limits"
        self.clients: dict[str, Client] = {}
        self.waiters: list[Forked] = []
        self.begin()

    def begin(self) -> None:
        """Be as on the first day."""
        for name in list(self.clients):
            self.kill(name)
        self.ledger, self.skew, self.boot = Ledger(), 0.0, ""
        for folder in (self.here, self.home):
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
        self._kept = copy.deepcopy(self.ledger), self.skew, self.boot, dict(self.clients)

    def restore(self) -> None:
        for place, kept in self._places():
            shutil.rmtree(place)
            shutil.copytree(kept, place, symlinks=True)
        ledger, self.skew, self.boot, clients = self._kept
        self.ledger = copy.deepcopy(ledger)
        for name in self.clients.keys() - clients.keys():
            self.kill(name)
        self.clients = dict(clients)
        self._end_waiters()

    def kill(self, name: str) -> None:
        """Kill a client, and forget it."""
        self.clients.pop(name).kill()

    def close(self) -> None:
        """End all clients and waiters."""
        for name in list(self.clients):
            self.kill(name)
        self._end_waiters()

    def client(self, name: str) -> Client:
        """Return the session of this name, whose client runs."""
        if name not in self.clients:
            self.clients[name] = Client(self.project)
        return self.clients[name]

    def event(self, name: str, event: str, fault: Fault = NONE, **fields: object) -> Ended:
        """Run the hook of an event, and let Claude Code take what it answers."""
        client = self.client(name)
        ended = self.hook(client, event, encoded(client.payload(event, **fields)), fault)
        self._hear(name, event, ended)
        return ended

    def edit(self, name: str, old: str, new: str, fault: Fault = NONE) -> Ended:
        """Make an edit of calc.py as the tool Edit does, which the transcript tells, too."""
        client = self.client(name)
        response = change(self.project / "calc.py", old, new)
        used = tool_use()
        client.append(result(used, response, at=time.time() + self.skew))
        return self.event(name, "PostToolUse", fault, tool_name="Edit", tool_use_id=used, tool_response=response)

    def hook(self, client: Client, event: str, payload: bytes, fault: Fault) -> Ended:
        """Run the gate, and the handler of the event if the gate would start it."""
        gate = self._gate(client, event, payload)
        if not gate:
            return QUIET
        marker = state("gate", client.session, "recording", str(gate))
        return self._fork(client.environment(), lambda: dispatch.main(event), payload, fault, marker)

    def wait(self, name: str, fault: Fault = NONE) -> Ended:
        """Start the waiter beside Stop, and return how it ended, `QUIET` as long as it waits: `waiters` has it then."""
        client = self.client(name)
        payload = encoded(client.payload("Stop"))
        clocks.tick(self.top)  # a turn takes longer than the clock of files stands still
        if not self._gate(client, "Idle", payload):
            return QUIET
        streams = self._streams(payload, Path(tempfile.mkdtemp(dir=self.top)))
        looks = Looks()
        waiter = Forked(self._start(client.environment(), looks.run, streams, fault), streams)
        if not looks.is_waiting():
            return waiter.ended()
        self.waiters.append(waiter)
        return QUIET

    def command(
        self, *arguments: str, fault: Fault = NONE, environment: Mapping[str, str] | None = None, python: str = ""
    ) -> Ended:
        """Run `context-sync`, in a terminal if no other environment is given, as it would be installed in `python`."""

        def run() -> None:
            sys.argv = ["context-sync", *arguments]
            sys.executable = python or sys.executable
            sys.exit(command_line.main())

        return self._fork(environment or os.environ, run, b"", fault)

    def tool(self, name: str, tool: str, fault: Fault = NONE, **arguments: object) -> Ended:
        """Call a tool of the MCP server as the model of a session does; a refusal has the status 1."""
        call = tools.named(tool)

        def run() -> None:
            status, answer = tools.answer(call, arguments)
            print(answer, flush=True)
            sys.exit(status)

        return self._fork(self.client(name).environment(), run, b"", fault)

    def _fork(
        self,
        environment: Mapping[str, str],
        run: Callable[[], object],
        stdin: bytes,
        fault: Fault,
        marker: Path | None = None,
    ) -> Ended:
        streams = self._streams(stdin, self.top)
        return Forked(self._start(environment, run, streams, fault, marker), streams).ended()

    def _streams(self, stdin: bytes, folder: Path) -> list[Path]:
        streams = [folder / name for name in ("stdin", "stdout", "stderr", "calls")]
        for file, content in zip(streams, (stdin, b"", b"", b""), strict=True):
            file.write_bytes(content)
        return streams

    def _start(
        self,
        environment: Mapping[str, str],
        run: Callable[[], object],
        streams: list[Path],
        fault: Fault,
        marker: Path | None = None,
    ) -> int:
        pid = os.fork()
        if pid == 0:
            try:
                self._become(environment, streams, fault, marker)
                run()
                os._exit(0)
            except SystemExit as left:
                os._exit(left.code if isinstance(left.code, int) else bool(left.code))
            except BaseException as error:
                os.write(2, repr(error).encode())
            finally:
                os._exit(70)
        return pid

    def _end_waiters(self) -> None:
        while self.waiters:
            waiter = self.waiters.pop()
            os.kill(waiter.pid, signal.SIGKILL)
            waiter.ended()

    def _become(self, environment: Mapping[str, str], streams: list[Path], fault: Fault, marker: Path | None) -> None:
        surroundings = dict(environment)
        assert Path(surroundings["HOME"]) == self.home, "the real home folder is off limits"
        gc.disable()  # as in hooks/run.py
        os.environ.clear()
        os.environ.update(surroundings)
        os.chdir(self.project)
        for descriptor, file in enumerate(streams[:3]):
            os.dup2(os.open(file, os.O_RDWR), descriptor)
        sys.stdin, sys.stdout, sys.stderr = (os.fdopen(each, "r" if each == 0 else "w") for each in range(3))
        if marker and marker.exists():
            marker.rename(marker.with_name(str(os.getpid())))  # the gate is replaced by the handler
        if self.skew:
            self._set_clock()
        if self.boot:
            self._set_boot()
        layer = Layer(fault)
        dispatch.HANDLERS.update(
            {name: (module, PATIENT * limit) for name, (module, limit) in dispatch.HANDLERS.items()}
        )
        leave, noted, write = os._exit, os.open(streams[3], os.O_WRONLY), os.write

        def leaving(status: int) -> None:
            write(noted, " ".join(layer.calls).encode())
            leave(status)

        os._exit = leaving  # type: ignore[assignment]
        layer.install()

    def _gate(self, client: Client, event: str, payload: bytes) -> int:
        """Run the gate, and return the pid that it had if it would start Python, else 0."""
        given = self.top / "given"
        given.write_bytes(payload)
        began = given.stat().st_mtime  # the clock of files is behind ours
        with given.open("rb") as stdin:
            gate = subprocess.Popen(
                ["/bin/sh", "-c", GATES[event]], stdin=stdin, cwd=self.project, env=client.environment()
            )
            status = gate.wait()
        self._set_times(client, began)
        return gate.pid if status else 0

    def _set_times(self, client: Client, began: float) -> None:
        """Give what the gate has marked since `began` the time of our clock."""
        if not self.skew:
            return
        marked = [*state("gate", client.session).rglob("*"), *state("receipts").glob("*")]
        for file in marked:
            at = file.stat().st_mtime
            if began <= at <= time.time():
                os.utime(file, (at + self.skew,) * 2)

    def _hear(self, name: str, event: str, ended: Ended) -> None:
        """Take the answer as Claude Code does: a whole JSON object or nothing; it then stands in the transcript."""
        try:
            context = json.loads(ended.output)["hookSpecificOutput"]
        except (ValueError, LookupError):
            return
        text = context.get("additionalContext") or context["permissionDecisionReason"]
        self.ledger.context.setdefault(name, []).append(text)
        content = {"type": "hook_additional_context", "content": [text], "hookEvent": event}
        at = stamp(time.time() + self.skew)
        self.client(name).append(
            {"type": "attachment", "attachment": content, "timestamp": at},
            {"type": "assistant", "message": {"role": "assistant", "content": []}, "timestamp": at},
        )

    def _set_clock(self) -> None:
        """Set the clock of this process, and what it makes of the times of files, which the system's clock has made."""
        real, mark, changed_at = time.time, files.mark, command_writes._changed_at

        def marked(where: str) -> None:
            mark(where)
            os.utime(where, (time.time(),) * 2)

        time.time = lambda: real() + self.skew
        time.time_ns = lambda: int(time.time() * 1e9)
        files.mark = marked
        command_writes._changed_at = lambda path: changed_at(path) + self.skew

    def _set_boot(self) -> None:
        real = processes._first_letters
        processes._first_letters = lambda where: self.boot if where.endswith("/boot_id") else real(where)

    def _places(self) -> list[tuple[Path, Path]]:
        return [(self.here, self.top / "kept" / "here"), (self.home, self.top / "kept" / "home")]
