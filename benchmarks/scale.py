"""Growth: how the costs rise with the sessions, the files that they hold, the repository and the payload.

`python -m benchmarks scale`. Each table varies one thing; what must not grow has a target.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import product
from typing import Any

from benchmarks import hooks, report, stage, timing
from benchmarks.report import Report, Target
from benchmarks.stage import Scene
from benchmarks.timing import Case
from tests.rehearse import Client, change, encoded, result

ROUNDS = 30
FLAT = 1.3  # the largest by the smallest, at most, of what must not grow
CROWDS = tuple(product((2, 20, 100), (10, 100, 1000)))  # live sessions, files that each touched
LARGE = {(20, 100): 2.5, (20, 1000): 4, (100, 1000): 5}  # processor time of an edit, by that in the smallest crowd
FILES = (100, 1000, 10_000, 50_000)
PAYLOADS = (1 << 10, 4 << 10, 64 << 10, 1 << 20, 5 << 20)
HELD = (1, 10, 50, 200)
QUIET, ELSEWHERE = "a quiet prompt", "PreToolUse, other files held"
GUARD, ALERT = "PreToolUse, held: denied", "PostToolBatch, an alert"
EDIT, COMMAND = "PostToolUse, an edit", "PostToolUse, a command"


def measure(rounds: int = ROUNDS) -> Iterator[Report]:
    """Yield a report for each thing that grows."""
    yield _series("sessions × files touched by each", CROWDS, _crowd, (QUIET, ELSEWHERE), rounds)
    yield _recording(max(rounds // 4, 3))
    yield _series("files in the repository", FILES, _repository, (QUIET, ELSEWHERE, GUARD, ALERT, EDIT), rounds)
    yield _series("files held by another session", HELD, _held, (QUIET, ELSEWHERE), rounds)
    yield _series("bytes of the payload", PAYLOADS, _payload, (), rounds)


def _recording(rounds: int) -> Report:
    word = "sessions × files touched by each, when an edit is recorded"
    targets = [Target(_named(EDIT, size), _named(EDIT, CROWDS[0]), most, "cpu") for size, most in LARGE.items()]
    return _series(word, CROWDS, _recorded, (), rounds, targets)


def _series(
    word: str,
    sizes: Iterable[Any],
    build: Callable[[Scene, Any], Iterator[Case]],
    flat: Iterable[str],
    rounds: int,
    others: Iterable[Target] = (),
) -> Report:
    with stage.scenes() as make:
        cases = list(hooks.smallest(make()))
        names = []
        for size in sizes:
            place = make()
            with place.inside():
                found = list(build(place, size))
            names.append([_named(case.name, size) for case in found])
            cases += [case._replace(name=name) for case, name in zip(found, names[-1], strict=True)]
        runs = timing.in_turns(cases, rounds)
    pairs = zip(names[0], names[-1], strict=True)
    targets = [Target(last, first, FLAT) for first, last in pairs if first.startswith(tuple(flat))]
    return report.report(f"Growth with {word}", runs, [*targets, *others])


def _named(name: str, size: object) -> str:
    return f"{name} · {size}"


def _crowd(place: Scene, size: tuple[int, int]) -> Iterator[Case]:
    """Yield what a session waits for; the edit comes before the crowd."""
    place.begin()
    someone, other = place.client(), place.client()
    other.edit(place.project / "long.py", stage.OLD, stage.NEW)
    place.crowd(size[0] - 2, held=size[1])
    _touch_many(place, other, size[1])
    yield from _waited_for(place, someone)


def _recorded(place: Scene, size: tuple[int, int]) -> Iterator[Case]:
    place.begin()
    place.client()
    other = place.client()
    place.crowd(size[0] - 2, held=size[1])
    _touch_many(place, other, size[1])
    yield from list(_cases(place))[-2:]


def _repository(place: Scene, files: int) -> Iterator[Case]:
    place.begin(files)
    place.client()
    place.client()
    yield from _cases(place)
    someone = place.clients[0]
    fields = {"tool_name": "Bash", "tool_use_id": "toolu_2", "tool_input": {"command": "true"}}
    payload = encoded(someone.payload("PostToolUse", **fields))
    yield place.case(COMMAND, someone, "PostToolUse", payload, fresh=True)


def _held(place: Scene, files: int) -> Iterator[Case]:
    place.begin()
    place.client()
    other = place.client()
    _touch_many(place, other, files)
    yield from _cases(place)


def _payload(place: Scene, size: int) -> Iterator[Case]:
    place.begin()
    someone, other = place.client(), place.client()
    large = place.project / "large.py"
    functions = max(size // len(stage.source(1)), 6)
    large.write_text(stage.source(functions))
    other.edit(place.project / "part000" / "file0.py", "first + 1\n", "1 + first\n")
    payload = stage.attempt(someone, place.project / "long.py", size=size)
    yield place.case(ELSEWHERE, someone, "PreToolUse", payload, fresh=True)
    done = change(large, stage.OLD, stage.NEW)
    fields = {"tool_name": "Edit", "tool_use_id": "toolu_1", "tool_response": done}
    yield place.case(EDIT, someone, "PostToolUse", encoded(someone.payload("PostToolUse", **fields)), fresh=True)


def _touch_many(place: Scene, session: Client, files: int) -> None:
    place.enter(session.session, [f"many/other{each}.py" for each in range(files)])


def _waited_for(place: Scene, someone: Client) -> Iterator[Case]:
    long, short = place.project / "long.py", place.project / "part000" / "file0.py"
    yield place.case(QUIET, someone, "UserPromptSubmit", stage.quiet(someone, "UserPromptSubmit"), fresh=True)
    elsewhere = stage.attempt(someone, short, size=4096)
    yield place.case(ELSEWHERE, someone, "PreToolUse", elsewhere, fresh=True)
    decided = stage.attempt(someone, long, stage.NEW, stage.OLD)
    yield place.case(GUARD, someone, "PreToolUse", decided, fresh=True)


def _cases(place: Scene) -> Iterator[Case]:
    """Yield the same events of the first session, whatever there is around it; the second one holds things."""
    someone, other = place.clients[:2]
    long, short = place.project / "long.py", place.project / "part000" / "file0.py"
    other.edit(long, stage.OLD, stage.NEW)
    yield from _waited_for(place, someone)
    done = change(short, "first + 1\n", "1 + first\n")
    someone.append(result("toolu_1", done))
    fields = {"tool_name": "Edit", "tool_use_id": "toolu_1", "tool_response": done}
    yield place.case(EDIT, someone, "PostToolUse", encoded(someone.payload("PostToolUse", **fields)), fresh=True)
    someone.edit(long, "first + 6\n", "6 + first\n")
    other.edit(long, "6 + first\n", "first + 6 + 0\n")
    yield place.case(ALERT, someone, "PostToolBatch", stage.quiet(someone, "PostToolBatch"), fresh=True)
