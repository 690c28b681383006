import uuid
from pathlib import Path

import pytest

from tests.client.api import MessagesAPI
from tests.client.environment import Home
from tests.client.session import Session
from tests.end_to_end.stage import context_sync, edits, recorded, running, status, touches, until, written

pytestmark = pytest.mark.client


def everyone(home: Home) -> dict[str, bool]:
    import json

    found = json.loads(context_sync(home, "status", "--all", "--json"))["sessions"]
    return {each["id"]: each["live"] for each in found}


def test_resumed_session_is_the_same_and_keeps_its_edits(
    client: Path, api: MessagesAPI, home: Home, project: Path
) -> None:
    name = str(uuid.uuid4())
    api.script(name, *edits(project / "calc.py", "a + b", "b + a"))
    with Session(client, home, project, session=name) as session:
        session.ask("turn the sum around")
        recorded(home, name)
    assert everyone(home) == {name: False}
    assert len(touches(home, name)) == 1
    with Session(client, home, project, session=name, options=("--resume", name)) as session:
        session.ask("hello again")
        assert everyone(home) == {name: True}
        assert len(touches(home, name)) == 1
        api.script(name, *edits(project / "calc.py", "a - b", "-b + a"))
        session.ask("turn the difference around")
        recorded(home, name, 2)


def test_fork_is_another_session_and_takes_no_edit_with_it(
    client: Path, api: MessagesAPI, home: Home, project: Path
) -> None:
    parent, fork = str(uuid.uuid4()), str(uuid.uuid4())
    api.script(parent, *edits(project / "calc.py", "a + b", "b + a"))
    with Session(client, home, project, session=parent) as session:
        session.ask("turn the sum around")
        recorded(home, parent)
    options = ("--resume", parent, "--fork-session", "--session-id", fork)
    api.script(fork, *edits(project / "calc.py", "a - b", "-b + a"))
    with Session(client, home, project, session=fork, options=options) as session:
        session.ask("turn the difference around")
        recorded(home, fork)
    assert [each["symbols"][0]["name"] for each in touches(home, fork)] == ["sub"]
    assert [each["symbols"][0]["name"] for each in touches(home, parent)] == ["add"]


def test_session_that_nobody_knows_is_picked_up_with_its_edits(
    client: Path, api: MessagesAPI, home: Home, project: Path
) -> None:
    with Session(client, home, project) as session:
        api.script(session.id, *edits(project / "calc.py", "a + b", "b + a"))
        session.ask("turn the sum around")
        recorded(home, session.id)
        until(lambda: not running(home, "PostToolUse"), "no recorder is at work")
        known = home.claude / "context-sync"
        known.rename(home.folder / "lost")
        assert everyone(home) == {}

        session.ask("hello again")
        assert everyone(home) == {session.id: True}
        api.script(session.id, *edits(project / "calc.py", "a - b", "-b + a"))
        session.ask("turn the difference around")
        recorded(home, session.id, 2)
        assert [each["symbols"][0]["name"] for each in touches(home, session.id)] in (["add", "sub"], ["sub", "add"])


def test_edit_whose_recorder_never_ran_is_caught_up(client: Path, api: MessagesAPI, home: Home, project: Path) -> None:
    settings = home.claude / "settings.json"
    registered = settings.read_text()
    settings.write_text(registered.replace("set -- PostToolUse;", "exit 0;"))
    name = str(uuid.uuid4())
    api.script(name, *edits(project / "calc.py", "a + b", "b + a"))
    with Session(client, home, project, session=name) as session:
        session.ask("turn the sum around")
        written(home, name, "Changed.")
    assert [each["symbols"][0]["name"] for each in touches(home, name)] == ["add"]


def test_title_is_the_name(client: Path, home: Home, project: Path) -> None:
    with Session(client, home, project, options=("--name", "sums")) as session:
        session.ask("hello")
        assert [each["name"] for each in status(home)["sessions"]] == ["sums"]
