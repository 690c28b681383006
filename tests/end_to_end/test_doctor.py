import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import plugin
from tests.client.api import MessagesAPI
from tests.client.environment import Home
from tests.client.install import VERSION
from tests.client.session import Session
from tests.end_to_end.stage import context_sync, edits, made, recorded, until
from tests.rehearse import CHECKOUT

pytestmark = pytest.mark.client

# The command, to which a hook that is slow is no finding: the machine may be busy.
PATIENT = """
import sys

from context_sync.claude.hooks import simulation
from context_sync.cli import main
from context_sync.cli.doctor import live_run

live_run.SLOW, simulation.TIME_LIMIT = 600_000, 600.0
sys.exit(main.main())
"""


def examined(client: Path, home: Home, folder: Path, *options: str) -> dict[str, Any]:
    """What the doctor finds with this client on PATH, by id, where nothing is wrong."""
    path = os.pathsep.join([str(client.parent), os.environ["PATH"]])
    done = subprocess.run(
        [sys.executable, "-c", PATIENT, "doctor", "--json", *options],
        env={**home.environment(PATH=path), "PYTHONPATH": str(CHECKOUT)},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout, done.stderr
    found = json.loads(done.stdout)
    assert (done.returncode, done.stderr, found["ok"]) == (0, "", True), done.stdout
    return {each["id"]: each for each in found["findings"]}


def test_after_a_real_session_everything_is_in_order(client: Path, api: MessagesAPI, clean_home: Home, project: Path):
    context_sync(clean_home, "init")
    with Session(client, clean_home, project) as session:
        api.script(session.id, *edits(project / "calc.py", "a + b", "b + a"))
        session.ask("turn the sum around")
        recorded(clean_home, session.id)

    found = examined(client, clean_home, project, "--live")

    assert [each for each in found.values() if each["status"] != "ok"] == []
    assert VERSION in found["client"]["message"]
    assert {"hooks-in-settings", "events", "mcp", "live"} <= found.keys()


def test_the_plugin_that_the_client_installed_is_found_where_it_is(
    client: Path, clean_home: Home, project: Path, root: Path, path: dict[str, str]
):
    plugin.git_repository(root)
    for arguments in (("marketplace", "add", str(root)), ("install", "context-sync@context-sync")):
        command = [str(client), "plugin", *arguments]
        subprocess.run(command, env=clean_home.environment(), capture_output=True, check=True)
    with Session(client, clean_home, project, "hello", environment=path) as session:
        session.finish()
    until(lambda: made(clean_home), "the environment")

    found = examined(client, clean_home, project, "--live")

    assert {"hooks-of-plugin", "plugin", "live"} <= found.keys()
