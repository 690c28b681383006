import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from context_sync.claude.hooks import simulation
from context_sync.claude.hooks.simulation import Player
from context_sync.claude.install import hooks_entry
from context_sync.cli.doctor import live_run
from context_sync.state import processes
from tests.cli import machine, scenes
from tests.cli.doctor import faults
from tests.cli.doctor.faults import Ground
from tests.rehearse import CommandLine

EVENTS = {hook.event for hook in hooks_entry.EVENTS}


@pytest.fixture
def empty(folder: Path, isolated_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ground:
    """A machine on which nothing is registered, and which may have much else to do."""
    monkeypatch.setattr(live_run, "SLOW", 60_000)
    (tmp_path / "spare").mkdir()
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    return Ground(isolated_home, folder, tmp_path / "spare", monkeypatch)


def tree(folder: Path) -> dict[str, tuple[int, float]]:
    return {str(path): (path.lstat().st_mode, path.lstat().st_mtime) for path in folder.rglob("*")}


def context(receipts: list[live_run.Receipt], place: str, event: str) -> list[str]:
    return [each.context for each in receipts if (each.place, each.event) == (place, event)]


def test_each_hook_is_run_in_each_place_and_nothing_is_left(empty: Ground):
    faults.register(empty, faults.HERE)
    before = tree(empty.home) | tree(empty.project)

    receipts, found = live_run.rehearse(str(empty.project))

    assert {each.event for each in receipts} == EVENTS
    assert {each.place for each in receipts} == set(live_run.PLACES)
    assert {each.source for each in receipts} == {str(empty.settings)}
    assert {each.exit for each in receipts} == {0}
    assert [each.id for each in found] == ["live"]
    assert "has changed this code" in context(receipts, "a worktree", "PreToolUse")[0]
    assert context(receipts, "a folder without git", "PreToolUse") == [""]
    assert tree(empty.home) | tree(empty.project) == before
    assert list(Path(tempfile.gettempdir()).iterdir()) == []


def test_python_is_started_only_where_there_is_something_to_do(empty: Ground):
    faults.register(empty, faults.HERE)

    receipts, _ = live_run.rehearse(str(empty.project))

    started = {(each.place, each.event): each.python for each in receipts}
    assert started["a checkout", "SessionStart"] is True
    assert started["a checkout", "PostToolUse"] is True
    assert started["a checkout", "UserPromptSubmit"] is False
    assert started["a folder without git", "PreToolUse"] is False


def test_the_hooks_of_the_plugin_are_run_and_its_environment_is_left_as_it_is(empty: Ground):
    data = machine.install_plugin(empty.home)
    (data / "venv" / "made-for").write_text("an earlier version\n")  # for which a start would make another one
    before = tree(data)

    receipts, found = live_run.rehearse(str(empty.project))

    assert {each.event for each in receipts} == EVENTS
    assert {Path(each.source).name for each in receipts} == {"hooks.json"}
    assert [each.id for each in found] == ["live"]
    assert tree(data) == before
    assert not empty.state.exists()


def test_a_plugin_without_its_environment_is_not_run(empty: Ground):
    machine.install_plugin(empty.home, is_ready=False)

    assert live_run.rehearse(str(empty.project)) == ([], [])


def test_two_sets_of_hooks_are_run_one_after_the_other(empty: Ground, command_line: CommandLine):
    command_line("init")
    faults.registered_twice(empty)

    receipts, _ = live_run.rehearse(str(empty.project))

    assert len([each for each in receipts if (each.place, each.event) == ("a checkout", "Stop")]) == 2
    assert len([each for each in receipts if (each.place, each.event) == ("a checkout", "SessionStart")]) == 1


def gate(ground: Ground, text: str) -> None:
    hooks = ground.spare / "hooks"
    hooks.mkdir()
    (hooks / "gate").write_text(text + "\n")
    faults.register(ground, hooks)


@pytest.mark.parametrize(
    ("text", "row", "message"),
    [
        pytest.param("exit 2", "live-failed", "SessionStart in a checkout exited with status 2.", id="a failure"),
        pytest.param("echo hello", "live-failed", "SessionStart in a checkout printed something", id="no JSON"),
        pytest.param("echo '[]'", "live-failed", "SessionStart in a checkout printed something", id="no object"),
        pytest.param("exit 0", "live-silent", "conflict in a worktree, and neither was alerted", id="silence"),
        pytest.param("kill $$", "live-failed", "SessionStart in a checkout exited with status -15.", id="a signal"),
    ],
)
def test_a_hook_that_does_not_do_what_it_should_is_found(empty: Ground, text: str, row: str, message: str):
    gate(empty, text)

    _, found = live_run.rehearse(str(empty.project))

    assert {each.status for each in found} == {"problem"}
    assert message in next(each.message for each in found if each.id == row)


def test_a_hook_that_hangs_is_ended(empty: Ground):
    pids, start = empty.spare / "pids", simulation._started
    pids.touch()
    gate(empty, f"case $1 in SessionStart | PreToolUse) echo $$ >>'{pids}'; exec sleep 600 ;; esac")

    def started(actor: Player, event: str) -> subprocess.Popen[bytes]:
        """Start a hook, and take its time from when it hangs or is over."""
        process = start(actor, event)
        while process.poll() is None and str(process.pid) not in pids.read_text().split():
            time.sleep(0.005)
        return process

    empty.patch.setattr(simulation, "_started", started)
    empty.patch.setattr(simulation, "TIME_LIMIT", 0.6)

    receipts, found = live_run.rehearse(str(empty.project))

    ended = {each.event for each in receipts if each.exit is None}
    assert ended == {"SessionStart", "PreToolUse"}
    assert "SessionStart in a checkout took over 1 seconds." in [each.message for each in found]
    assert len(pids.read_text().split()) == len([each for each in receipts if each.exit is None])
    assert [pid for pid in pids.read_text().split() if processes.start_of(int(pid))] == []


def test_a_slow_hook_is_a_warning_where_the_client_waits_for_it(empty: Ground):
    faults.register(empty, faults.HERE)
    empty.patch.setattr(live_run, "SLOW", -1)

    _, found = live_run.rehearse(str(empty.project))

    assert {(each.id, each.status) for each in found} == {("live-slow", "warning")}
    assert not any(each.message.startswith(("PostToolUse ", "PostToolUseFailure ")) for each in found)


def test_the_page_shows_the_receipts_of_each_place_within_80_columns(empty: Ground, command_line: CommandLine):
    command_line("init")

    done = scenes.run("doctor", "--live", folder=empty.project)

    lines = done.output.splitlines()
    assert done.code == 0
    assert "~/.claude/settings.json, in a checkout" in lines
    (denied,) = [line for line in lines if "another live Claude Code" in line]
    assert denied.split()[:2] == ["PreToolUse", "0"]
    assert [line for line in lines if len(line) > 80 and "/" not in line] == []
    assert "Claude Code does not wait for PostToolUse and PostToolUseFailure." in lines
    assert lines[-1] == "Everything works."
