"""The scripted Messages API: a loopback server that plays the model for any number of sessions."""

import json
import threading
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from tests.client.stream import Block, message, server_sent_events, text, tool

__all__ = ["MessagesAPI", "Request", "Step", "step", "text", "tool", "wait_for"]

Body = dict[str, Any]
GATE_SECONDS = 180.0
MAIN_TOOLS = {"Edit", "Write", "Bash"}
OUT_OF_STEPS = text("Done.")
SIDE_ANSWER = '{"title": "Scripted title"}'


@dataclass(frozen=True)
class Step:
    """One answer of the model; `before` runs after the request has arrived and before it is answered."""

    blocks: tuple[Block, ...]
    before: Callable[[], object] | None = None


def step(*blocks: Block, before: Callable[[], object] | None = None) -> Step:
    """Return the step that answers with `blocks`."""
    return Step(blocks, before)


def wait_for(event: threading.Event, seconds: float = GATE_SECONDS) -> Callable[[], None]:
    """Return a gate for a step that opens when `event` is set; TimeoutError after `seconds`."""

    def gate() -> None:
        if not event.wait(seconds):
            raise TimeoutError(f"a step waited {seconds} s for an event that was never set")

    return gate


@dataclass(frozen=True)
class Request:
    """One request of a client; `agent` names the subagent that asked, None means the main conversation."""

    session: str
    agent: str | None
    body: Body = field(repr=False)

    @property
    def is_side(self) -> bool:
        """True for a request that carries none of the main conversation's tools, such as a title."""
        return not MAIN_TOOLS & {each.get("name") for each in self.body.get("tools", [])}

    def texts(self) -> list[str]:
        """Return every text in the conversation so far: prompts, answers, tool results, reminders."""
        return list(_texts(self.body["messages"]))


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, list):
        for entry in node:
            yield from _texts(entry)
    elif isinstance(node, dict):
        yield from _texts(node.get("text", node.get("content", "")))


class MessagesAPI:
    """A server on 127.0.0.1 that answers each session with the next step of its script.

    A session out of steps gets "Done.". Requests that belong to no script (titles, `--tools ""`) get
    `side_answer`, a function of the request's body. Leaving the `with` block raises what a gate raised.
    """

    def __init__(self, side_answer: Callable[[Body], str] = lambda _: SIDE_ANSWER) -> None:
        self._side_answer = side_answer
        self._lock = threading.Lock()
        self._steps: dict[tuple[str, bool], deque[Step]] = defaultdict(deque)
        self._requests: list[Request] = []
        self._answers = 0
        self._errors: list[BaseException] = []
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        if error is None and self._errors:
            raise self._errors[0]

    @property
    def url(self) -> str:
        """The value of ANTHROPIC_BASE_URL."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def script(self, session: str, *steps: Step) -> None:
        """Append `steps` to the script of a session's main conversation."""
        with self._lock:
            self._steps[session, False].extend(steps)

    def script_agents(self, session: str, *steps: Step) -> None:
        """Append `steps` to the script that all subagents of a session share, in the order they ask."""
        with self._lock:
            self._steps[session, True].extend(steps)

    def left(self, session: str) -> int:
        """Return how many steps of the main conversation have not been asked for."""
        with self._lock:
            return len(self._steps[session, False])

    def requests(self, session: str) -> list[Request]:
        """Return the requests of a session's main conversation so far, in order of arrival."""
        return [each for each in self.all_requests(session) if each.agent is None and not each.is_side]

    def all_requests(self, session: str) -> list[Request]:
        """Return every request of a session so far: main, subagents and side requests."""
        with self._lock:
            return [each for each in self._requests if each.session == session]

    def context(self, session: str, request: int = -1) -> str:
        """Return what the main conversation's `request` says that the one before it did not."""
        requests = self.requests(session)
        index = range(len(requests))[request]
        before = requests[index - 1].texts() if index else []
        return "\n".join(_new(requests[index].texts(), before))

    def answer(self, request: Request) -> dict[str, Any]:
        """Record `request` and return the answer to it; called on the server's threads."""
        with self._lock:
            self._requests.append(request)
            self._answers += 1
            number = self._answers
            steps = self._steps[request.session, request.agent is not None]
            chosen = None if request.is_side or not steps else steps.popleft()
        return message(number, request.body.get("model", ""), self._blocks(request, chosen))

    def _blocks(self, request: Request, chosen: Step | None) -> Sequence[Block]:
        if chosen is None:
            return [text(self._side_answer(request.body)) if request.is_side else OUT_OF_STEPS]
        try:
            if chosen.before:
                chosen.before()
        except BaseException as error:
            self._errors.append(error)
            raise
        return chosen.blocks


def _new(now: list[str], before: list[str]) -> Iterator[str]:
    known = Counter(before)
    for each in now:
        if known[each]:
            known[each] -= 1
        else:
            yield each


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # server_close then waits for every answer
    request_queue_size = 64  # of six clients at once, each with several connections

    def __init__(self, api: MessagesAPI) -> None:
        self.api = api
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, *_: object) -> None:
        """Say nothing: a gate's error is kept for the test, another means that Claude Code was killed."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if self.path.split("?")[0] != "/v1/messages":
            self.send_error(404)
            return
        session = self.headers.get("x-claude-code-session-id", "")
        answer = self.server.api.answer(Request(session, self.headers.get("x-claude-code-agent-id"), body))
        if body.get("stream"):
            self._send("text/event-stream", server_sent_events(answer))
        else:
            self._send("application/json", json.dumps(answer).encode())

    def _send(self, kind: str, payload: bytes) -> None:
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, format: str, *arguments: object) -> None:
        """Keep the test's output quiet."""
