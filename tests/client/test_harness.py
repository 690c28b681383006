import signal
import threading
import uuid
from pathlib import Path

import pytest

from tests.client.api import MessagesAPI, step, text, tool, wait_for
from tests.client.environment import Home
from tests.client.session import Session
from tests.client.terminal import Terminal

pytestmark = pytest.mark.client


def greet(project: Path) -> Path:
    path = project / "greet.py"
    path.write_text("def greet():\n    return 'hello'\n")
    return path


def edit(path: Path, old: str, new: str) -> dict[str, object]:
    return tool("Edit", file_path=str(path), old_string=old, new_string=new)


def test_a_print_session_edits_a_file_for_real(client: Path, api: MessagesAPI, home: Home, project: Path) -> None:
    path = greet(project)
    name = str(uuid.uuid4())
    api.script(
        name,
        step(tool("Read", file_path=str(path))),
        step(edit(path, "hello", "goodbye")),
        step(text("It says goodbye.")),
    )
    with Session(client, home, project, "say goodbye", session=name) as session:
        assert session.result()["result"] == "It says goodbye."
    assert path.read_text() == "def greet():\n    return 'goodbye'\n"
    assert "say goodbye" in api.context(name, 0)
    assert "return 'hello'" in api.context(name, 1)
    assert "updated successfully" in api.context(name, 2)
    assert "say goodbye" not in api.context(name, 2)


def test_two_living_sessions_take_turns_as_their_gates_say(
    client: Path, api: MessagesAPI, home: Home, project: Path
) -> None:
    path = project / "order.txt"
    written = threading.Event()
    with Session(client, home, project) as first, Session(client, home, project) as second:
        api.script(
            first.id,
            step(tool("Write", file_path=str(path), content="first")),
            step(text("written"), before=written.set),
        )
        api.script(
            second.id,
            step(tool("Bash", command=f"cat {path}", description="read"), before=wait_for(written)),
            step(text("read")),
        )
        second.send("read it")
        assert first.ask("write it")["result"] == "written"
        assert second.result()["result"] == "read"
        assert "first" in api.context(second.id)
        assert first.ask("and again")["result"] == "Done."
    assert len(api.requests(first.id)) == 3


def test_a_killed_session_is_gone(client: Path, home: Home, project: Path) -> None:
    with Session(client, home, project) as session:
        session.ask("hello")
        session.kill()
        assert session.process.returncode == -signal.SIGKILL


def test_a_resumed_session_keeps_its_id_and_a_fork_has_its_own(
    client: Path, api: MessagesAPI, home: Home, project: Path
) -> None:
    with Session(client, home, project) as first:
        first.ask("remember the number 17")
    with Session(client, home, project, session=first.id, options=["--resume", first.id]) as resumed:
        resumed.ask("which number?")
    with Session(client, home, project, options=["--resume", first.id, "--fork-session"]) as fork:
        fork.ask("and in a fork?")
    assert [each.stem for each in home.transcripts] == sorted([first.id, fork.id])
    for asked in (first.id, fork.id):
        assert "remember the number 17" in "\n".join(api.requests(asked)[-1].texts())


def test_a_gate_that_never_opens_fails_the_test(client: Path, tmp_path: Path, project: Path) -> None:
    api = MessagesAPI().__enter__()
    with Session(client, Home(tmp_path, api.url), project) as session:
        api.script(session.id, step(text("late"), before=wait_for(threading.Event(), seconds=0.1)))
        session.ask("hello")
    with pytest.raises(TimeoutError, match="never set"):
        api.__exit__(None, None, None)


def test_an_interactive_session_answers_a_prompt(client: Path, api: MessagesAPI, home: Home, project: Path) -> None:
    home.trust(project)
    with Terminal(client, home, project) as terminal:
        api.script(terminal.id, step(text("Good morning to you.")))
        terminal.ask("wish me a good day")
        terminal.wait_for("Good morning to you.")
    assert "wish me a good day" in api.context(terminal.id)
    assert not terminal.is_running()


def test_a_killed_interactive_session_is_gone(client: Path, home: Home, project: Path) -> None:
    home.trust(project)
    with Terminal(client, home, project) as terminal:
        assert terminal.is_running()
        terminal.kill()
        terminal.close()
        assert not terminal.is_running()
