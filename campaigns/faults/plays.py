"""What must hold whatever goes wrong: a story is played, a fault hits one of its steps, and everybody carries on."""

import json
import signal
from collections.abc import Callable
from typing import NamedTuple

from campaigns.faults.layer import Fault
from campaigns.faults.world import NONE, QUIET, Ended, World
from context_sync.state import inspection
from tests.rehearse import log, state

ROUNDS = 5  # of prompts afterwards: a message without a proof of its arrival is delivered again, three times in all
MINUTE = 60.0
KILLS = ("kill", "half")


class Story(NamedTuple):
    """A step that a fault may befall in a world prepared for it; `also` is what must be true then beside the rest.

    `alive` are the sessions that go on, `conflict` those of them that must know that both changed `add`.
    """

    prepare: Callable[[World], None]
    step: Callable[[World, Fault], Ended]
    also: Callable[[World, Ended], None] = lambda *_: None
    alive: tuple[str, ...] = ("first", "second")
    aware: tuple[str, ...] = ("first", "second")
    kills: bool = False  # a client, so that the world has to be made again each time
    ends: tuple[int, ...] = (0, 1)  # the statuses of a step that was not killed


def play(world: World, story: Story, fault: Fault, again: Fault = NONE) -> Ended:
    """Play a story in which a fault befalls the step, and another one whoever goes on first, and what comes of it."""
    if story.kills:
        skew = world.skew
        world.begin()
        story.prepare(world)
        world.skew = skew
    else:
        world.restore()
    before = log()
    ended = story.step(world, fault)
    assert ended.status in story.ends or (fault.kind in KILLS and ended.status == -signal.SIGKILL), ended
    assert fault.at or log() == before, log()
    assert ended.errors == b"" or ended.status in (1, 2), ended.errors
    _aftermath(world, story, ended, again)
    return ended


def quiet(ended: Ended) -> None:
    """Assert that a hook worked, and that its client noticed nothing but its answer."""
    assert (ended.status, ended.errors) == (0, b""), ended


def _aftermath(world: World, story: Story, ended: Ended, again: Fault) -> None:
    """Let everybody go on, and assert that nothing is lost, wrong or broken."""
    before = log()
    story.also(world, ended)
    for number in range(ROUNDS):
        world.skew += MINUTE
        done = [
            world.event(name, "UserPromptSubmit", NONE if number else again, prompt="go on") for name in story.alive
        ]
        assert again.at or all((each.status, each.errors) == (0, b"") for each in done), done
        if number and done == [QUIET] * len(done):
            break
    _nothing_is_lost(world, story)
    _nothing_is_wrong(world, story)
    _the_next_conflict_is_reported(world, story.alive[-1])
    _nothing_is_broken(2 if again.at else 1)
    assert log() == before, log()


def _nothing_is_lost(world: World, story: Story) -> None:
    for to, texts in world.ledger.stored.items():
        context = "\n".join(world.ledger.context.get(to, []))
        lost = [text for text in texts if to in story.alive and text not in context]
        assert not lost, f"{to} was never shown {lost}"


def _nothing_is_wrong(world: World, story: Story) -> None:
    for name in story.alive:
        context = "\n".join(world.ledger.context.get(name, []))
        assert "`sub`" not in context, f"{name} was shown what is not true: {context}"
        assert name not in story.aware or "`add`" in context, f"{name} was never notified of the conflict"


def _the_next_conflict_is_reported(world: World, name: str) -> None:
    world.edit("newcomer", "a - b", "b - a")
    quiet(world.event(name, "UserPromptSubmit"))
    world.edit(name, "b - a", "a - b - 0")
    quiet(world.event("newcomer", "PostToolBatch"))
    assert "`sub`" in "".join(world.ledger.context.get("newcomer", [])), "the next conflict is not reported"


def _nothing_is_broken(most: int) -> None:
    """A line that was cut by a fault is skipped, and nothing else is written into it."""
    assert inspection.broken() == []
    for file in [*state("touches").glob("*"), *state("alerts").glob("*")]:
        broken = sum(not _is_json(line) for line in file.read_bytes().splitlines())
        assert broken <= most, f"{file}: {broken} broken lines"


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return not line
    return True
