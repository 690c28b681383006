import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from campaigns.faults.plays import play
from campaigns.faults.points import MISSED, single, violation
from campaigns.faults.stories import STORIES
from campaigns.faults.world import NONE, World
from context_sync.claude.install import settings_file
from context_sync.claude.install.settings_file import Settings
from context_sync.conflicts import alerts
from context_sync.domain.messages import Message
from context_sync.domain.records import Session
from context_sync.edits import recovery
from context_sync.mail import deliveries, wake_listener
from context_sync.presence import handover
from context_sync.state import alert_memory, files, mailbox, processes, repositories
from context_sync.state.mailbox import Delivery, Mark

Bug = tuple[object, str, Callable[..., Any]]
at_prompt = alerts.at_prompt
is_there = processes.is_there


def write_in_place(where: str, text: bytes) -> None:
    files.folder_of(where)
    descriptor = os.open(where, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    files.write_all(descriptor, text, where)
    os.close(descriptor)


def replace_in_place(found: Settings, content: bytes) -> None:
    write_in_place(found.file, content)


def store_in_place(message: Message, _wakes: bool = False) -> str:
    files.append_lines(files.path("mail", message.to, "new", f"1-{message.id}.jsonl"), [message._asdict()])
    return message.to


def note_then_tell(session: Session) -> alerts.News:
    news = at_prompt(session)
    alerts.mark_notified(news)
    return news


def put_away_then_tell(_: Session, context: Iterable[Delivery]) -> None:
    for each in context:
        mailbox.archive(each)


def look_for_pid(pid: int, _start: str = "") -> bool:
    return is_there(pid)


def wake_anyhow(delivery: Delivery) -> bool:
    mailbox.note(delivery, Mark("woken", 1.0))
    return True


BUGS: dict[str, tuple[str, Bug]] = {
    "what is rewritten is written in place": ("a session is resumed", (files, "_replace", write_in_place)),
    "mail is written where it is read": ("a message is sent", (mailbox, "store", store_in_place)),
    "mail is put away before it is shown": ("a prompt with news", (deliveries, "injected", put_away_then_tell)),
    "a conflict is noted before it is shown": ("a prompt with news", (alerts, "at_prompt", note_then_tell)),
    "a recorder that died is not missed": ("an edit is recorded", (recovery, "recover", lambda *_: None)),
    "what could not be noted wakes": ("an idle session is woken", (wake_listener, "_is_noted", wake_anyhow)),
    "who died in /clear leaves nothing": ("a session is about to be cleared", (handover, "_before", lambda _: [])),
    "settings are written in place": ("the hooks are put in", (settings_file, "_replace", replace_in_place)),
    "a backup is written in place": ("the hooks are put in again", (files, "write_bytes", write_in_place)),
}
BUGS_WITHOUT_A_FAULT: dict[str, tuple[str, Bug]] = {
    "who ends keeps its entries": ("a session ends", (repositories, "leave", lambda *_: None)),
    "what was shown long ago stays": ("the old is removed", (alert_memory, "compact", lambda *_: None)),
    "mail stays with who followed": ("a cleared session is resumed", (handover, "take_back", lambda _: None)),
    "a pid alone makes alive": ("the machine was started again", (processes, "is_there", look_for_pid)),
}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


@pytest.mark.parametrize(("name", "bug"), BUGS.values(), ids=BUGS)
def test_a_planted_bug_is_found_by_a_fault_alone(world: World, monkeypatch: pytest.MonkeyPatch, name: str, bug: Bug):
    story = STORIES[name]
    story.prepare(world)
    world.keep()
    monkeypatch.setattr(*bug)
    calls = play(world, story, NONE).calls
    assert any(violation(world, story, fault) not in ("", MISSED) for fault in single(calls))


@pytest.mark.parametrize(("name", "bug"), BUGS_WITHOUT_A_FAULT.values(), ids=BUGS_WITHOUT_A_FAULT)
def test_a_planted_bug_is_found(world: World, monkeypatch: pytest.MonkeyPatch, name: str, bug: Bug):
    story = STORIES[name]
    story.prepare(world)
    world.keep()
    assert violation(world, story, NONE) == ""
    monkeypatch.setattr(*bug)
    assert violation(world, story, NONE)
