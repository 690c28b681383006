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

from context_sync.claude.install import hooks_entry
from context_sync.mail import wake_listener
from tests.mail.letters import LANDED, one
from tests.rehearse import HOOKS, Client, state


def listener(client: Client) -> subprocess.Popen[bytes]:
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
    ("options", "config", "woken"),
    [
        pytest.param({"urgent": True}, "", True, id="urgent"),
        pytest.param({}, "", False, id="not urgent"),
        pytest.param({}, 'wake = "all"', True, id="not urgent, all wake"),
        pytest.param({"urgent": True}, 'wake = "none"', False, id="urgent, none wakes"),
    ],
)
def test_a_listener_wakes_for_what_it_should(pair, speak, isolated_home: Path, options, config: str, woken: bool):
    first, second = pair
    file = isolated_home / ".config" / "context-sync" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text(config)
    process = listener(second)
    [sent] = speak(first, "api", **options)
    if woken:
        code, context = ended(process)
        assert code == 2
        assert context.decode().startswith(
            f'message {sent.message.id} from session "payments" (branch main) arrived at'
        )
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


def test_a_listener_notices_what_came_before_it_and_wakes_once(pair, speak):
    first, second = pair
    speak(first, "api", urgent=True)
    assert ended(listener(second))[0] == 2
    again = listener(second)
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
def test_a_listener_ends_when_nothing_is_left_to_wait_for(pair, happens: Callable[[Client], object]):
    process = listener(pair[1])
    happens(pair[1])
    assert ended(process) == (0, b"")


def test_a_listener_whose_client_died_before_it_looked_ends_at_once(pair):
    pair[1].kill()
    assert ended(listener(pair[1])) == (0, b"")


def test_of_two_listeners_the_later_stays(pair):
    first = listener(pair[1])
    while not sleeps(first):  # then it has seen when it was armed
        assert first.poll() is None
    second = listener(pair[1])
    assert ended(first) == (0, b"")
    assert second.poll() is None
    pair[1].end()
    assert ended(second) == (0, b"")


def test_a_turn_that_goes_on_with_mail_has_no_listener(pair, speak, monkeypatch):
    first, second = pair
    speak(first, "api", urgent=True)
    monkeypatch.setenv("CLAUDE_PID", str(second.pid))
    state("gate", second.session, "idle").touch()
    context: list[str] = []

    def meanwhile(_: float) -> None:
        assert not context
        context.append(second.stop().context)

    monkeypatch.setattr(wake_listener, "time", SimpleNamespace(time=time.time, sleep=meanwhile))
    assert wake_listener.wait(second.session) is None
    assert LANDED in context[0]


@pytest.mark.parametrize(
    "extra",
    [
        pytest.param({"CLAUDE_CODE_ENTRYPOINT": "sdk-cli"}, id="a print run"),
        pytest.param({"CLAUDE_CODE_SESSION_ATTENDED": "0"}, id="nobody there"),
        pytest.param({"CLAUDE_CODE_SESSION_ID": ""}, id="an older client"),
        pytest.param({"CONTEXT_SYNC": "0"}, id="switched off"),
    ],
)
def test_no_listener_where_nobody_is_to_be_woken(pair, extra: dict[str, str]):
    pair[1].extra.update(extra)
    assert ended(listener(pair[1])) == (0, b"")
