from collections.abc import Callable

import pytest

from context_sync.domain import messages
from context_sync.errors import ContextSyncError
from context_sync.state import mailbox, sessions
from context_sync.views import mail
from tests.rehearse import Client


def test_what_one_of_many_may_not_get_reaches_the_others(
    client: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(messages, "REPEATED", 3600.0)  # seconds: the machine may be busy
    me, one, other = client(), client(), client()
    for each in (me, one, other):
        each.start()
    mail.send(me.session, "hello", one.session, "")
    known = sessions.load(me.session)
    assert known
    with pytest.raises(ContextSyncError, match=r"same text .* It was sent to 1 other session\.$"):
        mail.send(me.session, "hello", "", known.repository)
    assert [len(mailbox.everything(each.session)) for each in (one, other)] == [1, 1]
