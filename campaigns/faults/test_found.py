import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from campaigns.faults.layer import Fault
from campaigns.faults.plays import play
from campaigns.faults.stories import STORIES
from campaigns.faults.world import World
from context_sync.mail import wake_listener
from context_sync.state import mailbox
from context_sync.state.mailbox import Delivery, Mark
from tests.rehearse import state

HOUR = 3600.0


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("name", "fault", "skew"),
    [
        pytest.param(
            "an edit is recorded", Fault(1, "full", "/pending/"), 0.0, id="no room to call those who conflict"
        ),
        pytest.param(
            "the hooks are put in again", Fault(2, "kill", ".before"), 0.0, id="killed as the backup is renewed"
        ),
        pytest.param("the hooks are put in again", Fault(2, "full", ".before"), 0.0, id="no room to renew the backup"),
        pytest.param(
            "an edit is recorded", Fault(1, "full", "/touches/"), -HOUR, id="no room, by a clock that was set"
        ),
        pytest.param("an idle session is woken", Fault(), -HOUR, id="a turn that ended by a clock that was set back"),
        pytest.param(
            "an idle session is woken", Fault(1, "denied", "/mail/"), 0.0, id="what cannot be noted wakes for ever"
        ),
        pytest.param(
            "a session is about to be cleared", Fault(1, "denied"), 0.0, id="no word of the session before /clear"
        ),
    ],
)
def test_what_was_lost_once_is_lost_no_more(world: World, name: str, fault: Fault, skew: float):
    story = STORIES[name]
    story.prepare(world)
    world.skew = skew
    world.keep()
    play(world, story, fault)


def test_mail_that_cannot_be_read_now_is_reported_later(world: World, monkeypatch: pytest.MonkeyPatch):
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


def test_a_waiter_that_found_no_room_wakes_once_there_is(world: World, monkeypatch: pytest.MonkeyPatch):
    STORIES["an idle session is woken"].prepare(world)
    client, note = world.client("second"), mailbox.note
    tries = iter([OSError(errno.ENOSPC, "no room"), None])

    def noted(delivery: Delivery, *marks: Mark) -> Delivery:
        error = next(tries)
        if error:
            raise error
        return note(delivery, *marks)

    monkeypatch.setattr(mailbox, "note", noted)
    monkeypatch.setattr(wake_listener, "POLL_INTERVAL", 0.0)
    monkeypatch.setenv("CLAUDE_PID", str(client.pid))
    state("gate", client.session, "idle").touch()
    os.utime(state("gate", client.session, "turn"), (1.0, 1.0))
    woken = wake_listener.wait(client.session)
    assert woken
    assert woken.text == "letter"
    assert list(tries) == []
