import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from context_sync.claude.hooks import payloads
from context_sync.conflicts.alerts import News
from context_sync.domain import messages
from context_sync.events import response
from context_sync.mail import deliveries
from context_sync.state import sessions
from tests.mail.letters import LANDED, accept, age, one, reply
from tests.rehearse import Client, commands, encoded, log, stamp

MakeClient = Callable[..., Client]


TELLING = [
    pytest.param(lambda client: client.prompt(), id="with the prompt"),
    pytest.param(lambda client: client.batch(), id="in the middle of a turn"),
    pytest.param(lambda client: client.stop(), id="at the end of a turn"),
]


@pytest.mark.parametrize("event", TELLING)
def test_mail_is_reported_once_and_proved_by_the_transcript(pair, speak, event: Callable[[Client], object]):
    first, second = pair
    speak(first, "api")
    assert one(second.session).state == "stored"

    context = event(second).context
    assert 'from session "payments" (branch main)' in context
    assert f"> {LANDED}\n" in context
    assert one(second.session).state == "injected"

    accept(second, context)
    assert second.batch().quiet
    assert one(second.session).state == "confirmed"
    reply(second)
    assert second.batch().quiet
    assert (one(second.session).state, one(second.session).is_unread) == ("read", False)
    assert log() == ""


def test_nothing_is_reported_again_while_the_client_may_still_write(pair, speak):
    first, second = pair
    speak(first, "api")
    assert LANDED in second.prompt().context
    age(-3600)  # however long the next two take
    assert second.batch().quiet
    assert second.stop().quiet


@pytest.mark.parametrize(
    "since",
    [
        pytest.param(lambda _: age(11), id="the transcript says nothing for 11 seconds"),
        pytest.param(reply, id="the model went on without it"),
    ],
)
def test_what_did_not_arrive_is_reported_again(pair, speak, since: Callable[[Client], None]):
    first, second = pair
    speak(first, "api")
    reply(second)
    age(1)
    assert LANDED in second.prompt().context
    age(1)
    since(second)

    context = second.batch().context
    assert LANDED in context
    accept(second, context)
    reply(second)
    assert second.batch().quiet
    assert one(second.session).state == "read"
    assert len(one(second.session).injections()) == 2


def test_late_proof_of_the_first_time_counts(pair, speak):
    first, second = pair
    speak(first, "api")
    context = second.prompt().context
    accept(second, context)
    age(60)
    reply(second)
    assert second.batch().quiet
    assert one(second.session).state == "read"


@pytest.mark.parametrize("transcript", [pytest.param(True, id="kept in another form"), pytest.param(False, id="none")])
def test_without_any_proof_it_is_not_reported_for_ever(pair, speak, transcript: bool):
    first, second = pair
    if transcript:
        second.append({"type": "unknown"})
    speak(first, "api")
    times = 0
    for _ in range(6):
        times += LANDED in second.prompt().context
        age(11)

    assert times == (deliveries.MAX_INJECTIONS if transcript else 1)
    assert (one(second.session).state, one(second.session).is_unread) == ("injected", False)


def test_a_subagent_is_notified_of_nothing(pair, speak):
    first, second = pair
    speak(first, "api")
    assert second.batch(agent_id="a1", agent_type="general-purpose").quiet
    assert LANDED in second.batch().context


def test_a_turn_that_was_continued_ends_and_a_receipt_continues_none(pair, speak):
    first, second = pair
    speak(first, "api", ack=True)
    assert second.event("Stop", stop_hook_active=True).quiet
    context = second.stop().context
    accept(second, context)
    reply(second)
    assert second.batch().quiet

    assert first.stop().quiet
    assert 'Session "api" read message' in first.prompt().context


def test_mail_gets_the_room_that_an_alert_leaves(pair, speak):
    first, second = pair
    speak(first, "api", "x" * 3000)
    known = sessions.load(second.session)
    event = payloads.read("UserPromptSubmit", encoded(second.payload("UserPromptSubmit")))
    assert known
    assert event
    news = News("y" * (messages.LONGEST_ANSWER - 1000), second.session, [], [], [])
    answer = response.answer(event, known, news)
    assert answer
    context = json.loads(answer.output)["hookSpecificOutput"]["additionalContext"]
    assert "y" * 1000 in context
    assert messages.length(context) <= messages.LONGEST_ANSWER


def test_an_alert_and_mail_share_one_answer(pair, speak, project: Path):
    first, second = pair
    first.edit(project / "calc.py", "a + b", "b + a")
    second.edit(project / "calc.py", "b + a", "a + b + 0")
    for letter in "abcd":
        speak(second, "payments", letter * 3_900)

    context = first.batch().context
    assert context.startswith("context-sync: another live Claude Code session is working on the same code.")
    assert messages.length(context) <= messages.LONGEST_ANSWER
    assert "2 more unread messages follow with the next step or prompt." in context
    accept(first, context)
    reply(first)
    assert "context-sync: 2 messages for this session" in first.batch().context


def test_an_ended_session_keeps_its_mail_until_it_is_resumed(pair, speak, client: MakeClient):
    first, second = pair
    second.end()
    [sent] = speak(first, "api")
    assert not sent.alive

    again = client(session=second.session)
    again.start("resume")
    assert LANDED in again.prompt().context


def test_sent_proves_what_the_receiver_has_not_looked_at(pair, speak):
    first, second = pair
    speak(first, "api")
    accept(second, second.prompt().context)
    reply(second)

    [found] = deliveries.sent_by(first.session)
    assert found.state == "read"
    assert found.message.at <= found.at("injected") <= found.at("confirmed") <= found.at("read")


def test_no_message_arrives_before_it_was_sent_by_a_clock_that_tells_milliseconds(pair, speak):
    first, second = pair
    speak(first, "api")
    context = second.prompt().context
    injected = one(second.session).at("injected")
    accept(second, context, ago=time.time() - injected + 0.001)
    second.append({"type": "assistant", "message": {"content": []}, "timestamp": stamp(injected - 0.001)})

    [found] = deliveries.sent_by(first.session)
    assert [found.at(each) for each in ("injected", "confirmed", "read")] == [injected] * 3


def test_python_starts_for_unread_mail_and_not_for_read_mail(speak, client: MakeClient, tmp_path: Path):
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\necho "$6" >>"{tmp_path}/started"\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    someone = client(hooks=commands(python=str(python)))
    someone.start(session_title="api")
    speak(None, "api")
    accept(someone, someone.prompt().context)
    reply(someone)
    someone.batch()
    (tmp_path / "started").write_text("")
    for _ in range(2):
        someone.prompt()
        someone.batch()
        someone.stop()
    assert (tmp_path / "started").read_text() == ""
