import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from context_sync.domain import messages
from context_sync.domain.messages import USER
from context_sync.errors import ContextSyncError
from context_sync.mail import message_search, sending
from context_sync.presence import identity
from context_sync.state import mailbox
from tests.mail.letters import accept, one, one_of, reply
from tests.rehearse import Client, git, state

MakeClient = Callable[..., Client]


def test_a_reply_finds_its_sender_and_the_user_theirs(pair, speak):
    first, second = pair
    [sent] = speak(first, "api")
    [answer] = speak(second, "", "thank you", reply_to=sent.message.id[:6])
    assert (answer.message.to, answer.message.reply_to) == (first.session, sent.message.id)
    assert f"a reply to {sent.message.id}" in first.prompt().context

    [asked] = speak(None, "api", "how far are you?")
    assert asked.message.sender == USER
    [context] = speak(second, "", "nearly there", reply_to=asked.message.id)
    assert context.message.to == USER
    [more] = speak(second, "", "now I am", reply_to=context.message.id)
    assert more.message.to == USER


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


def test_a_client_that_does_not_say_its_session_cannot_send_as_the_user(monkeypatch):
    monkeypatch.setenv("CLAUDECODE", "1")
    with pytest.raises(ContextSyncError, match="does not say which session it is"):
        identity.myself()


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


def test_a_receipt_cannot_be_answered(pair, speak):
    first, second = pair
    speak(first, "api", ack=True)
    accept(second, second.prompt().context)
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
