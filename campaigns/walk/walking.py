"""A walk from its first step to its last, and the shortest one that still fails."""

import random
from typing import NamedTuple

from campaigns.walk.course import Step, Walk
from campaigns.walk.ground import Ground
from campaigns.walk.oracle import Oracle, Violation
from campaigns.walk.steps import BY_NOBODY, BY_SESSION, take
from tests.rehearse import log

LENGTH = 50
BEGIN = (Step("start"), Step("start"))
_WEIGHTS = {name: weight for name, (_, weight) in {**BY_SESSION, **BY_NOBODY}.items()}


class Outcome(NamedTuple):
    """What came of a walk: what is wrong, "" for nothing, and a line for each thing that happened."""

    wrong: str
    trace: list[str]
    steps: int


def steps_of(seed: int, length: int = LENGTH) -> list[Step]:
    """Return the steps of a walk, always the same for a seed."""
    chance = random.Random(seed)
    names = chance.choices(list(_WEIGHTS), list(_WEIGHTS.values()), k=length)
    steps = [Step(name, *(chance.randrange(1000) for _ in range(3))) for name in names]
    more = [Step("start", what=chance.randrange(1000)) for _ in range(chance.randrange(3))]
    return [*BEGIN, *more, *steps]


def play(ground: Ground, steps: list[Step]) -> Outcome:
    """Walk, up to the first thing that is wrong."""
    ground.begin()
    walk = Walk(ground, Oracle(ground))
    for number, step in enumerate(steps, 1):
        try:
            take(walk, step)
            if log():
                raise Violation(f"a crash is logged: {log()}")
        except Violation as found:
            return Outcome(str(found), walk.trace, number)
    return Outcome("", walk.trace, len(steps))


def shortest(ground: Ground, steps: list[Step], wrong: str) -> list[Step]:
    """Return fewer of the steps with which the same goes wrong: none of them can be left out."""
    size = max(len(steps) // 2, 1)
    while True:
        at = 0
        while at < len(steps):
            fewer = steps[:at] + steps[at + size :]
            outcome = play(ground, fewer)
            if outcome.wrong and _kind(outcome.wrong) == _kind(wrong):
                steps = fewer[: outcome.steps]
            else:
                at += size
        if size == 1:
            return steps
        size = max(size // 2, 1)


def _kind(wrong: str) -> str:
    return " ".join(word for word in wrong.split(":")[0].split() if word.isalpha())
