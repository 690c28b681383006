import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from context_sync.claude.hooks import payloads
from context_sync.claude.install import hooks_entry
from context_sync.conflicts.alerts import News
from context_sync.domain import messages
from context_sync.domain.messages import PERSON
from context_sync.errors import ContextSyncError
from context_sync.events import response
from context_sync.mail import deliveries, message_search, recipients, sending, wake_listener
from context_sync.mail.sending import SendOptions
from context_sync.presence import identity
from context_sync.state import mailbox, sessions
from tests.rehearse import HOOKS, Client, commands, encoded, git, log, stamp, state

MakeClient = Callable[..., Client]
LANDED = "the schema migration landed"


@pytest.fixture
def speak(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[sending.Sent]]:
    """Send as a session would, or as the person."""

    def send(sender: Client | None, target: str, text: str = LANDED, **wishes: object) -> list[sending.Sent]:
        for name in ("CLAUDE_CODE_SESSION_ID", "CLAUDECODE"):
            monkeypatch.delenv(name, raising=False)
        if sender:
            monkeypatch.setenv("CLAUDE_CODE_SESSION_ID", sender.session)
            monkeypatch.chdir(sender.folder)
        return sending.send(target, text, SendOptions(**wishes))

    return send


def accept(client: Client, told: str, ago: float = 0.0) -> None:
    """Note in the transcript what the client does with a hook's context that it accepted."""
    content = {"type": "hook_additional_context", "content": [told], "hookEvent": "UserPromptSubmit"}
    client.append({"type": "attachment", "attachment": content, "timestamp": stamp(time.time() - ago)})


def reply(client: Client) -> None:
    client.append({"type": "assistant", "message": {"role": "assistant", "content": []}, "timestamp": stamp()})


def age(seconds: float) -> None:
    """Make every mark of the mail that much older."""
    for file in state("mail").glob("*/new/*"):
        message, *marks = map(json.loads, file.read_text().splitlines())
        marks = [mark | {"at": mark["at"] - seconds} for mark in marks]
        file.write_text("".join(json.dumps(line) + "\n" for line in (message, *marks)))


def one(box: str) -> mailbox.Delivery:
    [found] = mailbox.everything(box)
    return found


@pytest.fixture
def pair(client: MakeClient) -> tuple[Client, Client]:
    first, second = client(), client()
    first.start(session_title="payments")
    second.start(session_title="api")
    return first, second


TELLING = [
    pytest.param(lambda client: client.prompt(), id="with the prompt"),
    pytest.param(lambda client: client.batch(), id="in the middle of a turn"),
    pytest.param(lambda client: client.stop(), id="at the end of a turn"),
]


@pytest.mark.parametrize("event", TELLING)
def test_mail_is_told_once_and_proved_by_the_transcript(pair, speak, event: Callable[[Client], object]):
    first, second = pair
    speak(first, "api")
    assert one(second.session).state == "stored"

    told = event(second).told
    assert 'from session "payments" (branch main)' in told
    assert f"> {LANDED}\n" in told
    assert one(second.session).state == "injected"

    accept(second, told)
    assert second.batch().quiet
    assert one(second.session).state == "confirmed"
    reply(second)
    assert second.batch().quiet
    assert (one(second.session).state, one(second.session).is_unread) == ("read", False)
    assert log() == ""


def test_nothing_is_told_again_while_the_client_may_still_write(pair, speak):
    first, second = pair
    speak(first, "api")
    assert LANDED in second.prompt().told
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
def test_what_did_not_arrive_is_told_again(pair, speak, since: Callable[[Client], None]):
    first, second = pair
    speak(first, "api")
    reply(second)
    age(1)
    assert LANDED in second.prompt().told
    age(1)
    since(second)

    told = second.batch().told
    assert LANDED in told
    accept(second, told)
    reply(second)
    assert second.batch().quiet
    assert one(second.session).state == "read"
    assert len(one(second.session).injections()) == 2


def test_late_proof_of_the_first_time_counts(pair, speak):
    first, second = pair
    speak(first, "api")
    told = second.prompt().told
    accept(second, told)
    age(60)
    reply(second)
    assert second.batch().quiet
    assert one(second.session).state == "read"


@pytest.mark.parametrize("transcript", [pytest.param(True, id="kept in another form"), pytest.param(False, id="none")])
def test_without_any_proof_it_is_not_told_for_ever(pair, speak, transcript: bool):
    first, second = pair
    if transcript:
        second.append({"type": "unknown"})
    speak(first, "api")
    times = 0
    for _ in range(6):
        times += LANDED in second.prompt().told
        age(11)

    assert times == (deliveries.MAX_INJECTIONS if transcript else 1)
    assert (one(second.session).state, one(second.session).is_unread) == ("injected", False)


