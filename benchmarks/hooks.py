"""Times every hook as Claude Code runs it, in each state that a session can be in, beside the smallest processes.

`python -m benchmarks hooks`; what is compared runs in turns, in home folders that are gone afterwards.
"""

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import peer, report, stage, timing
from benchmarks.report import PYTHON, SHELL, Report, Target
from benchmarks.stage import Scene
from benchmarks.timing import Case
from tests.rehearse import change, encoded, result

ROUNDS = 200
CROWD = 8  # other live sessions, where there are any
HELD = 1000  # files that another session holds
SMALL = 4096  # bytes of a payload
SYNCHRONOUS = ("UserPromptSubmit", "PreToolUse", "PostToolBatch", "Stop")
PEER_QUIET, PEER_JOINED = "`hcom post`, a stranger", "`hcom post`, joined"


def measure(rounds: int = ROUNDS) -> Report:
    with stage.scenes() as make:
        cases = [*smallest(make(), peers=True), *_all(make)]
        found = timing.in_turns(cases, rounds)
    return report.report(f"Hooks, whole processes, {rounds} runs each in turns", found, _targets(found.keys()))


def _all(make: Callable[[], Scene]) -> Iterator[Case]:
    for build in (_alone, _accompanied, _elsewhere, _held, _news, _recording, _around):
        place = make()
        with place.inside():
            place.begin()
            yield from build(place)


def smallest(place: Scene, peers: bool = False) -> Iterator[Case]:
    """Yield the smallest processes there are, to compare with; with `peers` also what others of our kind run."""
    with place.inside():
        place.begin()
        someone = place.client()
        payload = stage.attempt(someone, place.project / "long.py", size=SMALL)
        surroundings = someone.environment()
    yield Case(SHELL, ["/bin/sh", "-c", ":"], place.project, surroundings)
    yield Case(PYTHON, [sys.executable, "-I", "-S", "-c", "pass"], place.project, surroundings)
    jq = shutil.which("jq")
    if jq:
        yield Case("`jq -r .session_id`", [jq, "-r", ".session_id"], place.project, surroundings, payload)
    found = peer.program() if peers else None
    if found:
        yield from _peers(found, place, payload)


def _peers(found: Path, place: Scene, payload: bytes) -> Iterator[Case]:
    fields = json.loads(payload)
    after = encoded(fields | {"hook_event_name": "PostToolUse", "tool_response": {"filePath": "/project/file"}})
    for joined in (False, True):
        surroundings = peer.environment(place.top / f"peer-{joined}", fields["session_id"])
        if joined:
            peer.join(found, surroundings)
        for event, given in (("pre", payload), ("post", after)):
            name = f"`hcom {event}`, {'joined' if joined else 'a stranger'}"
            yield Case(name, [str(found), event], place.project, surroundings, given)


def _quiet(place: Scene, state: str) -> Iterator[Case]:
    someone = place.clients[0]
    for event in SYNCHRONOUS:
        payload = stage.quiet(someone, event)
        if event == "PreToolUse":
            payload = stage.attempt(someone, place.project / "long.py", size=SMALL)
        yield place.case(f"{event}, {state}", someone, event, payload)


def _alone(place: Scene) -> Iterator[Case]:
    place.client()
    yield from _quiet(place, "alone")


def _accompanied(place: Scene) -> Iterator[Case]:
    place.client()
    place.crowd(CROWD)
    yield from _quiet(place, f"{CROWD} others live")


def _elsewhere(place: Scene) -> Iterator[Case]:
    place.client()
    place.crowd(CROWD)
    place.crowd(1, held=HELD)
    yield from _quiet(place, f"another holds {HELD} other files")


def _held(place: Scene) -> Iterator[Case]:
    someone, other = place.client(), place.client()
    place.crowd(CROWD)
    other.edit(place.project / "long.py", stage.OLD, stage.NEW)
    other.edit(place.project / "part000" / "file0.py", "first + 1\n", "1 + first\n")
    decided = stage.attempt(someone, place.project / "long.py", stage.NEW, stage.OLD)
    yield place.case("PreToolUse, this definition is held: denied", someone, "PreToolUse", decided, fresh=True)
    apart = stage.attempt(someone, place.project / "long.py", "first + 90\n", "90 + first\n")
    yield place.case("PreToolUse, another definition of this file is held", someone, "PreToolUse", apart)


def _news(place: Scene) -> Iterator[Case]:
    someone, other = place.client(), place.client()
    place.crowd(CROWD)
    for number in range(2):
        file = place.project / "part000" / f"file{number}.py"
        someone.edit(file, "first + 1\n", "1 + first\n")
        other.edit(file, "1 + first\n", "first + 1 + 0\n")
    place.letters(someone, 3)
    for event in ("UserPromptSubmit", "PostToolBatch", "Stop"):
        payload = stage.quiet(someone, event)
        yield place.case(f"{event}, 3 messages and 2 alerts", someone, event, payload, fresh=True)


def _recording(place: Scene) -> Iterator[Case]:
    someone, other = place.client(), place.client()
    place.crowd(CROWD)
    long = place.project / "long.py"
    other.edit(place.project / "part000" / "file0.py", "first + 1\n", "1 + first\n")
    done = change(long, stage.OLD, stage.NEW)
    someone.append(result("toolu_1", done))
    made = {"tool_name": "Edit", "tool_use_id": "toolu_1", "tool_response": done}
    for name, fields in (
        ("an edit, background", made),
        ("a command, background", {"tool_name": "Bash", "tool_use_id": "toolu_2", "tool_input": {"command": "true"}}),
    ):
        payload = encoded(someone.payload("PostToolUse", **fields))
        yield place.case(f"PostToolUse, {name}", someone, "PostToolUse", payload, fresh=True)


def _around(place: Scene) -> Iterator[Case]:
    someone = place.client()
    place.crowd(CROWD)
    begin = encoded(someone.payload("SessionStart", source="startup"))
    yield place.case("SessionStart", someone, "SessionStart", begin, fresh=True)
    yield place.case(
        "SessionEnd", someone, "SessionEnd", encoded(someone.payload("SessionEnd", reason="other")), fresh=True
    )


def _targets(names: object) -> Iterator[Target]:
    cases = list(names)  # type: ignore[call-overload]
    for name in cases:
        if name.endswith((", alone", " others live")):
            yield Target(name, SHELL, 1.5)
            yield Target(name, PEER_JOINED, 0.5)
        elif name == f"PreToolUse, another holds {HELD} other files":
            yield Target(name, SHELL, 4)
        elif name.endswith(("held: denied", "2 alerts")):
            yield Target(name, PYTHON, 4)
        elif name.endswith("an edit, background"):
            yield Target(name, PYTHON, 6, "cpu")
