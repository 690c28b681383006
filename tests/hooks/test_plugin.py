import json
import os
import shutil
import subprocess
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from context_sync.claude.install import hooks_entry
from context_sync.state import backups, sessions
from context_sync.state.backups import Backup
from tests import plugin, rehearse
from tests.rehearse import CHECKOUT, Client, commands, log, state

MakeClient = Callable[..., Client]
SECONDS = 180.0
REGISTRATION = json.loads((CHECKOUT / "hooks" / "hooks.json").read_text())["hooks"]


class Installed:
    """The plugin as Claude Code has it: its folder, the one for its data, and sessions that run its hooks."""

    def __init__(self, folder: Path, make: MakeClient) -> None:
        self.root = plugin.copy(folder / "plugin 1")
        self.data = folder / "plugin data"
        self.path = plugin.uv(folder / "tools")
        self.notes = folder / "tools" / "notes"
        self._make = make
        self._version = 1

    def client(self, **extra: str) -> Client:
        places = {"CLAUDE_PLUGIN_ROOT": str(self.root), "CLAUDE_PLUGIN_DATA": str(self.data), "PATH": self.path}
        hooks = {event: group["hooks"][0]["command"] for event, [group] in REGISTRATION.items()}
        return self._make(hooks=hooks, extra=places | extra)

    @property
    def made(self) -> int:
        """How many environments were made."""
        return self.notes.read_text().split().count("venv") if self.notes.exists() else 0

    def wait(self, holds: Callable[[], object] | None = None) -> None:
        """Wait until the environment is made, and whoever made it is gone."""
        end = time.monotonic() + SECONDS
        while not ((holds or (self.data / "venv" / "bin" / "python3").exists)()) or (self.data / "making").is_symlink():
            log = self.data / "log"
            assert time.monotonic() < end, log.read_text() if log.exists() else "nothing was made"
            time.sleep(0.02)

    def update(self, pinned: str = "") -> None:
        """Put a new version beside the old one, as Claude Code does, with one more line in its pinned list."""
        self._version += 1
        self.root = Path(shutil.copytree(self.root, self.root.with_name(f"plugin {self._version}")))
        project = self.root / "pyproject.toml"
        project.write_text(project.read_text().replace('version = "', f'version = "{self._version}.', 1))
        with (self.root / "requirements" / "application.txt").open("a") as stream:
            stream.write(pinned)


@pytest.fixture
def installed(tmp_path: Path, client: MakeClient) -> Installed:
    return Installed(tmp_path, client)


def notice(output: bytes) -> str:
    return str(json.loads(output)["systemMessage"])


def test_the_first_start_tells_waits_for_nothing_and_the_next_event_works(installed: Installed):
    someone = installed.client()
    held = installed.notes.with_name("held")
    held.touch()
    heard = someone.start()
    assert notice(heard.output).startswith("context-sync is creating its environment in the background, once.")
    assert (heard.code, heard.errors) == (0, b"")
    assert someone.prompt().quiet
    held.unlink()
    installed.wait()
    assert sessions.load(someone.session) is None
    assert someone.prompt().quiet
    assert sessions.load(someone.session)
    assert log() == ""


def test_it_is_made_once(installed: Installed):
    installed.client().start()
    installed.wait()
    for _ in range(2):
        assert b"systemMessage" not in installed.client().start().output
    assert installed.made == 1
    assert len(list(installed.data.glob("environment-*"))) == 1


def test_two_sessions_that_start_at_once_make_one(installed: Installed):
    clients = [installed.client() for _ in range(4)]
    for each in clients:
        each.start()
    installed.wait()
    time.sleep(0.5)
    installed.wait()
    assert installed.made == 1


def test_an_update_with_the_same_dependencies_needs_no_other_one(installed: Installed):
    installed.client().start()
    installed.wait()
    installed.update()
    someone = installed.client()
    assert someone.start().quiet
    assert sessions.load(someone.session)
    made_for = installed.data / "venv" / "made-for"
    installed.wait(lambda: made_for.read_text() == (installed.root / "pyproject.toml").read_text())
    assert installed.made == 1


def test_an_update_with_other_dependencies_goes_on_with_the_old_ones_until_the_new_are_there(installed: Installed):
    installed.client().start()
    installed.wait()
    links = [os.readlink(installed.data / "venv")]
    for pinned in ("one==1\n", "two==2\n"):
        installed.update(pinned)
        someone = installed.client()
        assert b"systemMessage" not in someone.start().output
        assert sessions.load(someone.session)
        installed.wait(lambda: os.readlink(installed.data / "venv") != links[-1])
        links.append(os.readlink(installed.data / "venv"))
    assert installed.made == 3
    assert {each.name for each in installed.data.glob("environment-*")} == set(links[1:])


FAILURES = [
    pytest.param("exit 1", "its dependencies could not be installed ().", id="silently"),
    pytest.param(
        """echo 'no "index" \\ was `reached`' >&2; exit 1""",
        "its dependencies could not be installed (no index  was reached).",
        id="with a reason that is not fit for JSON",
    ),
]


@pytest.mark.parametrize(("script", "why"), FAILURES)
def test_why_it_could_not_be_made_is_reported_at_the_next_start_which_tries_again(
    installed: Installed, tmp_path: Path, script: str, why: str
):
    tool = tmp_path / "tools" / "bin" / "uv"
    works = tool.read_text()
    tool.write_text(f"#!/bin/sh\n{script}\n")
    installed.client().start()
    installed.wait((installed.data / "failure").exists)
    assert list(installed.data.glob("environment-*")) == []
    tool.write_text(works)
    context = notice(installed.client().start().output)
    assert context.startswith(f"context-sync could not create its environment: {why}")
    installed.wait()
    assert installed.client().start().quiet
    assert not (installed.data / "failure").exists()