def test_a_subagent_is_told_nothing(pair, speak):
    first, second = pair
    speak(first, "api")
    assert second.batch(agent_id="a1", agent_type="general-purpose").quiet
    assert LANDED in second.batch().told


def test_a_turn_that_was_continued_ends_and_a_receipt_continues_none(pair, speak):
    first, second = pair
    speak(first, "api", ack=True)
    assert second.event("Stop", stop_hook_active=True).quiet
    told = second.stop().told
    accept(second, told)
    reply(second)
    assert second.batch().quiet

    assert first.stop().quiet
    assert 'Session "api" read message' in first.prompt().told


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
    told = json.loads(answer.output)["hookSpecificOutput"]["additionalContext"]
    assert "y" * 1000 in told
    assert messages.length(told) <= messages.LONGEST_ANSWER


def test_an_alert_and_mail_share_one_answer(pair, speak, project: Path):
    first, second = pair
    first.edit(project / "calc.py", "a + b", "b + a")
    second.edit(project / "calc.py", "b + a", "a + b + 0")
    for letter in "abcd":
        speak(second, "payments", letter * 3_900)

    told = first.batch().told
    assert told.startswith("context-sync: another live Claude Code session is working on the same code.")
    assert messages.length(told) <= messages.LONGEST_ANSWER
    assert "2 more unread messages follow with the next step or prompt." in told
    accept(first, told)
    reply(first)
    assert "context-sync: 2 messages for this session" in first.batch().told


def test_mail_of_a_cleared_session_goes_to_the_one_after_it(pair, speak, client: MakeClient):
    first, second = pair
    speak(first, "api")
    accept(second, second.prompt().told)
    reply(second)
    speak(first, "api", "unread before the clearing")
    second.end("clear")
    heir = client(process=second.process)
    heir.start("clear", session_title="api")
    [later] = speak(first, second.session, "sent to the one before")

    assert later.message.to == heir.session
    told = heir.prompt().told
    assert "unread before the clearing" in told
    assert "sent to the one before" in told
    assert LANDED not in told
    assert one(second.session).state == "read"


def test_mail_of_a_session_that_is_back_goes_to_nobody_else(pair, speak, client: MakeClient):
    first, second = pair
    speak(first, "api", "sent before the clearing")
    second.end("clear")
    heir = client(process=second.process)
    heir.start("clear", session_title="web")
    assert "sent before the clearing" in heir.prompt().told
    again = client(session=second.session)
    again.start("resume", session_title="api")
    again.end()
    [later] = speak(first, "api", "sent after the return")
    assert later.message.to == second.session
    again.start("resume", session_title="api")
    assert "sent after the return" in again.prompt().told
    assert {each.message.text for each in deliveries.sent_by(first.session)} == {
        "sent before the clearing",
        "sent after the return",
    }


def test_a_message_sent_while_its_receiver_is_cleared_reaches_the_one_after_it(
    pair, speak, client: MakeClient, monkeypatch
):
    first, second = pair
    heir = client(process=second.process)
    real = mailbox.store

    def store(*arguments):  # the receiver was looked up already
        second.end("clear")
        heir.start("clear", session_title="api")
        return real(*arguments)

    monkeypatch.setattr(mailbox, "store", store)
    [sent] = speak(first, "api", urgent=True)
    assert (sent.alive, sent.wakes) == (True, True)
    assert LANDED in heir.prompt().told
    assert not mailbox.unread_names(second.session)


def test_a_second_end_of_a_cleared_session_offers_nothing_anew(pair, speak, client: MakeClient):
    first, second = pair
    second.end("clear")
    heir = client(process=second.process)
    heir.start("clear", session_title="web")
    second.end("clear")
    speak(first, second.session)
    assert LANDED in heir.prompt().told


def test_a_session_in_another_terminal_inherits_nothing(pair, speak, client: MakeClient):
    first, second = pair
    speak(first, "api")
    second.end("clear")
    stranger = client()
    stranger.start("clear")
    assert stranger.prompt().quiet


def test_an_ended_session_keeps_its_mail_until_it_is_resumed(pair, speak, client: MakeClient):
    first, second = pair
    second.end()
    [sent] = speak(first, "api")
    assert not sent.alive

    again = client(session=second.session)
    again.start("resume")
    assert LANDED in again.prompt().told


