import uuid
from pathlib import Path

import pytest

from tests.client.api import MessagesAPI
from tests.client.environment import Home
from tests.client.session import Session
from tests.end_to_end.stage import context_sync, edits, status, touches, until

pytestmark = pytest.mark.client


def everyone(home: Home) -> dict[str, bool]:
    import json

    found = json.loads(context_sync(home, "status", "--all", "--json"))["sessions"]
    return {each["id"]: each["alive"] for each in found}


def test_resumed_session_is_the_same_and_keeps_its_edits(
    client: Path, api: MessagesAPI, home: Home, project: Path
) -> None:
    name = str(uuid.uuid4())
    api.script(name, *edits(project / "calc.py", "a + b", "b + a"))
    with Session(client, home, project, "turn the sum around", session=name) as session:
        session.result()
    assert everyone(home) == {name: False}
    assert len(touches(home, name)) == 1
    with Session(client, home, project, session=name, options=("--resume", name)) as session:
        session.ask("hello again")
        assert everyone(home) == {name: True}
        assert len(touches(home, name)) == 1
        api.script(name, *edits(project / "calc.py", "a - b", "-b + a"))
        session.ask("turn the difference around")
        until(lambda: len(touches(home, name)) == 2, "the second edit is in the touch file")


def test_fork_is_another_session_and_takes_no_edit_with_it(
    client: Path, api: MessagesAPI, home: Home, project: Path
) -> None:
    parent, fork = str(uuid.uuid4()), str(uuid.uuid4())
    api.script(parent, *edits(project / "calc.py", "a + b", "b + a"))
    with Session(client, home, project, "turn the sum around", session=parent) as session:
        session.result()
    options = ("--resume", parent, "--fork-session", "--session-id", fork)
    api.script(fork, *edits(project / "calc.py", "a - b", "-b + a"))
    with Session(client, home, project, session=fork, options=options) as session:
        session.ask("turn the difference around")
        until(lambda: touches(home, fork), "the fork's edit is in its touch file")
    assert [each["symbols"][0]["name"] for each in touches(home, fork)] == ["sub"]
    assert [each["symbols"][0]["name"] for each in touches(home, parent)] == ["add"]


def test_session_that_nobody_knows_is_picked_up_with_its_edits(
    client: Path, api: MessagesAPI, home: Home, project: Path
) -> None:
    with Session(client, home, project) as session:
        api.script(session.id, *edits(project / "calc.py", "a + b", "b + a"))
        session.ask("turn the sum around")
        until(lambda: touches(home, session.id), "the edit is in the touch file")
        known = home.claude / "context-sync"
        until(lambda: not any((known / "gate" / session.id / "recording").iterdir()), "no recorder is at work")
        known.rename(home.folder / "lost")
        assert everyone(home) == {}

        session.ask("hello again")
        assert everyone(home) == {session.id: True}
        api.script(session.id, *edits(project / "calc.py", "a - b", "-b + a"))
        session.ask("turn the difference around")
        until(lambda: len(touches(home, session.id)) == 2, "both edits are in the touch file")
        assert [each["symbols"][0]["name"] for each in touches(home, session.id)] in (["add", "sub"], ["sub", "add"])


def test_edit_whose_recorder_never_ran_is_caught_up(client: Path, api: MessagesAPI, home: Home, project: Path) -> None:
    settings = home.claude / "settings.json"
    registered = settings.read_text()
    settings.write_text(registered.replace("set -- PostToolUse;", "exit 0;"))
    name = str(uuid.uuid4())
    api.script(name, *edits(project / "calc.py", "a + b", "b + a"))
    with Session(client, home, project, "turn the sum around", session=name) as session:
        session.result()
    assert [each["symbols"][0]["name"] for each in touches(home, name)] == ["add"]


def test_title_is_the_name(client: Path, home: Home, project: Path) -> None:
    with Session(client, home, project, options=("--name", "sums")) as session:
        session.ask("hello")
        assert [each["name"] for each in status(home)["sessions"]] == ["sums"]
