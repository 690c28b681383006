from pathlib import Path

import pytest

from tests.client.api import MessagesAPI
from tests.client.environment import Home
from tests.client.terminal import Terminal
from tests.end_to_end.stage import ALERT, edits, recorded, status, touches, until

pytestmark = pytest.mark.client

OURS = ("context-sync", "context_sync", "hook", "gate", "Error", "error")


def test_nothing_of_ours_is_visible_while_nothing_is_wrong(
    client: Path, api: MessagesAPI, home: Home, project: Path
) -> None:
    home.trust(project)
    with Terminal(client, home, project, environment={"CLAUDE_CODE_DISABLE_TERMINAL_TITLE": "1"}) as terminal:
        api.script(terminal.id, *edits(project / "calc.py", "a + b", "b + a"))
        terminal.ask("turn the sum around")
        terminal.wait_for("Changed.")
        recorded(home, terminal.id)
        terminal.ask("and now?")
        terminal.wait_for("Done.")
        terminal.rest()
        terminal.wait_for("turn the sum around")
        screen = terminal.screen(history=200)
        assert [word for word in OURS if word in screen] == [], screen
        assert [each["live"] for each in status(home)["sessions"]] == [True]
    assert ALERT not in "\n".join(api.requests(terminal.id)[-1].texts())


def test_clear_begins_another_session_in_the_same_terminal(
    client: Path, api: MessagesAPI, home: Home, project: Path
) -> None:
    home.trust(project)
    with Terminal(client, home, project, options=("--name", "sums")) as terminal:
        terminal.ask("hello")
        terminal.wait_for("Done.")
        terminal.rest()
        terminal.ask("/clear")
        until(lambda: len(set(live(home)) | {terminal.id}) == 2, "another session")
        until(lambda: terminal.id not in live(home), "the end of the first")
        (successor,) = live(home)
        api.script(successor, *edits(project / "calc.py", "a + b", "b + a"))
        terminal.ask("turn the sum around")
        terminal.wait_for("Changed.")
        recorded(home, successor)
        assert touches(home, terminal.id) == []
        assert [each["name"] for each in status(home)["sessions"]] == ["sums"]


def live(home: Home) -> list[str]:
    return [each["id"] for each in status(home)["sessions"] if each["live"]]
