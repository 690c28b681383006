"""The points at which a story is broken: every write in every way, then two at random, or a slice of all these."""

import random
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from campaigns.faults.layer import KINDS, Fault
from campaigns.faults.plays import Story, play
from campaigns.faults.stories import STORIES
from campaigns.faults.world import NONE, World

Pair = tuple[Fault, Fault]
Choice = Callable[[Sequence[str]], Iterable[Pair]]  # of the faults for the calls of a step
MISSED = "missed"  # of the real executables one may write by another call than before
SECOND = 12  # a prompt afterwards has about as many calls that write


class Outcome(NamedTuple):
    """What became of a story: the points of its step, the faults that it met, and what was violated."""

    story: str
    points: int
    faults: int
    violations: list[str]
    seconds: float


def break_story(world: World, name: str, choose: Choice, skew: float = 0.0) -> Outcome:
    """Play a story without a fault, and then with each of the chosen ones for the calls by which its step writes.

    The clock is set `skew` seconds ahead before the step, as by a machine that slept.
    """
    began = time.monotonic()
    story = STORIES[name]
    violations: list[str] = []
    story.prepare(world)
    world.skew = skew
    world.keep()
    calls = () if world.look is None else play(world, story, world.look).calls
    number = 0
    for fault, again in choose(calls):
        context = violation(world, story, fault, again)
        number += context != MISSED
        violations += [f"--only '{name}' {context}"] if context not in ("", MISSED) else []
    return Outcome(name, len(calls), number, violations, time.monotonic() - began)


def violation(world: World, story: Story, fault: Fault, again: Fault = NONE) -> str:
    """Return what a story that meets these faults violates, "" for nothing, `MISSED` if it was not killed at all."""
    try:
        ended = play(world, story, fault, again)
    except Exception as error:
        context = "".join(traceback.format_exception_only(error)).strip()
        second = f" --then {again.at}:{again.kind}" if again.at else ""
        return f"--at {fault.at}:{fault.kind}{second}: {context[:800]}"
    return MISSED if fault.at and fault.kind == "kill" and ended.status >= 0 else ""


def single(calls: Sequence[str]) -> Iterator[Fault]:
    """Yield every fault of a step; only a write can be interrupted in its middle."""
    for kind in KINDS:
        for at, name in enumerate(calls, 1):
            if kind != "half" or name == "write":
                yield Fault(at, kind)


def all_of(number: int, shift: int) -> Choice:
    """Return what chooses every single fault, and pairs of them by chance, until there are `number`; or a slice."""

    def choose(calls: Sequence[str]) -> Iterable[Pair]:
        some = [(fault, NONE) for fault in single(calls)]
        chance = random.Random(shift)
        pairs = number - len(some)
        if pairs < 0:
            return slice_of(number, shift)(calls)
        return [*some, *((chance.choice(some)[0], _second(chance)) for _ in range(pairs))]

    return choose


def slice_of(number: int, shift: int) -> Choice:
    """Return what chooses `number` single faults: every kind in turn, at places that `shift` moves on."""

    def choose(calls: Sequence[str]) -> Iterator[Pair]:
        for each in range(number):
            kind = KINDS[(each + shift) % len(KINDS)]
            of_kind = [fault for fault in single(calls) if fault.kind == kind] or [Fault(len(calls))]
            yield of_kind[len(of_kind) * ((7 * shift + 4 * each) % 10) // 10], NONE

    return choose


def kills(number: int, shift: int) -> Choice:
    """Return what chooses `number` calls at which the process is killed, evenly; shifted, others; at most all."""

    def choose(calls: Sequence[str]) -> list[Pair]:
        step = max(1.0, len(calls) / number)
        ats = {int(each * step + shift % step) % len(calls) + 1 for each in range(number)}
        return [(Fault(at), NONE) for at in sorted(ats)]

    return choose


def _second(chance: random.Random) -> Fault:
    return Fault(chance.randint(1, SECOND), chance.choice(KINDS))