def test_without_a_python_the_user_is_shown_what_is_needed(installed: Installed, tmp_path: Path):
    bare = tmp_path / "bare"
    bare.mkdir()
    for name in ("sh", "cat", "cmp", "ln", "mkdir", "rm", "readlink", "tail", "tr"):
        (bare / name).symlink_to(str(shutil.which(name)))
    installed.client(PATH=str(bare)).start()
    installed.wait((installed.data / "failure").exists)
    context = notice(installed.client(PATH=str(bare)).start().output)
    assert "Python 3.11 or newer with its venv module is needed" in context


def test_a_maker_that_died_is_replaced(installed: Installed):
    installed.data.mkdir()
    (installed.data / "making").symlink_to(str(rehearse.NOBODY))
    installed.client().start()
    installed.wait()
    assert installed.client().start().quiet


def test_where_the_settings_hold_the_hooks_the_plugin_leaves_everything_to_them(
    installed: Installed, client: MakeClient, project: Path
):
    installed.client().start()
    installed.wait()
    register(commands())
    twice = installed.client()
    assert twice.start().quiet
    assert sessions.load(twice.session) is None
    twin = client(session=twice.session, process=twice.process)
    assert twin.start().quiet
    assert sessions.load(twice.session)
    other = client()
    other.start()
    twin.edit(project / "calc.py", "a + b", "b + a")
    other.edit(project / "calc.py", "b + a", "a + b + 0")
    assert twice.batch().quiet
    assert twice.prompt().quiet
    assert "calc.py" in twin.batch().context
    assert twice.end().quiet
    assert twin.end().quiet
    assert not state("gate", twice.session).exists()


@pytest.mark.parametrize("gone", ["h='/gone'", "python='/gone/python'"])
def test_hooks_in_the_settings_that_can_do_nothing_are_no_reason_to_stand_back(installed: Installed, gone: str):
    installed.client().start()
    installed.wait()
    name = gone.partition("=")[0]
    broken = {
        event: " ".join(gone + ";" if word.startswith(f"{name}=") else word for word in command.split(" "))
        for event, command in commands().items()
    }
    register(broken)
    someone = installed.client()
    assert someone.start().quiet
    assert sessions.load(someone.session)


def test_when_the_settings_hold_them_no_more_the_next_start_works(installed: Installed):
    installed.client().start()
    installed.wait()
    register(commands())
    someone = installed.client()
    someone.start()
    register({})
    someone.start("resume")
    assert sessions.load(someone.session)
    assert not state("gate", someone.session, "elsewhere").exists()


def register(hooks: dict[str, str]) -> None:
    """Write settings with these commands of ours, as `init` does, or take them out."""
    groups = {event: [{"hooks": [{"type": "command", "command": command}]}] for event, command in hooks.items()}
    file = Path(os.environ["CLAUDE_CONFIG_DIR"], "settings.json")
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps({"hooks": groups}))
    assert set(hooks_entry.registered(file.read_text())) == set(hooks)
    if hooks:
        backups.save(Backup(str(file), None, "", ()))
    else:
        backups.discard(str(file))


def test_the_command_of_the_plugin_runs_in_its_environment(installed: Installed):
    where = Path(os.environ["CLAUDE_CONFIG_DIR"], "plugins", "data", "context-sync-inline")
    installed.data = where
    command = [str(installed.root / "bin" / "context-sync"), "status"]
    before = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (before.returncode, before.stdout) == (1, "")
    assert before.stderr.startswith("context-sync: the environment is not ready yet")
    installed.client().start()
    installed.wait()
    after = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (after.returncode, after.stderr) == (0, "")
    assert after.stdout.startswith("No Claude Code session is live.")


def test_the_server_waits_for_the_environment(installed: Installed):
    server = json.loads((CHECKOUT / ".mcp.json").read_text())["mcpServers"]["context-sync"]
    places = {"${CLAUDE_PLUGIN_ROOT}": str(installed.root), "${CLAUDE_PLUGIN_DATA}": str(installed.data)}
    words = [server["command"], *server["args"]]
    for name, place in places.items():
        words = [word.replace(name, place) for word in words]
    installed.client().start()
    installed.wait()
    environment, away = installed.data / "venv", installed.data / "away"
    environment.rename(away)
    sleep = Path(installed.path.partition(os.pathsep)[0], "sleep")  # it is made while the server waits
    sleep.write_text(f'#!/bin/sh\nmv "{away}" "{environment}"\n')
    sleep.chmod(0o755)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(words, env=os.environ | {"PATH": installed.path}, **pipes) as process:
        assert process.stdin
        assert process.stdout
        request = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
        line = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": request}
        process.stdin.write(json.dumps(line).encode() + b"\n")
        process.stdin.flush()
        answer = json.loads(process.stdout.readline())
        process.kill()
    assert answer["result"]["serverInfo"]["name"] == "context-sync"
    assert not away.is_symlink()


def test_the_manifest_has_the_name_and_the_version_of_the_package():
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    manifest = json.loads((CHECKOUT / ".claude-plugin" / "plugin.json").read_text())
    marketplace = json.loads((CHECKOUT / ".claude-plugin" / "marketplace.json").read_text())
    assert (manifest["name"], manifest["version"]) == (project["name"], project["version"])
    assert [(each["name"], each["source"]) for each in marketplace["plugins"]] == [(project["name"], "./")]