def test_a_reply_finds_its_sender_and_a_person_theirs(pair, speak):
    first, second = pair
    [sent] = speak(first, "api")
    [answer] = speak(second, "", "thank you", reply_to=sent.message.id[:6])
    assert (answer.message.to, answer.message.reply_to) == (first.session, sent.message.id)
    assert f"a reply to {sent.message.id}" in first.prompt().told

    [asked] = speak(None, "api", "how far are you?")
    assert asked.message.sender == PERSON
    [told] = speak(second, "", "nearly there", reply_to=asked.message.id)
    assert told.message.to == PERSON
    [more] = speak(second, "", "now I am", reply_to=told.message.id)
    assert more.message.to == PERSON


def test_all_are_the_other_live_sessions_of_the_repository(
    pair, speak, client: MakeClient, project: Path, tmp_path: Path
):
    first, second = pair
    git(project, "worktree", "add", "--quiet", "-b", "wip", str(tmp_path / "wip"))
    (tmp_path / "elsewhere").mkdir()
    third, stranger, gone = client(tmp_path / "wip"), client(tmp_path / "elsewhere"), client()
    for each in (third, stranger, gone):
        each.start()
    gone.kill()

    sent = speak(first, "@all")
    assert {each.message.to for each in sent} == {second.session, third.session}
    assert all(each.message.everyone for each in sent)
    assert len({each.message.id for each in sent}) == 2
    with pytest.raises(ContextSyncError, match="no other Claude Code session is live"):
        speak(stranger, "@all")


@pytest.mark.parametrize(
    ("target", "found"),
    [
        pytest.param("api", "api", id="a name, not the longer one"),
        pytest.param("API", "api", id="a name in other letters"),
        pytest.param("api-o", "api-old", id="the beginning of a name"),
        pytest.param("0000", "api", id="the beginning of an id"),
        pytest.param("00000000-1", "api", id="more of an id"),
        pytest.param("wip", "docs", id="a branch"),
        pytest.param("gone", "gone", id="one that ended"),
    ],
)
def test_who_is_meant(client: MakeClient, tmp_path: Path, project: Path, target: str, found: str):
    git(project, "worktree", "add", "--quiet", "-b", "wip", str(tmp_path / "wip"))
    cast = {
        "api": client(session="00000000-1"),
        "api-old": client(session="11111111-1"),
        "docs": client(tmp_path / "wip", session="22222222-1"),
        "gone": client(session="33333333-1"),
    }
    for name, each in cast.items():
        each.start(session_title=name)
    cast["gone"].end()

    assert recipients.session_named(target, me="x").name == found


@pytest.mark.parametrize(
    ("target", "said"),
    [
        pytest.param("nobody", "no session is called 'nobody'. Live are:\n  1111", id="unknown"),
        pytest.param("ap", "'ap' may be any of 2 sessions, so write more of its name or id:\n  1111", id="ambiguous"),
        pytest.param("main", "may be any of 2 sessions", id="a branch of several"),
        pytest.param("me", "'me' is this session: ", id="itself"),
        pytest.param("", "no session is called ''", id="nothing"),
        pytest.param("111", "no session is called '111'", id="too short for an id"),
    ],
)
def test_what_nobody_can_be_meant_by(client: MakeClient, target: str, said: str):
    for session, name in (("00000000-1", "me"), ("11111111-1", "api-1"), ("22222222-1", "api-2")):
        client(session=session).start(session_title=name)

    with pytest.raises(ContextSyncError) as error:
        recipients.session_named(target, me="00000000-1")
    assert said in str(error.value)


def test_limits_hold_for_one_receiver_and_not_for_the_others(pair, speak, client: MakeClient, monkeypatch):
    first, second = pair
    third = client()
    third.start(session_title="docs")
    now = time.time()
    monkeypatch.setattr(sending, "time", SimpleNamespace(time=lambda: now))  # however long it takes to send them
    speak(first, "api")
    with pytest.raises(ContextSyncError, match="not sent to api: the same text was sent less than 30 seconds ago"):
        speak(first, "api")
    speak(first, "docs")
    for number in range(19):
        speak(first, "api", f"number {number}")
    with pytest.raises(ContextSyncError, match="20 messages were sent to it in the last minute"):
        speak(first, "api", "one too many")
    with pytest.raises(ContextSyncError, match=r"not sent to api: .* It was sent to 1 other session\."):
        speak(first, "@all", "to all")
    assert len(mailbox.unread_names(second.session)) == 20


def test_a_client_that_does_not_tell_its_session_cannot_send_as_the_person(monkeypatch):
    monkeypatch.setenv("CLAUDECODE", "1")
    with pytest.raises(ContextSyncError, match="does not say which session it is"):
        identity.myself()


