"""What became of sessions without a word is noted by the hooks of others, and by what acts."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from context_sync import reconcile
from context_sync.domain.messages import USER
from context_sync.mail import deliveries, sending
from context_sync.mail.sending import SendOptions
from context_sync.state import gate, mailbox, repositories, sessions, touches
from tests.rehearse import Client, git, stamp, state
from tests.scenes import attempt

MakeClient = Callable[..., Client]


def name_of(who: Client) -> str:
    found = sessions.load(who.session)
    assert found
    return found.name


def retitle(who: Client, title: str) -> None:
    who.append({"type": "custom-title", "customTitle": title, "sessionId": who.session})


@pytest.fixture
def vanished(two: tuple[Client, Client], project: Path) -> Client:
    """The second of two sessions edited a file and was killed."""
    two[1].edit(project / "calc.py", "a + b", "b + a")
    two[1].kill()
    return two[1]


@pytest.mark.usefixtures("vanished")
def test_what_a_vanished_session_holds_denies_and_alerts_nobody(two: tuple[Client, Client], project: Path):
    assert attempt(two[0], project / "calc.py", "b + a", "a + b + 0").quiet
    assert two[0].prompt().quiet


HOOKS: dict[str, Callable[[Client], object]] = {
    "a command of another session": lambda one: one.bash("true"),
    "another session begins": lambda one: one.start("resume"),
}


@pytest.mark.parametrize("hook", HOOKS.values(), ids=HOOKS.keys())
def test_the_next_hook_there_takes_away_the_marks_of_a_vanished_session(
    two: tuple[Client, Client], vanished: Client, project: Path, hook: Callable[[Client], object]
):
    assert vanished.session in repositories.members(str(project / ".git"))
    hook(two[0])
    assert repositories.members(str(project / ".git")) == [two[0].session]
    assert repositories.holders(str(project / ".git"), "calc.py") == []
    assert not gate.is_registered(vanished.session)
    ended = sessions.load(vanished.session)
    assert ended
    assert ended.ended


def test_everything_is_noted_at_once(two: tuple[Client, Client], project: Path):
    one, other = two
    one.edit(project / "calc.py", "a + b", "b + a")
    sending.send("second", "hello", SendOptions(ack=True), sender=one.session)
    context = other.prompt().context
    content = {"type": "hook_additional_context", "content": [context], "hookEvent": "UserPromptSubmit"}
    other.append(
        {"type": "attachment", "attachment": content, "timestamp": stamp()},
        {"type": "assistant", "message": {"role": "assistant", "content": []}, "timestamp": stamp(time.time() + 1)},
    )
    retitle(other, "renamed")
    git(project, "commit", "--quiet", "--all", "--message=sum")
    assert touches.read(one.session).unsettled()

    reconcile.reconcile(str(project / ".git"))

    assert name_of(other) == "renamed"
    assert touches.read(one.session).unsettled() == []
    assert mailbox.unread_names(other.session) == []
    assert [each.state for each in deliveries.sent_by(one.session)] == ["read"]
    assert len(mailbox.unread_names(one.session)) == 1  # the receipt


def test_a_recorder_does_it_once_in_a_while(two: tuple[Client, Client]):
    one, other = two
    one.bash("true")  # which sweeps, the first time
    retitle(other, "renamed")
    one.bash("true")
    assert name_of(other) == "second"
    [last] = state("repositories").glob("*/reconciled")
    os.utime(last, (1.0, 1.0))
    one.bash("true")
    assert name_of(other) == "renamed"


def test_a_file_in_place_of_a_message_is_set_aside_once_a_day(client: MakeClient):
    client().start()
    sending.send(USER, "hello", SendOptions(), sender="somebody")
    (state("mail", USER, "new") / "000.jsonl").write_text("{")
    reconcile.reconcile()
    assert len(mailbox.unread_names(USER)) == 1
    assert (state("mail", USER) / "000.jsonl.broken").exists()
