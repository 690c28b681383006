import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from context_sync import paths
from context_sync.claude.install import hooks_entry, registrations
from context_sync.cli.commands import demo
from context_sync.errors import ContextSyncError
from tests.rehearse import CHECKOUT, CommandLine


def tree(folder: Path) -> dict[str, float]:
    return {str(path): path.stat().st_mtime for path in folder.rglob("*")}


def worked() -> float:
    """The seconds of processor time of what this process started and waited for."""
    times = os.times()
    return times.children_user + times.children_system


def test_the_demo_shows_what_each_session_is_shown(command_line: CommandLine):
    before = worked()
    done = command_line("demo")

    assert (done.returncode, done.stderr) == (0, "")
    assert worked() - before < 5
    opening, first, second, third = re.split(r"^[123]\. ", done.stdout, flags=re.MULTILINE)
    assert opening.startswith("Two Claude Code sessions share one repository")
    assert first.startswith("Session “discounts” edits Invoice.total in billing/invoice.py:\n")
    assert "context-sync stays silent" in first
    assert "│ context-sync: another live Claude Code session" in second
    assert '`Invoice.total` in billing/invoice.py: session "discounts"' in second
    assert '`Invoice.total` in billing/invoice.py: session "rounding"' in third
    assert "context-sync init" in third


def test_where_it_is_installed_it_says_what_comes_after_that(command_line: CommandLine):
    command_line("init")

    last = command_line("demo").stdout.rpartition("nobody had to ask.")[2]

    assert "context-sync init" not in last
    assert "Next: open two sessions as usual, and context-sync status shows them." in last


def test_it_reads_well_on_80_columns_without_a_terminal(command_line: CommandLine):
    text = command_line("demo").stdout

    assert [line for line in text.splitlines() if len(line) > 80] == []
    assert "\x1b" not in text


def test_it_leaves_nothing_behind(isolated_home: Path, tmp_path: Path):
    (isolated_home / ".claude").mkdir()
    (tmp_path / "temporary").mkdir()
    before = tree(isolated_home)
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT), "TMPDIR": str(tmp_path / "temporary")}
    process = subprocess.Popen(
        [sys.executable, "-m", "context_sync.cli.main", "demo"],
        env=environment,
        stdout=subprocess.DEVNULL,
        cwd=tmp_path,
        start_new_session=True,
    )

    assert process.wait(180) == 0
    assert list((tmp_path / "temporary").iterdir()) == []
    assert tree(isolated_home) == before
    end = time.monotonic() + 180
    while is_there(process.pid):  # what was killed may not have been waited for yet
        assert time.monotonic() < end
        time.sleep(0.01)


def is_there(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_the_user_s_own_git_settings_do_not_disturb_it(command_line: CommandLine, tmp_path: Path):
    hook = tmp_path / "hooks" / "pre-commit"
    hook.parent.mkdir()
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    config = tmp_path / "gitconfig"
    config.write_text(
        f"[core]\nhooksPath = {hook.parent}\nautocrlf = true\n"
        "[commit]\ngpgsign = true\n[init]\ndefaultBranch = trunk\n[user]\nuseConfigOnly = true\n"
    )

    done = command_line("demo", env={**os.environ, "PYTHONPATH": str(CHECKOUT), "GIT_CONFIG_GLOBAL": str(config)})

    assert (done.returncode, done.stderr) == (0, "")


def test_its_commands_are_those_that_init_registers(command_line: CommandLine, isolated_home: Path):
    command_line("init")

    registered = hooks_entry.registered((isolated_home / ".claude" / "settings.json").read_text())

    here = registrations.commands_of(registrations.here())
    assert registered == {event: [command] for event, command in here.items()}


def test_without_git_it_says_what_is_missing(command_line: CommandLine, tmp_path: Path):
    done = command_line("demo", env={"PATH": str(tmp_path), "PYTHONPATH": str(CHECKOUT), "HOME": str(tmp_path)})

    assert done.returncode == 1
    assert done.stderr.startswith("context-sync: git could not create the repository")


CRASHES = """mkdir -p "$HOME/.local/state/context-sync"
echo '{"where": "Stop", "error": "ValueError: oh"}' >"$HOME/.local/state/context-sync/context-sync.log"
"""
TALKS = """echo '{"hookSpecificOutput": {"additionalContext": "something else"}}'"""


@pytest.mark.parametrize(
    ("gate", "reason"),
    [
        pytest.param(None, "as they should: run `context-sync doctor`.", id="gone"),
        pytest.param("exit 0", "as they should: run `context-sync doctor`.", id="silent"),
        pytest.param(TALKS, "as they should: run `context-sync doctor`.", id="saying something else"),
        pytest.param(CRASHES, "as they should (Stop: ValueError: oh): run `context-sync doctor`.", id="crashing"),
    ],
)
def test_hooks_that_do_not_do_their_work_are_not_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gate: str | None, reason: str
):
    for name in ("hooks", "play"):
        (tmp_path / name).mkdir()
    if gate:
        (tmp_path / "hooks" / "gate").write_text(gate)
    monkeypatch.setattr(paths, "hooks_folder", lambda: str(tmp_path / "hooks"))

    with pytest.raises(ContextSyncError) as error:
        list(demo.scenes(str(tmp_path / "play")))

    assert str(error.value) == f"the hooks did not answer {reason}"


def test_ctrl_c_ends_the_play_without_a_word_and_leaves_nothing(isolated_home: Path, tmp_path: Path):
    folder = tmp_path / "temporary"
    folder.mkdir()
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT), "PYTHONUNBUFFERED": "1", "TMPDIR": str(folder)}
    play = subprocess.Popen(
        [sys.executable, "-m", "context_sync.cli.main", "demo"],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # What a shell starts in the background ignores it, and so would all that the tests start there.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert play.stdout
    assert next(line for line in play.stdout if "1. Session" in line)
    os.killpg(play.pid, signal.SIGINT)  # as a terminal does: to everything that runs in the foreground
    _, errors = play.communicate(timeout=180)

    assert (play.returncode, errors.strip()) == (130, "")
    assert list(folder.iterdir()) == []
    assert list(isolated_home.iterdir()) == []
