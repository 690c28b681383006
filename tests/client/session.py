"""Claude Code in print mode: one process, its prompts, and the events that it prints."""

import json
import subprocess
import threading
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.client.environment import Home, identity

Event = dict[str, Any]
SECONDS = 400.0  # longer than a step waits for another session


class Session:
    """A `claude -p` process in `folder`.

    `session` is its id, also when `options` resume it. With `prompt` it answers that one and ends, so its
    script comes first; without, it lives on and takes each `ask`. Leaving the `with` block closes its input
    and waits for it, or kills it when the block raised.
    """

    def __init__(
        self,
        client: Path,
        home: Home,
        folder: Path,
        prompt: str | None = None,
        *,
        session: str | None = None,
        options: Sequence[str] = (),
        environment: dict[str, str] | None = None,
    ) -> None:
        self.id = session or str(uuid.uuid4())
        self.events: list[Event] = []
        self.debug_file = home.folder / f"debug-{uuid.uuid4()}.log"
        self._changed = threading.Condition()
        self._printed_all = False
        self._answered = 0
        command = [str(client), *_print_mode(prompt), *identity(self.id, options), *options]
        command += ["--debug-file", str(self.debug_file), "--permission-mode", "acceptEdits"]
        self._errors_file = (home.folder / f"stderr-{uuid.uuid4()}.log").open("w+")
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            env=home.environment(**(environment or {})),
            stdin=subprocess.DEVNULL if prompt is not None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors_file,
            text=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.finish()
        else:
            self.kill()

    def ask(self, prompt: str, seconds: float = SECONDS) -> Event:
        """Send one more prompt and return the `result` event that ends its turn."""
        self.send(prompt)
        return self.result(seconds)

    def send(self, prompt: str) -> None:
        """Send one more prompt and do not wait for the answer."""
        content = {"role": "user", "content": prompt}
        assert self.process.stdin, "a session started with a prompt takes no other"
        self.process.stdin.write(json.dumps({"type": "user", "message": content}) + "\n")
        self.process.stdin.flush()

    def result(self, seconds: float = SECONDS) -> Event:
        """Wait for the next turn to end and return its `result` event."""
        self._answered += 1
        wanted = self._answered
        self.wait_until(lambda: len(self.results) >= wanted, "a result", seconds)
        return self.results[wanted - 1]

    @property
    def results(self) -> list[Event]:
        """The `result` events so far, one for each turn."""
        return [event for event in self.events if event["type"] == "result"]

    def hooks(self, event: str) -> list[Event]:
        """Return the answers of the hooks of `event` so far (`hook_response`: output, exit_code, outcome)."""
        return [
            each for each in self.events if each.get("subtype") == "hook_response" and each.get("hook_event") == event
        ]

    def wait_until(self, holds: Callable[[], bool], what: str, seconds: float = SECONDS) -> None:
        """Return once `holds` is true after an event; TimeoutError after `seconds` or at Claude Code's end."""
        with self._changed:
            self._changed.wait_for(lambda: self._printed_all or holds(), seconds)
            if not holds():
                raise TimeoutError(f"Claude Code printed no {what}: {self.events[-3:]} {self.errors()}")

    def finish(self, seconds: float = SECONDS) -> int:
        """Close Claude Code's input, wait for it to end and return its exit code; kill it after `seconds`."""
        if self.process.stdin:
            self.process.stdin.close()
        try:
            return self.process.wait(seconds)
        finally:
            self.kill()

    def kill(self) -> None:
        """Send SIGKILL if Claude Code still runs, and release everything it held."""
        self.process.kill()
        self.process.wait()
        self._reader.join()
        for stream in (self.process.stdin, self.process.stdout, self._errors_file):
            if stream:
                stream.close()

    def errors(self) -> str:
        """Return what Claude Code has written on its standard error."""
        return Path(self._errors_file.name).read_text()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            with self._changed:
                self.events.append(json.loads(line))
                self._changed.notify_all()
        with self._changed:
            self._printed_all = True
            self._changed.notify_all()


def _print_mode(prompt: str | None) -> list[str]:
    prompt_or_stream = [prompt] if prompt is not None else ["--input-format", "stream-json"]
    return ["-p", *prompt_or_stream, "--output-format", "stream-json", "--verbose", "--include-hook-events"]
