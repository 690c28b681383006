import subprocess
import time
from pathlib import Path

import pytest

from tests import plugin
from tests.client.api import MessagesAPI
from tests.client.environment import Home
from tests.client.session import Session
from tests.client.terminal import Terminal
from tests.end_to_end.stage import ALERT, context_sync, edits, made, recorded, status, tools, until
from tests.rehearse import CHECKOUT

pytestmark = pytest.mark.client


def claude(client: Path, home: Home, *arguments: str, **environment: str) -> str:
    done = subprocess.run(
        [str(client), *arguments], env=home.environment(**environment), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_client_finds_nothing_to_complain_about(client: Path, clean_home: Home):
    claude(client, clean_home, "plugin", "validate", "--strict", str(CHECKOUT))
    claude(client, clean_home, "plugin", "validate", "--strict", str(CHECKOUT / ".claude-plugin" / "plugin.json"))


def make_conflict(
    client: Path, api: MessagesAPI, home: Home, project: Path, options: tuple[str, ...], path: dict[str, str]
):
    """Have two sessions change the same function, and return what the second one was notified of in its turn."""
    with (
        Session(client, home, project, options=options, environment=path) as first,
        Session(client, home, project, options=options, environment=path) as second,
    ):
        api.script(first.id, *edits(project / "calc.py", "a + b", "b + a"))
        first.ask("turn the sum around")
        recorded(home, first.id)
        api.script(second.id, *edits(project / "calc.py", "b + a", "a + b + 0", attempts=2))
        second.ask("add nothing")
        recorded(home, second.id)
        first.ask("and now?")
        return "\n".join(api.requests(first.id)[-1].texts()), "\n".join(api.requests(second.id)[-1].texts())


@pytest.mark.parametrize("both", [False, True], ids=["the plugin alone", "the plugin and init"])
def test_everything_is_reported_and_nothing_twice(
    client: Path, api: MessagesAPI, clean_home: Home, project: Path, root: Path, path: dict[str, str], both: bool
):
    options = ("--plugin-dir", str(root))
    with Session(client, clean_home, project, "hello", options=options, environment=path) as first:
        first.finish()
    until(lambda: made(clean_home), "the environment")
    if both:
        context_sync(clean_home, "init")
    first_context, second_context = make_conflict(client, api, clean_home, project, options, path)
    assert second_context.count("has changed this code") == 1
    assert first_context.count(ALERT) == 1
    assert len([each for each in status(clean_home)["sessions"] if each["live"]]) == 0


def test_with_init_as_well_the_tools_are_listed_once(
    client: Path, api: MessagesAPI, clean_home: Home, project: Path, root: Path, path: dict[str, str]
):
    options = ("--plugin-dir", str(root))
    with Session(client, clean_home, project, "hello", options=options, environment=path) as first:
        first.finish()
    until(lambda: made(clean_home), "the environment")
    for servers, prefix in ((1, "mcp__plugin_context-sync_context-sync__"), (2, "mcp__context-sync__")):
        if servers == 2:
            context_sync(clean_home, "init")
        with Session(client, clean_home, project, options=options, environment=path) as session:
            session.ask("hello")
            until(lambda: connected(session) == servers, "the servers")  # noqa: B023
            listed = tools(api, session.id, lambda: session.ask("which tools are there?"))
            assert len(listed) == 7
            assert all(line.startswith(prefix) for line in listed)


def connected(session: Session) -> int:
    """How many MCP servers Claude Code is connected to: it lists the tools of those."""
    return session.debug_file.read_bytes().count(b"Successfully connected")


def test_the_user_sees_a_notice_on_the_first_start_and_none_later(
    client: Path, clean_home: Home, project: Path, root: Path, path: dict[str, str]
):
    clean_home.trust(project)
    options = ("--plugin-dir", str(root))
    with Terminal(client, clean_home, project, options=options, environment=path) as terminal:
        terminal.wait_for("context-sync is creating its environment")
        until(lambda: made(clean_home), "the environment")
        terminal.ask("hello")
        terminal.wait_for("Done.")
        until(lambda: [each["id"] for each in status(clean_home)["sessions"]] == [terminal.id], "the session")
        assert "failed" not in terminal.screen()
    with Terminal(client, clean_home, project, options=options, environment=path) as terminal:
        terminal.ask("hello")
        terminal.wait_for("Done.")
        assert "context-sync" not in terminal.screen(history=100)
        assert "failed" not in terminal.screen()


def test_it_is_installed_from_the_marketplace_and_survives_an_update(
    client: Path, api: MessagesAPI, clean_home: Home, project: Path, root: Path, path: dict[str, str]
):
    plugin.git_repository(root)
    claude(client, clean_home, "plugin", "marketplace", "add", str(root))
    claude(client, clean_home, "plugin", "install", "context-sync@context-sync")
    with Session(client, clean_home, project, "hello", environment=path) as first:
        first.finish()
    until(lambda: made(clean_home), "the environment")
    manifest = root / ".claude-plugin" / "plugin.json"
    manifest.write_text(manifest.read_text().replace('"version": "0.1.0"', '"version": "0.1.1"'))
    claude(client, clean_home, "plugin", "marketplace", "update", "context-sync")
    claude(client, clean_home, "plugin", "update", "context-sync@context-sync")
    with Session(client, clean_home, project, environment=path) as second:
        api.script(second.id, *edits(project / "calc.py", "a + b", "b + a"))
        second.ask("turn the sum around")
        recorded(clean_home, second.id)
    time.sleep(0.2)
    data = next((clean_home.claude / "plugins" / "data").glob("context-sync-*"))
    assert len(list(data.glob("environment-*"))) == 1
