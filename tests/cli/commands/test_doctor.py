import json
import os
import re
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from context_sync import crash_log
from context_sync.claude.hooks import simulation
from context_sync.claude.install import hooks_entry
from context_sync.cli.doctor import findings, live_run
from context_sync.cli.doctor.live_run import Receipt
from tests.cli import machine, scenes
from tests.cli.stage import LATELY, Stage, edit
from tests.rehearse import CHECKOUT, CommandLine

EVENTS = [hook.event for hook in hooks_entry.EVENTS]


def read(command_line: CommandLine, **options: object) -> tuple[int, dict[str, Any]]:
    done = command_line("doctor", "--json", **options)
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)


def of(found: dict[str, Any], check: str) -> list[dict[str, str]]:
    return [each for each in found["findings"] if each["check"] == check]


def wrong(found: dict[str, Any]) -> list[dict[str, str]]:
    return [each for each in found["findings"] if each["status"] in ("problem", "warning")]


@pytest.fixture(autouse=True)
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(machine.tools(tmp_path / "tools")))


@pytest.fixture
def installed(command_line: CommandLine, the_stage: Stage, shop: Path) -> Stage:
    """Hooks that are registered and have run."""
    command_line("init")
    edit(the_stage.enter("one", shop), "invoice.py", "return 1", "return 10")
    return the_stage


def test_before_init_the_remedy_is_init_and_after_it_all_is_well(command_line: CommandLine):
    code, before = read(command_line)
    command_line("init")
    after_code, after = read(command_line)

    assert (code, before["ok"]) == (1, False)
    assert wrong(before) == [
        {
            "id": "not-installed",
            "check": "hooks",
            "status": "problem",
            "message": "No hook is registered, so context-sync sees nothing.",
            "remedy": "Run `context-sync init`.",
            "repairable": False,
        }
    ]
    assert (after_code, after["ok"], wrong(after)) == (0, True, [])
    assert of(after, "events")[0]["status"] == "note"
    assert [(each["event"], each["registered"], each["fired"]) for each in after["events"]] == [
        (event, True, None) for event in EVENTS
    ]


def test_a_session_leaves_a_receipt_of_each_event(
    command_line: CommandLine, installed: Stage, shop: Path, isolated_home: Path
):
    began = (isolated_home / ".claude" / "settings.json").stat().st_mtime  # when the hooks were registered
    player = installed.enter("other", shop)
    simulation.play(player, "UserPromptSubmit", prompt="go on")
    simulation.play(player, "PostToolUseFailure", tool_name="Bash", error="Exit code 1")
    simulation.play(player, "Stop", stop_hook_active=False)
    simulation.play(player, "SessionEnd", reason="other")
    now = time.time()

    code, found = read(command_line)

    assert (code, wrong(found)) == (0, [])
    fired = [datetime.fromisoformat(each["fired"]).timestamp() for each in found["events"]]
    assert all(int(began) <= each <= now for each in fired)
    (events,) = of(found, "events")
    assert events["status"] == "ok"
    assert re.fullmatch(f"Hooks run for every event; the last one was SessionEnd, {LATELY}\\.", events["message"])


def test_the_page_says_it_line_by_line_and_sums_up(command_line: CommandLine, isolated_home: Path):
    before = command_line("doctor").stdout
    command_line("init")
    after = command_line("doctor").stdout

    assert before.splitlines()[:2] == [
        "problem  hooks      No hook is registered, so context-sync sees nothing.",
        "                    → Run `context-sync init`.",
    ]
    assert before.splitlines()[-1] == "1 problem found: the remedy is after each →"
    assert after.splitlines()[-1] == "Everything works."
    assert {line.split()[0] for line in after.splitlines()[:-2] if line[0] != " "} == {"ok", "note"}
    assert "\x1b" not in before + after
    home = str(isolated_home)
    assert [line for line in before.splitlines() if len(line) > 80 and home not in line and "/" not in line] == []


def test_the_help_names_every_key_of_the_json(command_line: CommandLine):
    text = command_line("doctor", "--help").stdout
    _, found = read(command_line)

    keys = {*found, *found["findings"][0], *found["events"][0], *Receipt._fields}
    assert [key for key in keys if f'"{key}"' not in text] == []
    assert [status for status in findings.STATUSES if f'"{status}"' not in text] == []


