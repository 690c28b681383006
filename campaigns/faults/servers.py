"""A real MCP server, traced or killed by strace while it answers a call of a tool."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from campaigns.faults.forked import Ended
from tests.rehearse import CHECKOUT

SERVE = [sys.executable, "-m", "context_sync.cli.main", "serve"]
HELLO = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "faults", "version": "1"}}
LONGEST = 180.0  # seconds


class Server:
    """A server that was greeted, and is ready for a call."""

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        surroundings = {**environment, "PYTHONPATH": os.pathsep.join([str(CHECKOUT), *filter(None, sys.path)])}
        self._process = subprocess.Popen(
            SERVE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=surroundings, cwd=folder
        )
        self._request(1, "initialize", **HELLO)
        assert self._answer(1)
        self._send(method="notifications/initialized")

    def trace(self, notes: Path, what: str) -> subprocess.Popen[bytes]:
        """Have strace look at all threads of the server, those included that it will have."""
        pid = self._process.pid
        command = ["strace", "-f", "--quiet=all", "-s", "0", "-o", str(notes), "-e", what, "-p", str(pid)]
        strace = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        while not all(_is_traced(file) for file in Path(f"/proc/{pid}/task").glob("*/status")):
            assert strace.poll() is None, "strace cannot be attached"
            time.sleep(0.01)
        return strace

    def call(self, tool: str, arguments: Mapping[str, object]) -> Ended:
        """Call a tool and close the server; return what it said, with the status 1 if it refused."""
        self._request(2, "tools/call", name=tool, arguments=arguments)
        context = self._answer(2).get("result", {})
        _, errors = self._process.communicate(timeout=LONGEST)
        text = "\n".join(each["text"] for each in context.get("content", ()))
        return Ended(self._process.returncode or int(context.get("isError", False)), text.encode(), errors, ())

    def _request(self, number: int, method: str, **parameters: object) -> None:
        self._send(id=number, method=method, params=parameters)

    def _send(self, **message: object) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
        self._process.stdin.flush()

    def _answer(self, number: int) -> dict[str, dict[str, object]]:
        """Return the answer to a request, empty when the server died."""
        assert self._process.stdout
        for line in self._process.stdout:
            found = json.loads(line)
            if found.get("id") == number:
                return dict(found)
        return {}


def worker_calls(lines: Sequence[str]) -> list[str]:
    """Return the lines of the thread in which the tool ran, without its pid: the one that looked for the session."""
    threads: dict[str, list[str]] = {}
    for line in lines:
        pid, _, call = line.partition(" ")
        threads.setdefault(pid, []).append(call.strip())
    return max(threads.values(), key=len)


def _is_traced(status: Path) -> bool:
    try:
        return "TracerPid:\t0\n" not in status.read_text()
    except OSError:
        return True  # the thread has ended
