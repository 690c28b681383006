from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.layer import Fault
from tests.faults.stories import STORIES, Story, play
from tests.faults.world import NONE, World

POINTS = {"kill": 6, "half": 2, "full": 2, "denied": 2}  # of each story; `python -m tests.faults` takes all
HOUR, YEAR = 3600.0, 365 * 86400.0


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_nothing_is_lost_wherever_a_process_fails(world: World, story: Story):
    story.prepare(world)
    world.keep()
    calls = play(world, story, NONE).calls
    assert calls > 2
    for kind, number in POINTS.items():
        for at in {1 + each * calls // number for each in range(number)}:
            fault = Fault(at, kind)
            ended = play(world, story, fault)
            assert ended.status < 0 or kind not in ("kill",), f"{fault} did not happen"


@pytest.mark.parametrize("skew", [-HOUR, HOUR, YEAR], ids=["an hour back", "an hour ahead", "a year ahead"])
@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_nothing_is_lost_when_the_clock_is_set(world: World, story: Story, skew: float):
    story.prepare(world)
    world.skew = skew
    world.keep()
    if story.kills:
        story = story._replace(kills=False)
    play(world, story, NONE)


def test_the_second_fault_changes_nothing(world: World):
    story = STORIES["a prompt with news"]
    story.prepare(world)
    world.keep()
    calls = play(world, story, NONE).calls
    for at in range(1, calls + 1, 3):
        play(world, story, Fault(at), again=Fault(calls - at + 1))
