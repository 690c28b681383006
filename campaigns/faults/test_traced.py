import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from campaigns.faults import disks, traced
from campaigns.faults.points import break_story, kills
from campaigns.faults.traced import Traced
from context_sync.state import sessions
from tests import plugin
from tests.rehearse import HOOKS

SYSTEM_CALLS = 2  # at which each of the stories is killed here; `python -m campaigns.faults` takes nearly all
CONTEXT = [
    *("a prompt with news", "an edit is denied", "an edit is recorded", "an idle session is woken"),
    *("a message is sent", "the hooks are put in", "a tool sends"),
]

pytestmark = pytest.mark.skipif(bool(traced.why_not()), reason=traced.why_not() or "it works")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Traced]:
    made = Traced(tmp_path)
    yield made
    made.close()


@pytest.mark.parametrize(("number", "name"), list(enumerate(CONTEXT)), ids=CONTEXT)
def test_nothing_is_lost_wherever_an_executable_is_killed(world: Traced, number: int, name: str):
    outcome = break_story(world, name, kills(SYSTEM_CALLS, 5 * number))
    assert outcome.points > 6
    assert outcome.faults == SYSTEM_CALLS
    assert outcome.violations == []


@pytest.mark.skipif(not disks.unshare(), reason=disks.why_not() or "a file can be mounted")
def test_the_executables_know_nobody_of_before_the_machine_was_started_again(world: Traced):
    outcome = break_story(world, traced.STARTED_AGAIN, kills(SYSTEM_CALLS, 7))
    assert outcome.points > 10
    assert outcome.faults == SYSTEM_CALLS
    assert outcome.violations == []
    world.boot = "later"
    world.event("fourth", "SessionStart", Traced.look, source="startup")
    known = sessions.load(world.client("fourth").session)
    assert known
    assert known.pid_start.endswith("@later")


def test_the_status_line_is_whole_after_one_was_killed(world: Traced):
    for name in ("first", "second"):
        world.event(name, "SessionStart", source="startup")
    environment = {**world.client("first").environment(), "NO_COLOR": "1", "before": "echo mine"}
    command = ["/bin/sh", "-c", f". {HOOKS}/statusline"]
    whole = traced.run(command, environment, world.project)
    assert whole.output.decode() == "mine\n⇄ 1 other live\n"
    for call in whole.calls:
        killed = traced.run(command, environment, world.project, kill_at=call)
        assert killed.status < 0
        assert whole.output.startswith(killed.output)
        assert traced.run(command, environment, world.project).output == whole.output
    assert len(whole.calls) > 2


def test_the_environment_of_the_plugin_is_made_after_it_was_killed(tmp_path: Path):
    root, data = plugin.copy(tmp_path / "plugin"), tmp_path / "data"
    environment = {**os.environ, "PATH": plugin.uv(tmp_path / "tools")}
    command = ["sh", str(HOOKS / "make-environment"), str(root), str(data)]
    names = (*traced.NAMES, *traced.STARTS)
    calls = traced.run(command, environment, tmp_path, names=names).calls
    assert len(calls) > 20
    for call in calls[2 :: len(calls) // 4]:
        (data / "venv" / "made-of").write_text("other dependencies\n")
        assert traced.run(command, environment, tmp_path, kill_at=call, names=names).status < 0, call
        assert works(data), "the old one is gone before there is a new one"
        subprocess.run(command, env=environment, check=True)
        assert works(data)
        assert (data / "venv" / "made-of").read_text() != "other dependencies\n"
        assert not (data / "making").is_symlink()
        assert len(list(data.glob("environment-*"))) <= 2


def works(data: Path) -> bool:
    return not subprocess.run([data / "venv" / "bin" / "python3", "-c", "import click"], check=False).returncode
