import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.client.api import MessagesAPI, step, text, tool
from tests.client.environment import Home
from tests.client.session import Session
from tests.client.terminal import Terminal
from tests.end_to_end.stage import given, read, running, status, until, written

pytestmark = pytest.mark.client

PROVENANCE = "from another session, not from the user:"
EXECUTABLE = str(Path(sys.executable).parent / "context-sync")
LANDED = "the schema migration landed"
A_WAITER_WOULD_KEEP_IT = 25.0  # seconds; for 30 and more a client waits for a hook that may wake it
LOOK = 0.05  # seconds
UNTIL_THE_CLIENT_DIES = "while kill -0 $PPID; do sleep 0.1; done"


def command(home: Home, *arguments: str, sender: str = "") -> str:
    """Run a command as the Bash tool of the session `sender` would, or in a terminal."""
    session = {"CLAUDE_CODE_SESSION_ID": sender, "CLAUDECODE": "1"} if sender else {}
    done = subprocess.run(
        [EXECUTABLE, *arguments], env=home.environment(**session), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def send(home: Home, *arguments: str, sender: str = "") -> str:
    return command(home, "send", *arguments, sender=sender)


def sent_by(home: Home, sender: str) -> Any:
    return json.loads(command(home, "sent", "--json", sender=sender))


def times_shown(api: MessagesAPI, session: str, words: str = LANDED) -> int:
    return "\n".join(api.requests(session)[-1].texts()).count(words)


def states(home: Home, sender: str) -> list[str]:
    return [each["state"] for each in sent_by(home, sender)]


def read_by_all(home: Home, sender: str) -> Callable[[], bool]:
    return lambda: set(states(home, sender)) == {"read"}


def test_a_message_reaches_a_session_with_its_next_prompt_and_is_proved_to_the_sender(
    client: Path, api: MessagesAPI, home: Home, project: Path
) -> None:
    with Session(client, home, project) as first, Session(client, home, project, options=("--name", "api")) as second:
        first.ask("hello")
        second.ask("hello")
        assert "Stored message" in send(home, "api", LANDED, sender=first.id)
        assert states(home, first.id) == ["stored"]

        second.ask("go on")
        context = api.context(second.id)
        assert f'from session "project-{first.id[:4]}" (branch main), sent 20' in context
        assert f"{PROVENANCE}\n> {LANDED}\n" in context
        until(read_by_all(home, first.id), "the message is read")

        second.ask("and now?")
        assert times_shown(api, second.id) == 1
        [sent] = sent_by(home, first.id)
        assert all(sent["times"].values())


def test_a_message_arrives_within_one_tool_call_in_the_middle_of_a_turn(
    client: Path, api: MessagesAPI, home: Home, project: Path
) -> None:
    with Session(client, home, project) as session:
        session.ask("hello")
        api.script(
            session.id,
            step(read(project / "calc.py"), before=lambda: send(home, session.id[:8], LANDED)),
            step(text("Read it.")),
        )
        session.ask("read it")
        assert LANDED not in api.context(session.id, 1)
        assert "PostToolBatch hook additional context: context-sync: a message" in api.context(session.id, 2)
        assert "the user's terminal" in api.context(session.id, 2)


def test_a_message_that_comes_with_the_last_step_of_a_turn_continues_it_once(
    client: Path, api: MessagesAPI, home: Home, project: Path
) -> None:
    with Session(client, home, project) as session:

        def then_another_thing() -> None:
            given(home, session.id, LANDED)
            send(home, session.id, "and another thing")

        session.ask("hello")
        api.script(
            session.id,
            step(text("Nearly."), before=lambda: send(home, session.id, LANDED)),
            step(text("Read that."), before=then_another_thing),
        )
        assert session.ask("do it")["result"] == "Read that."
        assert LANDED in api.context(session.id)
        assert len(api.requests(session.id)) == 3
        session.ask("go on")
        assert "and another thing" in api.context(session.id)
        assert times_shown(api, session.id) == 1


def test_an_idle_session_is_woken_and_nothing_is_seen_or_left_behind(
    client: Path, api: MessagesAPI, home: Home, project: Path
) -> None:
    home.trust(project)
    with Terminal(client, home, project) as terminal:
        terminal.ask("hello")
        terminal.wait_for("Done.")
        until(lambda: waiters(home), "a waiter")
        assert "hook" not in terminal.rest()
        send(home, terminal.id, "not urgent")
        time.sleep(2.5)
        assert len(api.requests(terminal.id)) == 1

        api.script(terminal.id, step(text("I see.")))
        send(home, terminal.id, "--urgent", LANDED)
        terminal.wait_for("I see.")
        context = api.context(terminal.id)
        assert "not urgent" in context
        assert LANDED in context
        until(read_by_all(home, ""), "both are read")

        until(lambda: len(waiters(home)) == 1, "one waiter")
        terminal.ask("and you?")
        until(lambda: len(api.requests(terminal.id)) == 3, "an answer")
        until(lambda: len(waiters(home)) == 1, "one waiter")
        terminal.ask("/exit")
        ends_before_a_waiter(lambda: not terminal.is_running())
        until(lambda: not waiters(home), "no waiter")


@pytest.mark.parametrize("end", ["killed", "cleared"])
def test_no_waiter_outlives_its_session(client: Path, home: Home, project: Path, end: str) -> None:
    home.trust(project)
    with Terminal(client, home, project) as terminal:
        terminal.ask("hello")
        terminal.wait_for("Done.")
        until(lambda: waiters(home), "a waiter")
        if end == "killed":
            terminal.kill()
        else:
            terminal.ask("/clear")
        until(lambda: not waiters(home), "no waiter")


def test_mail_goes_over_to_the_session_that_clear_begins(
    client: Path, api: MessagesAPI, home: Home, project: Path
) -> None:
    home.trust(project)
    with Terminal(client, home, project) as terminal, Session(client, home, project) as sender:
        sender.ask("hello")
        terminal.ask("hello")
        terminal.wait_for("Done.")
        until(lambda: waiters(home), "a waiter")
        terminal.rest()
        send(home, terminal.id, LANDED, sender=sender.id)
        terminal.ask("/clear")
        until(lambda: successor(home, terminal, sender), "another session")
        heir = successor(home, terminal, sender)
        send(home, terminal.id, "sent to the one before", sender=sender.id)
        terminal.ask("go on")
        until(lambda: api.requests(heir), "a request of the new session")
        until(read_by_all(home, sender.id), "both are read")
        assert LANDED in api.context(heir)
        assert "sent to the one before" in api.context(heir)


def test_a_session_that_ended_reads_its_mail_when_it_is_resumed_and_its_sender_the_reply(
    client: Path, api: MessagesAPI, home: Home, project: Path
) -> None:
    with Session(client, home, project, options=("--name", "sender")) as sender:
        sender.ask("hello")
    with Session(client, home, project, options=("--name", "receiver")) as receiver:
        receiver.ask("hello")
        said = send(home, "receiver", LANDED, sender=sender.id)
        receiver.kill()
    assert "which has ended" in send(home, "receiver", "are you there?", sender=sender.id)
    an_hour_passes(home)

    message = said.split()[2]
    with Session(client, home, project, session=receiver.id, options=("--resume", receiver.id)) as receiver:
        receiver.ask("go on")
        assert LANDED in api.context(receiver.id)
        assert "are you there?" in api.context(receiver.id)
        assert '"sender", which has ended' in send(home, "--reply-to", message, "thank you", sender=receiver.id)
    with Session(client, home, project, session=sender.id, options=("--resume", sender.id)) as sender:
        sender.ask("go on")
        assert f"a reply to {message}" in api.context(sender.id)
        assert "> thank you" in api.context(sender.id)
        given(home, sender.id, "> thank you")
        assert "with its next step" in send(home, "--reply-to", message, "and again", "--urgent", sender=receiver.id)
        sender.ask("go on")
        assert "> and again" in api.context(sender.id)
        assert times_shown(api, sender.id, "> thank you") == 1


def test_claude_sends_to_all_and_to_nobody_twice(client: Path, api: MessagesAPI, home: Home, project: Path) -> None:
    sessions = [Session(client, home, project, options=("--allowedTools", "Bash")) for _ in range(6)]
    try:
        for each in sessions:
            each.ask("hello")
        sender, *others = sessions
        command = tool("Bash", command=f'{EXECUTABLE} send --ack @all "{LANDED}"', description="tell all")
        api.script(sender.id, step(command), step(text("Told them.")))
        sender.ask("tell all")
        for each in others:
            each.ask("go on")
            assert "to every live session of the repository" in api.context(each.id)
            assert times_shown(api, each.id) == 1
        until(read_by_all(home, sender.id), "all read it")
        receipts = home.claude / "context-sync" / "mail" / sender.id / "new"
        until(lambda: len(list(receipts.glob("*"))) == 5, "the sender's receipts")
        sender.ask("who read it?")
        context = api.context(sender.id)
        assert "5 messages for this session" in context
        assert context.count("read message") == 5
    finally:
        for each in sessions:
            each.kill()


def test_a_message_is_reported_again_when_the_client_died_before_it_took_it(
    client: Path, api: MessagesAPI, home: Home, project: Path
) -> None:
    settings = home.claude / "settings.json"
    ours = settings.read_text()
    slow = json.loads(ours)
    slow["hooks"]["UserPromptSubmit"].append({"hooks": [{"type": "command", "command": UNTIL_THE_CLIENT_DIES}]})
    with Session(client, home, project) as session:
        session.ask("hello")
        send(home, session.id, LANDED)
        settings.write_text(json.dumps(slow))
        session.kill()
    with Session(client, home, project, session=session.id, options=("--resume", session.id)) as session:
        session.send("go on")
        until(lambda: states(home, "") == ["injected"], "the hook has answered, and Claude Code waits for another")
        session.kill()
    settings.write_text(ours)
    with Session(client, home, project, session=session.id, options=("--resume", session.id)) as session:
        api.script(session.id, step(text("On I went.")))
        session.ask("go on")
        written(home, session.id, "On I went.")  # an answer to all but the message
        session.ask("and now?")
        assert times_shown(api, session.id) == 1
    until(read_by_all(home, ""), "it is read")


def test_nothing_keeps_a_print_run_from_ending(client: Path, home: Home, project: Path) -> None:
    with Session(client, home, project, "hello", session="0" * 8 + "-0000-4000-8000-" + "0" * 12) as session:
        session.result()
        ends_before_a_waiter(lambda: session.process.poll() is not None)
    assert waiters(home) == []


def test_a_message_of_a_subagents_turn_waits_for_the_main_conversation(
    client: Path, api: MessagesAPI, home: Home, project: Path
) -> None:
    with Session(client, home, project) as session:
        session.ask("hello")
        agent = tool(
            "Agent", description="look", prompt="look", subagent_type="general-purpose", run_in_background=False
        )
        api.script(session.id, step(agent), step(text("Looked.")))
        api.script_agents(
            session.id,
            step(read(project / "calc.py"), before=lambda: send(home, session.id, LANDED)),
            step(text("Seen.")),
        )
        session.ask("look")
        agents = [each for each in api.all_requests(session.id) if each.agent]
        assert LANDED not in "\n".join(agents[-1].texts())
        assert times_shown(api, session.id) == 1


def ends_before_a_waiter(is_over: Callable[[], bool]) -> None:
    """Wait for the end of a client, by looks: while the machine stands still, a waiter keeps nobody."""
    looks = range(int(A_WAITER_WOULD_KEEP_IT / LOOK))
    assert any(is_over() or time.sleep(LOOK) for _ in looks) or is_over(), "a client that does not end"


def an_hour_passes(home: Home) -> None:
    """Make all unread mail an hour older."""
    for file in (home.claude / "context-sync" / "mail").glob("*/new/*"):
        message, *marks = file.read_text().splitlines(keepends=True)
        sent = json.loads(message)
        file.write_text(json.dumps(sent | {"at": sent["at"] - 3600}) + "\n" + "".join(marks))


def waiters(home: Home) -> list[int]:
    return running(home, "Idle")


def successor(home: Home, terminal: Terminal, sender: Session) -> str:
    live = [each["id"] for each in status(home)["sessions"] if each["live"]]
    return next((each for each in live if each not in (terminal.id, sender.id)), "")
