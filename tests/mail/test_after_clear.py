from collections.abc import Callable

from context_sync.mail import deliveries
from context_sync.state import mailbox
from tests.mail.letters import LANDED, accept, one, reply
from tests.rehearse import Client

MakeClient = Callable[..., Client]


def test_mail_of_a_cleared_session_goes_to_the_one_after_it(pair, speak, client: MakeClient):
    first, second = pair
    speak(first, "api")
    accept(second, second.prompt().context)
    reply(second)
    speak(first, "api", "unread before the clearing")
    second.end("clear")
    after = client(process=second.process)
    after.start("clear", session_title="api")
    [later] = speak(first, second.session, "sent to the one before")

    assert later.message.to == after.session
    context = after.prompt().context
    assert "unread before the clearing" in context
    assert "sent to the one before" in context
    assert LANDED not in context
    assert one(second.session).state == "read"


def test_mail_of_a_session_that_is_back_goes_to_nobody_else(pair, speak, client: MakeClient):
    first, second = pair
    speak(first, "api", "sent before the clearing")
    second.end("clear")
    after = client(process=second.process)
    after.start("clear", session_title="web")
    assert "sent before the clearing" in after.prompt().context
    again = client(session=second.session)
    again.start("resume", session_title="api")
    again.end()
    [later] = speak(first, "api", "sent after the return")
    assert later.message.to == second.session
    again.start("resume", session_title="api")
    assert "sent after the return" in again.prompt().context
    assert {each.message.text for each in deliveries.sent_by(first.session)} == {
        "sent before the clearing",
        "sent after the return",
    }


def test_mail_that_nobody_saw_after_the_clearing_comes_back_with_its_session(pair, speak, client: MakeClient):
    first, second = pair
    speak(first, "api", "sent before the clearing")
    second.end("clear")
    after = client(process=second.process)
    after.start("clear", session_title="web")
    assert one(after.session).message.text == "sent before the clearing"
    after.end()

    again = client(session=second.session)
    again.start("resume")
    assert "sent before the clearing" in again.prompt().context
    assert [(each.box, each.state) for each in deliveries.sent_by(first.session)] == [(second.session, "injected")]
    after.start("resume")
    assert after.prompt().quiet


def test_a_message_sent_while_its_receiver_is_cleared_reaches_the_one_after_it(
    pair, speak, client: MakeClient, monkeypatch
):
    first, second = pair
    after = client(process=second.process)
    real = mailbox.store

    def store(*arguments):  # the receiver was looked up already
        second.end("clear")
        after.start("clear", session_title="api")
        return real(*arguments)

    monkeypatch.setattr(mailbox, "store", store)
    [sent] = speak(first, "api", urgent=True)
    assert (sent.alive, sent.wakes) == (True, True)
    assert LANDED in after.prompt().context
    assert not mailbox.unread_names(second.session)


def test_a_second_end_of_a_cleared_session_gives_its_mail_to_nobody_else(pair, speak, client: MakeClient):
    first, second = pair
    second.end("clear")
    after = client(process=second.process)
    after.start("clear", session_title="web")
    second.end("clear")
    speak(first, second.session)
    assert LANDED in after.prompt().context


def test_a_session_in_another_terminal_inherits_nothing(pair, speak, client: MakeClient):
    first, second = pair
    speak(first, "api")
    second.end("clear")
    stranger = client()
    stranger.start("clear")
    assert stranger.prompt().quiet
