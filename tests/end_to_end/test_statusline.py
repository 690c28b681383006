from pathlib import Path

import pytest

from tests.client.api import MessagesAPI
from tests.client.environment import Home
from tests.client.terminal import Terminal
from tests.end_to_end.stage import context_sync, edits, recorded, status, until

pytestmark = pytest.mark.client


def test_the_client_shows_the_line_below_the_one_that_was_there(
    client: Path, api: MessagesAPI, clean_home: Home, project: Path
) -> None:
    clean_home.trust(project)
    clean_home.write_settings({"statusLine": {"type": "command", "command": "echo theirs"}})
    context_sync(clean_home, "init", "--statusline")
    with Terminal(client, clean_home, project) as one:
        one.wait_for("theirs")
        until(lambda: status(clean_home)["sessions"], "the session")
        assert "⇄" not in one.screen()
        with Terminal(client, clean_home, project) as two:
            two.ask("hello")  # Claude Code does not look again by itself where the user's line does not say when
            two.wait_for("⇄ 1 other live")
            api.script(one.id, *edits(project / "calc.py", "a + b", "b + a"))
            one.ask("turn the sum around")
            one.wait_for("Changed.")
            recorded(clean_home, one.id)
            one.wait_for("⇄ 1 other live")
            api.script(two.id, *edits(project / "calc.py", "b + a", "a + b + 0", attempts=2))
            two.ask("add nothing")
            two.wait_for("Changed.")
            two.rest()
            counted = clean_home.claude / "context-sync" / "gate" / two.id / "conflicts"
            until(lambda: list(counted.glob("*")), "the conflict is counted")
            two.ask("and now?")
            two.wait_for("⇄ 1 other live · 1 conflict")
        one.ask("and now?")
        one.wait_until(lambda screen: "theirs" in screen and "⇄" not in screen, "no other session")


def test_an_idle_client_notices_who_comes(client: Path, clean_home: Home, project: Path) -> None:
    clean_home.trust(project)
    context_sync(clean_home, "init", "--statusline")
    with Terminal(client, clean_home, project) as one, Terminal(client, clean_home, project):
        one.wait_for("⇄ 1 other live")