def test_sent_proves_what_the_receiver_has_not_looked_at(pair, speak):
    first, second = pair
    speak(first, "api")
    accept(second, second.prompt().told)
    reply(second)

    [found] = deliveries.sent_by(first.session)
    assert found.state == "read"
    assert found.message.at <= found.at("injected") <= found.at("confirmed") <= found.at("read")


def test_no_message_arrives_before_it_was_sent_by_a_clock_that_tells_milliseconds(pair, speak):
    first, second = pair
    speak(first, "api")
    told = second.prompt().told
    injected = one(second.session).at("injected")
    accept(second, told, ago=time.time() - injected + 0.001)
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
    accept(someone, someone.prompt().told)
    reply(someone)
    someone.batch()
    (tmp_path / "started").write_text("")
    for _ in range(2):
        someone.prompt()
        someone.batch()
        someone.stop()
    assert (tmp_path / "started").read_text() == ""


def waiter(client: Client) -> subprocess.Popen[bytes]:
    """Start the hook that stands beside Stop, and return it once it has noted the end of the turn."""
    noted = state("gate", client.session, "idle")
    before = noted.stat().st_mtime_ns if noted.exists() else 0
    handler = hooks_entry.groups_for(str(HOOKS), sys.executable)["Stop"]["hooks"][1]
    with tempfile.TemporaryFile() as payload:
        payload.write(json.dumps(client.payload("Stop")).encode())
        payload.seek(0)
        process = subprocess.Popen(
            ["/bin/sh", "-c", handler["command"]],
            stdin=payload,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=client.environment(),
        )
    while process.poll() is None and (not noted.exists() or noted.stat().st_mtime_ns == before):
        time.sleep(0.01)
    return process


def sleeps(process: subprocess.Popen[bytes]) -> bool:
    """Look for half a second whether the process, no shell any more, does nothing all the time."""
    found = set()
    for _ in range(50):
        time.sleep(0.01)
        name, _, fields = Path(f"/proc/{process.pid}/stat").read_text().partition("(")[2].rpartition(")")
        found.add((name == "sh", fields.split()[0]))
    return found == {(False, "S")}


def ended(process: subprocess.Popen[bytes]) -> tuple[int, bytes]:
    _, errors = process.communicate(timeout=180)
    return process.returncode, errors


@pytest.mark.parametrize(
    ("wishes", "config", "woken"),
    [
        pytest.param({"urgent": True}, "", True, id="urgent"),
        pytest.param({}, "", False, id="not urgent"),
        pytest.param({}, 'wake = "all"', True, id="not urgent, all wake"),
        pytest.param({"urgent": True}, 'wake = "none"', False, id="urgent, none wakes"),
    ],
)
def test_a_waiter_wakes_for_what_it_should(pair, speak, isolated_home: Path, wishes, config: str, woken: bool):
    first, second = pair
    file = isolated_home / ".config" / "context-sync" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text(config)
    process = waiter(second)
    [sent] = speak(first, "api", **wishes)
    if woken:
        code, told = ended(process)
        assert code == 2
        assert told.decode().startswith(f'message {sent.message.id} from session "payments" (branch main) arrived at')
        assert [mark.kind for mark in one(second.session).marks] == ["woken"]
    elif "none" in config:
        assert ended(process) == (0, b"")
    else:
        time.sleep(1.5)
        assert process.poll() is None
        second.end()
        assert ended(process) == (0, b"")


def test_a_turn_that_began_as_the_last_one_ended_is_not_over(pair, speak, monkeypatch):
    """The clock of files stands still for some milliseconds."""
    first, second = pair
    speak(first, "api", urgent=True)
    monkeypatch.setenv("CLAUDE_PID", str(second.pid))
    monkeypatch.setattr(wake_listener, "POLL_INTERVAL", 0)
    for name in ("turn", "idle"):
        state("gate", second.session, name).touch()
        os.utime(state("gate", second.session, name), (1e9, 1e9))
    assert wake_listener.wait(second.session) is None
    os.utime(state("gate", second.session, "idle"), (1e9, 1e9 + 1))
    assert wake_listener.wait(second.session) is not None


def test_a_waiter_notices_what_came_before_it_and_wakes_once(pair, speak):
    first, second = pair
    speak(first, "api", urgent=True)
    assert ended(waiter(second))[0] == 2
    again = waiter(second)
    time.sleep(1.5)
    assert again.poll() is None
    second.prompt()
    assert ended(again) == (0, b"")


