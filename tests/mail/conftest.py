from collections.abc import Callable

import pytest

from context_sync.mail import sending
from context_sync.mail.sending import SendOptions
from tests.mail.letters import LANDED
from tests.rehearse import Client

MakeClient = Callable[..., Client]


@pytest.fixture
def speak(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[sending.Sent]]:
    """Send as a session would, or as the user."""

    def send(sender: Client | None, target: str, text: str = LANDED, **options: object) -> list[sending.Sent]:
        for name in ("CLAUDE_CODE_SESSION_ID", "CLAUDECODE"):
            monkeypatch.delenv(name, raising=False)
        if sender:
            monkeypatch.setenv("CLAUDE_CODE_SESSION_ID", sender.session)
            monkeypatch.chdir(sender.folder)
        return sending.send(target, text, SendOptions(**options))

    return send


@pytest.fixture
def pair(client: MakeClient) -> tuple[Client, Client]:
    first, second = client(), client()
    first.start(session_title="payments")
    second.start(session_title="api")
    return first, second
