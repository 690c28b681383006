import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from context_sync.state import mailbox
from tests.faults.layer import Fault
from tests.faults.plays import play
from tests.faults.stories import STORIES
from tests.faults.world import World

HOUR = 3600.0


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("name", "fault", "skew"),
    [
        pytest.param("an edit is recorded", Fault(1, "full", "/pending/"), 0.0, id="no room to call those who collide"),
        pytest.param(
            "the hooks are put in again", Fault(2, "kill", ".before"), 0.0, id="killed as the backup is renewed"
        ),
        pytest.param("the hooks are put in again", Fault(2, "full", ".before"), 0.0, id="no room to renew the backup"),
        pytest.param(
            "an edit is recorded", Fault(1, "full", "/touches/"), -HOUR, id="no room, by a clock that was set"
        ),
    ],
)
def test_what_was_lost_once_is_lost_no_more(world: World, name: str, fault: Fault, skew: float):
    story = STORIES[name]
    story.prepare(world)
    world.skew = skew
    world.keep()
    play(world, story, fault)


def test_mail_that_cannot_be_read_now_is_told_later(world: World, monkeypatch: pytest.MonkeyPatch):
    STORIES["a prompt with news"].prepare(world)
    session = world.clients["second"].session
    names = mailbox.unread_names(session)
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", too_many_are_open)
        assert list(mailbox.unread(session)) == []
    assert mailbox.unread_names(session) == names
    assert len(list(mailbox.unread(session))) == len(names) == 3


def too_many_are_open(*_: object) -> int:
    raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