@pytest.mark.parametrize(
    "happens",
    [
        pytest.param(lambda client: client.prompt(), id="a new prompt"),
        pytest.param(lambda client: client.end(), id="the session ends"),
        pytest.param(lambda client: client.end("clear"), id="the session is cleared"),
    ],
)
def test_a_waiter_ends_when_nothing_is_left_to_wait_for(pair, happens: Callable[[Client], object]):
    process = waiter(pair[1])
    happens(pair[1])
    assert ended(process) == (0, b"")


def test_a_waiter_whose_client_died_before_it_looked_ends_at_once(pair):
    pair[1].kill()
    assert ended(waiter(pair[1])) == (0, b"")


def test_of_two_waiters_the_later_stays(pair):
    first = waiter(pair[1])
    while not sleeps(first):  # then it has seen when it was armed
        assert first.poll() is None
    second = waiter(pair[1])
    assert ended(first) == (0, b"")
    assert second.poll() is None
    pair[1].end()
    assert ended(second) == (0, b"")


def test_a_turn_that_goes_on_with_mail_has_no_waiter(pair, speak, monkeypatch):
    first, second = pair
    speak(first, "api", urgent=True)
    monkeypatch.setenv("CLAUDE_PID", str(second.pid))
    state("gate", second.session, "idle").touch()
    told: list[str] = []

    def meanwhile(_: float) -> None:
        assert not told
        told.append(second.stop().told)

    monkeypatch.setattr(wake_listener, "time", SimpleNamespace(time=time.time, sleep=meanwhile))
    assert wake_listener.wait(second.session) is None
    assert LANDED in told[0]


@pytest.mark.parametrize(
    "extra",
    [
        pytest.param({"CLAUDE_CODE_ENTRYPOINT": "sdk-cli"}, id="a print run"),
        pytest.param({"CLAUDE_CODE_SESSION_ATTENDED": "0"}, id="nobody there"),
        pytest.param({"CLAUDE_CODE_SESSION_ID": ""}, id="an older client"),
        pytest.param({"CONTEXT_SYNC": "0"}, id="switched off"),
    ],
)
def test_no_waiter_where_nobody_is_to_be_woken(pair, extra: dict[str, str]):
    pair[1].extra.update(extra)
    assert ended(waiter(pair[1])) == (0, b"")


def test_the_beginning_of_an_id_must_mean_one_message(pair, speak, monkeypatch):
    first, second = pair
    monkeypatch.setattr(messages, "identifier", lambda _: "aaaaaaaaa2")
    speak(first, "api")
    mailbox.store(one(second.session).message._replace(id="zzzzzzzzz2"))
    mailbox.store(one_of(second.session, "zzz").message._replace(id="zzzzzzzzz3"))
    with pytest.raises(
        ContextSyncError, match=r"more than one message begins with 'zzz', so write more: zzzzzzzzz2, zzzzzzzzz3\."
    ):
        speak(second, "", reply_to="zzz")
    with pytest.raises(ContextSyncError, match=r"more than one message begins with 'zzz', so write more:"):
        message_search.thread("zzz")
    with pytest.raises(ContextSyncError, match=r"there is no message 'yyy': "):
        message_search.thread("yyy")
    assert [each.message.id for each in message_search.thread("zzzzzzzzz3")] == ["zzzzzzzzz3"]


def one_of(box: str, beginning: str) -> mailbox.Delivery:
    [found] = mailbox.find(beginning, [box])
    return found


def test_a_receipt_cannot_be_answered(pair, speak):
    first, second = pair
    speak(first, "api", ack=True)
    accept(second, second.prompt().told)
    reply(second)
    second.batch()
    receipt = one(first.session).message
    with pytest.raises(ContextSyncError, match=f"{receipt.id} is a receipt, to which nobody can reply"):
        speak(first, "", reply_to=receipt.id)


def test_a_message_that_cannot_be_stored_is_not_reported_as_sent(pair, speak):
    first, second = pair
    state("mail").mkdir(exist_ok=True)
    state("mail", second.session).write_text("in the way")
    with pytest.raises(ContextSyncError, match=r"not sent: .*/mail/"):
        speak(first, "api")


def test_of_many_who_may_be_meant_the_first_are_listed(pair, speak):
    first, second = pair
    known = sessions.load(second.session)
    assert known
    for number in range(13):
        sessions.save(known._replace(id=f"{number:08d}", name="twin"))
    with pytest.raises(ContextSyncError, match="'twin' may be any of 13 sessions, ") as refused:
        speak(first, "twin")
    assert str(refused.value).endswith("\n  and 1 more")
    assert str(refused.value).count("twin  on main") == 12