@pytest.mark.usefixtures("installed")
def test_a_look_changes_nothing(command_line: CommandLine, isolated_home: Path):
    def tree() -> dict[str, tuple[int, float]]:
        return {str(path): (path.stat().st_mode, path.stat().st_mtime) for path in isolated_home.rglob("*")}

    before = tree()
    command_line("doctor")

    assert tree() == before


def test_a_crash_is_shown_once(command_line: CommandLine, installed: Stage, shop: Path):
    player = installed.enter("other", shop)
    broken = player._replace(commands={"Stop": f"printf '{{' | {{ {player.commands['SessionStart']}; }}"})
    for _ in range(2):
        assert simulation.play(broken, "Stop")[:3] == (0, b"", b"")

    first_code, first = read(command_line)
    second_code, second = read(command_line)

    assert (first_code, second_code) == (1, 0)
    (finding,) = wrong(first)
    assert finding["check"] == "crashes"
    assert re.match(f"SessionStart failed 2 times, last {LATELY}: ValueError: ", finding["message"])
    assert crash_log.file() in finding["remedy"]
    assert wrong(second) == []


def test_many_kinds_of_crashes_are_summed_up_and_none_reaches_the_terminal_raw(command_line: CommandLine):
    command_line("init")
    for number in range(5):
        crash_log.record_crash("Stop", ValueError(f"\x1b[2J{number}"))

    done = command_line("doctor")

    assert done.stdout.count("Stop failed once") == 3
    assert "2 other kinds of crash since the last check." in done.stdout
    assert "\x1b" not in done.stdout
    assert done.returncode == 1


def test_a_log_that_cannot_be_marked_is_shown_again(command_line: CommandLine):
    command_line("init")
    path = crash_log.record_crash("Stop", ValueError("oh"))
    Path(path).with_name("shown-until").mkdir()

    assert [command_line("doctor").returncode for _ in range(2)] == [1, 1]


def test_the_events_of_the_plugin_are_registered(command_line: CommandLine, isolated_home: Path):
    machine.install_plugin(isolated_home)

    _, found = read(command_line)

    assert [each["registered"] for each in found["events"]] == [True] * len(EVENTS)


def test_warnings_are_summed_up(command_line: CommandLine):
    command_line("init")
    environment = {**os.environ, "CONTEXT_SYNC": "0", "PYTHONPATH": str(CHECKOUT)}

    done = command_line("doctor", env=environment)

    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "context-sync works; 1 warning above.")


def stale(home: Path) -> None:
    file = home / ".claude" / "settings.json"
    file.write_text(file.read_text().replace("/hooks'", "/gone'"))


def test_what_was_repaired_is_said_line_by_line_and_then_all_is_well(command_line: CommandLine, isolated_home: Path):
    command_line("init")
    stale(isolated_home)
    before = command_line("doctor")
    done = command_line("doctor", "--fix")
    again = command_line("doctor", "--fix")

    assert before.returncode == 1
    assert before.stdout.splitlines()[-1] == "`context-sync doctor --fix` repairs 1 of them."
    assert done.returncode == 0
    assert done.stdout.splitlines()[:2] == ["Added the hooks to ~/.claude/settings.json.", ""]
    assert done.stdout.splitlines()[-1] == "Everything works."
    assert again.stdout.splitlines()[:2] == ["Nothing to repair.", ""]


def test_repairs_and_receipts_are_in_the_json(
    command_line: CommandLine, isolated_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(live_run, "SLOW", 60_000)  # the machine may be busy
    command_line("init")
    stale(isolated_home)

    done = scenes.run("doctor", "--fix", "--live", "--json", folder=tmp_path)

    found = json.loads(done.output)
    assert (done.code, done.errors) == (0, "")
    assert found["repairs"] == ["Added the hooks to ~/.claude/settings.json."]
    assert {(each["event"], each["exit"]) for each in found["receipts"]} == {(event, 0) for event in EVENTS}
    assert [each["id"] for each in found["findings"] if each["check"] == "live"] == ["live"]
