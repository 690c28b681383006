import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from context_sync.claude.install import status_line_entry
from context_sync.domain.messages import ID_LENGTH, LETTERS, Message
from context_sync.state import mailbox
from tests.rehearse import HOOKS, Client, CommandLine, log, run, state

MakeClient = Callable[..., Client]


def make_conflict(first: Client, second: Client) -> str:
    """Two sessions change one function; what the first is notified of."""
    for each, old, new in ((first, "a + b", "b + a"), (second, "b + a", "a + b + 0")):
        each.start()
        each.edit(first.folder / "calc.py", old, new)
    return first.batch().context


def test_a_state_folder_may_be_a_link_and_that_is_reported(
    client: MakeClient, tmp_path: Path, command_line: CommandLine
):
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    state().parent.mkdir()
    state().symlink_to(tmp_path / "elsewhere")
    assert "`add` in calc.py" in make_conflict(client(), client())
    assert log() == ""
    assert str(tmp_path / "elsewhere") in command_line("doctor").stdout


LINKED = [
    pytest.param(lambda session: state("touches", f"{session}.jsonl"), id="what a session edited"),
    pytest.param(lambda session: state("alerts", f"{session}.jsonl"), id="its alert memory"),
    pytest.param(lambda session: state("gate", session, "ended"), id="a marker"),
]


@pytest.mark.parametrize("where", LINKED)
def test_a_link_inside_is_not_followed(client: MakeClient, tmp_path: Path, where: Callable[[str], Path]):
    precious = tmp_path / "precious"
    precious.write_text("not ours")
    first, second = client(), client()
    first.start()
    file = where(first.session)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    file.symlink_to(precious)
    make_conflict(first, second)
    assert precious.read_text() == "not ours"
    assert "Too many levels of symbolic links" in log()


def test_a_message_that_is_a_link_is_set_aside(client: MakeClient, tmp_path: Path):
    someone = client()
    someone.start()
    (tmp_path / "secret").write_text("a secret")
    folder = state("mail", someone.session, "new")
    folder.mkdir(parents=True)
    (folder / "0000000000000001-2222222222.jsonl").symlink_to(tmp_path / "secret")
    heard = someone.prompt()
    assert heard.quiet
    assert list(folder.iterdir()) == []
    assert (tmp_path / "secret").read_text() == "a secret"


@pytest.fixture
def of_another_user(client: MakeClient) -> Client:
    """A session whose state folder was made, and filled with links, by another user."""
    if os.geteuid():
        pytest.skip("only root can give a folder to another user")
    return client()


def test_the_folder_of_another_user_is_left_alone(of_another_user: Client, tmp_path: Path, command_line: CommandLine):
    precious = tmp_path / "precious"
    precious.write_text("not ours")
    for name in ("seen", "turn", "began", "ended"):
        file = state("gate", of_another_user.session, name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.symlink_to(precious)
    for path in (state(), *state().rglob("*")):
        os.lchown(path, 12345, 12345)
    before = sorted(state().rglob("*"))
    for heard in (of_another_user.start(), of_another_user.prompt(), of_another_user.batch(), of_another_user.stop()):
        assert heard.quiet
    of_another_user.edit(of_another_user.folder / "calc.py", "a + b", "b + a")
    assert precious.read_text() == "not ours"
    assert sorted(state().rglob("*")) == before
    assert "nother user owns" in command_line("doctor").stdout


def test_the_status_line_writes_nothing_into_the_folder_of_another_user(of_another_user: Client, tmp_path: Path):
    (tmp_path / "precious").write_text("not ours")
    file = state("gate", of_another_user.session, "statusline")
    file.parent.mkdir(parents=True)
    file.symlink_to(tmp_path / "precious")
    for path in (state(), *state().rglob("*")):
        os.lchown(path, 12345, 12345)
    command = status_line_entry.command_for("echo theirs", str(HOOKS))
    shown = run(command, b"{}", of_another_user.environment(), of_another_user.folder)
    assert (shown.output, shown.errors) == (b"theirs\n", b"")
    assert (tmp_path / "precious").read_text() == "not ours"


HOSTILE_FIELDS = [
    pytest.param({"sender": "../../../etc"}, id="a sender that is a path"),
    pytest.param({"to": "../other"}, id="a receiver that is a path"),
    pytest.param({"id": "../../x"}, id="an id that is a path"),
    pytest.param({"reply_to": "../x"}, id="a reply to a path"),
    pytest.param({"at": 1e300}, id="a time without a date"),
    pytest.param({"text": 5}, id="a text that is a number"),
    pytest.param({"text": None}, id="no text"),
]


@pytest.mark.parametrize("fields", HOSTILE_FIELDS)
def test_a_forged_message_is_set_aside(client: MakeClient, fields: dict[str, object]):
    someone = client()
    someone.start()
    sound = Message(LETTERS[:ID_LENGTH], 1.0, "sender", "name", "main", someone.session, "me", "text")
    mailbox.store(sound)
    (file,) = state("mail", someone.session, "new").iterdir()
    file.write_text(json.dumps(sound._asdict() | fields) + "\n")
    assert someone.prompt().quiet
    assert not file.exists()
    assert log() == ""


def test_nothing_in_the_folder_is_ever_run(client: MakeClient, tmp_path: Path):
    first, second = client(), client()
    first.start()
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    trap.chmod(0o755)
    for folder in (state(), *(path for path in state().rglob("*") if path.is_dir())):
        for name in (
            "python3",
            "run.py",
            "gate",
            "sitecustomize.py",
            "json.py",
            "$(touch sprung)",
            "`touch sprung`",
            "-e",
        ):
            shutil.copy(trap, folder / name)
    assert "`add` in calc.py" in make_conflict(first, second)
    assert not (tmp_path / "sprung").exists()
    assert not (first.folder / "sprung").exists()
