import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from context_sync.state import gate
from tests.rehearse import HOOKS, Client, CommandLine, log, state

MakeClient = Callable[..., Client]
START = f'exec "{sys.executable}" -I -S -X utf8 "{HOOKS}/run.py" SessionStart'


def move_the_interpreter(settings: Path) -> None:
    text = settings.read_text()
    assert sys.executable in text
    settings.write_text(text.replace(sys.executable, "/gone/python3"))


@pytest.mark.parametrize(
    ("installed", "happens", "stands_back"),
    [
        pytest.param(False, None, False, id="the plugin alone"),
        pytest.param(True, None, True, id="the settings hold the hooks, too"),
        pytest.param(True, move_the_interpreter, False, id="those of the settings cannot start"),
        pytest.param(True, Path.unlink, False, id="the settings are gone"),
    ],
)
def test_the_plugin_leaves_everything_to_hooks_that_work(
    client: MakeClient,
    command_line: CommandLine,
    isolated_home: Path,
    installed: bool,
    happens: Callable[[Path], None] | None,
    stands_back: bool,
):
    if installed:
        assert command_line("init").returncode == 0
    if happens:
        happens(isolated_home / ".claude" / "settings.json")
    someone = client(hooks={"SessionStart": START}, extra={"CONTEXT_SYNC_PLUGIN": "1"})

    assert someone.start().calm

    assert state("gate", someone.session, "elsewhere").exists() == stands_back
    assert state("sessions", f"{someone.session}.json").exists() == (not stands_back)
    assert log() == ""


def test_a_session_that_goes_on_without_those_of_the_settings_is_taken_over(client: MakeClient):
    someone = client(hooks={"SessionStart": START}, extra={"CONTEXT_SYNC_PLUGIN": "1"})
    gate.mark_elsewhere(someone.session, True)
    someone.start("resume")
    assert not state("gate", someone.session, "elsewhere").exists()
