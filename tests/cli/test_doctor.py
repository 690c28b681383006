import json
import os
import shutil
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from context_sync import log
from context_sync.claude import rehearsal, settings
from context_sync.cli import diagnosis
from context_sync.state import inspection
from context_sync.symbols import languages
from tests.cli.stage import Stage, edit
from tests.conftest import CHECKOUT, CommandLine

EVENTS = [hook.event for hook in settings.EVENTS]


def read(command_line: CommandLine, **options: object) -> tuple[int, dict[str, Any]]:
    done = command_line("doctor", "--json", **options)
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)


def of(found: dict[str, Any], check: str) -> list[dict[str, str]]:
    return [each for each in found["findings"] if each["check"] == check]


def wrong(found: dict[str, Any]) -> list[dict[str, str]]:
    return [each for each in found["findings"] if each["status"] in ("problem", "warning")]


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
            "check": "hooks",
            "status": "problem",
            "message": "No hook is registered, so nothing is noticed.",
            "remedy": "Run `context-sync init`.",
        }
    ]
    assert (after_code, after["ok"], wrong(after)) == (0, True, [])
    assert of(after, "events")[0]["status"] == "note"
    assert [(each["event"], each["registered"], each["fired"]) for each in after["events"]] == [
        (event, True, None) for event in EVENTS
    ]


def test_a_session_leaves_a_receipt_of_each_event(command_line: CommandLine, installed: Stage, shop: Path):
    player = installed.enter("other", shop)
    rehearsal.play(player, "UserPromptSubmit", prompt="go on")
    rehearsal.play(player, "PostToolUseFailure", tool_name="Bash", error="Exit code 1")
    rehearsal.play(player, "Stop", stop_hook_active=False)
    rehearsal.play(player, "SessionEnd", reason="other")
    now = time.time()

    code, found = read(command_line)

    assert (code, wrong(found)) == (0, [])
    fired = [datetime.fromisoformat(each["fired"]).timestamp() for each in found["events"]]
    assert all(now - 60 < each <= now for each in fired)
    (events,) = of(found, "events")
    assert (events["status"], events["message"]) == (
        "ok",
        "Hooks run for every event; the last one was SessionEnd, just now.",
    )


def test_the_page_says_it_line_by_line_and_sums_up(command_line: CommandLine, isolated_home: Path):
    before = command_line("doctor").stdout
    command_line("init")
    after = command_line("doctor").stdout

    assert before.splitlines()[:2] == [
        "problem  hooks      No hook is registered, so nothing is noticed.",
        "                    → Run `context-sync init`.",
    ]
    assert before.splitlines()[-1] == "1 problem to solve: what to do is said after each →"
    assert after.splitlines()[-1] == "Everything is in order."
    assert {line.split()[0] for line in after.splitlines()[:-2] if line[0] != " "} == {"ok", "note"}
    assert "\x1b" not in before + after
    home = str(isolated_home)
    assert [line for line in before.splitlines() if len(line) > 80 and home not in line and "/" not in line] == []


def test_the_help_names_every_key_of_the_json(command_line: CommandLine):
    text = command_line("doctor", "--help").stdout
    _, found = read(command_line)

    keys = {*found, *found["findings"][0], *found["events"][0]}
    assert [key for key in keys if f'"{key}"' not in text] == []
    assert [status for status in diagnosis.STATUSES if f'"{status}"' not in text] == []


@pytest.mark.usefixtures("installed")
def test_a_look_changes_nothing(command_line: CommandLine, isolated_home: Path):
    def tree() -> dict[str, tuple[int, float]]:
        return {str(path): (path.stat().st_mode, path.stat().st_mtime) for path in isolated_home.rglob("*")}

    before = tree()
    command_line("doctor")

    assert tree() == before


def state(home: Path) -> Path:
    return home / ".claude" / "context-sync"


def change_settings(home: Path, change: Callable[[dict[str, Any]], object]) -> None:
    file = home / ".claude" / "settings.json"
    value = json.loads(file.read_text())
    change(value)
    file.write_text(json.dumps(value))


def register(home: Path, hooks: Path, python: Path | str = sys.executable) -> None:
    groups = {event: [group] for event, group in settings.groups_for(str(hooks), str(python)).items()}
    change_settings(home, lambda value: value.update(hooks=groups))


def all_hooks_off(home: Path) -> None:
    change_settings(home, lambda value: value.update(disableAllHooks=True))


def all_hooks_off_in_the_project(home: Path) -> None:
    (home.parent / ".claude").mkdir()
    (home.parent / ".claude" / "settings.json").write_text('{"disableAllHooks": true}')


def broken_settings(home: Path) -> None:
    (home / ".claude" / "settings.json").write_text('{"hooks": ')


def a_hook_taken_out(home: Path) -> None:
    change_settings(home, lambda value: value["hooks"].pop("PostToolUse"))


def registered_twice(home: Path) -> None:
    other = settings.groups_for(str(CHECKOUT / "hooks"), "/usr/bin/python3")
    change_settings(home, lambda value: value["hooks"]["Stop"].append(other["Stop"]))


def another_installation(home: Path) -> None:
    (home.parent / "other").symlink_to(CHECKOUT, target_is_directory=True)
    register(home, home.parent / "other" / "hooks")


def gate_gone(home: Path) -> None:
    register(home, home.parent / "gone")


def interpreter_gone(home: Path) -> None:
    register(home, CHECKOUT / "hooks", home.parent / "gone" / "python")


def interpreter(home: Path, text: str) -> None:
    python = home.parent / "python"
    python.write_text(f"#!/bin/sh\n{text}\n")
    python.chmod(0o755)
    register(home, CHECKOUT / "hooks", python)


def interpreter_too_old(home: Path) -> None:
    interpreter(home, "echo 3 9 18")


def interpreter_broken(home: Path) -> None:
    interpreter(home, "exit 127")


def package_gone(home: Path) -> None:
    shutil.copytree(CHECKOUT / "hooks", home.parent / "copy" / "hooks")
    register(home, home.parent / "copy" / "hooks")


def state_open_to_others(home: Path) -> None:
    state(home).chmod(0o755)


def touches_open_to_others(home: Path) -> None:
    for file in (state(home) / "touches").iterdir():
        file.chmod(0o644)


def state_is_a_link(home: Path) -> None:
    state(home).rename(home.parent / "elsewhere")
    state(home).symlink_to(home.parent / "elsewhere")


def state_is_a_file(home: Path) -> None:
    shutil.rmtree(state(home))
    state(home).write_text("")


def state_is_a_link_to_nothing(home: Path) -> None:
    shutil.rmtree(state(home))
    state(home).symlink_to(home.parent / "nowhere")


def a_broken_record(home: Path) -> None:
    file = state(home) / "sessions" / "x.json.broken"
    file.touch(mode=0o600)
    file.write_text("{")


def log_in_the_way(home: Path) -> None:
    (home / ".local").mkdir()
    (home / ".local" / "state").write_text("")


def log_is_a_folder(home: Path) -> None:
    (home / ".local" / "state" / "context-sync" / "context-sync.log").mkdir(parents=True)


def bad_configuration(home: Path) -> None:
    file = home / ".config" / "context-sync" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text('guard = "sometimes"\n')


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("fault", "check", "status", "message", "remedy"),
    [
        (all_hooks_off, "hooks", "problem", "`disableAllHooks` in ", "Take it out of that file"),
        (all_hooks_off_in_the_project, "hooks", "problem", "`disableAllHooks` in ", "Take it out of that file"),
        (broken_settings, "hooks", "problem", "it is not valid JSON", "Mend that file."),
        (a_hook_taken_out, "hooks", "problem", "No hook is registered for PostToolUse.", "`context-sync init`"),
        (registered_twice, "hooks", "warning", "Stop: registered more than once", "`context-sync uninstall`"),
        (another_installation, "hooks", "warning", "those of another installation", "`context-sync init`"),
        (gate_gone, "gate", "problem", "gate and run.py cannot be read in ", "Install context-sync again"),
        (interpreter_gone, "python", "problem", "is gone: the hooks do nothing", "`context-sync init`"),
        (interpreter_too_old, "python", "problem", "is 3.9.18; Python 3.11 or newer", "with a newer Python"),
        (interpreter_broken, "python", "problem", "something that does not start", "with a newer Python"),
        (package_gone, "python", "problem", "The hooks do nothing with ", "Install context-sync again"),
        (state_open_to_others, "state", "problem", "Other users may read or write", "Run `chmod -R go= "),
        (touches_open_to_others, "state", "problem", "Other users may read or write", "Run `chmod -R go= "),
        (state_is_a_link, "state", "warning", "is a link to", "unless you made the link"),
        (state_is_a_file, "state", "problem", "is not a folder: nothing can be noted", "Make it a folder"),
        (state_is_a_link_to_nothing, "state", "problem", "is a link to nothing", "Make it a folder"),
        (a_broken_record, "state", "warning", "x.json.broken", "delete it"),
        (log_in_the_way, "log", "problem", "cannot be written: crashes are not recorded", "Delete "),
        (log_is_a_folder, "log", "problem", "cannot be written: crashes are not recorded", "Delete "),
        (bad_configuration, "config", "warning", "guard is 'sometimes'", "Correct it there"),
    ],
)
def test_each_fault_is_found_and_has_a_remedy(
    command_line: CommandLine,
    isolated_home: Path,
    fault: Callable[[Path], None],
    check: str,
    status: str,
    message: str,
    remedy: str,
):
    fault(isolated_home)

    code, found = read(command_line)

    (finding,) = [each for each in wrong(found) if each["check"] == check and message in each["message"]]
    assert finding["status"] == status
    assert remedy in finding["remedy"]
    assert (code, found["ok"]) == ((1, False) if status == "problem" else (0, True))
    assert "\n" not in finding["message"] + finding["remedy"]


@pytest.mark.usefixtures("installed")
def test_the_remedy_for_open_files_is_one(command_line: CommandLine, isolated_home: Path):
    state_open_to_others(isolated_home)
    touches_open_to_others(isolated_home)
    (finding,) = wrong(read(command_line)[1])

    os.system(finding["remedy"].removeprefix("Run `").removesuffix("`."))

    assert read(command_line)[0] == 0


@pytest.mark.usefixtures("installed")
def test_without_git_on_path_nothing_is_noticed(command_line: CommandLine, tmp_path: Path):
    environment = {**os.environ, "PATH": str(tmp_path), "PYTHONPATH": str(CHECKOUT)}

    code, found = read(command_line, env=environment)

    assert code == 1
    assert [(each["check"], each["remedy"]) for each in wrong(found)] == [("git", "Install git, or put it on PATH.")]


@pytest.mark.usefixtures("installed")
def test_a_shell_that_switches_it_off_is_told(command_line: CommandLine):
    environment = {**os.environ, "CONTEXT_SYNC": "0", "PYTHONPATH": str(CHECKOUT)}

    code, found = read(command_line, env=environment)

    assert code == 0
    assert [each["remedy"] for each in wrong(found)] == ["Unset CONTEXT_SYNC."]


@pytest.mark.usefixtures("installed")
def test_a_client_too_old_for_an_event_is_found(command_line: CommandLine, isolated_home: Path):
    receipts = state(isolated_home) / "receipts"
    (receipts / "PostToolBatch").unlink()
    fresh = of(read(command_line)[1], "events")
    an_hour_ago = time.time() - 3600
    os.utime(receipts / "PostToolUse", (an_hour_ago, an_hour_ago))
    old = of(read(command_line)[1], "events")

    assert [each["status"] for each in fresh] == ["note"]  # the first batch may be under way
    assert [(each["status"], "Update Claude Code" in each["remedy"]) for each in old] == [("warning", True)]


@pytest.mark.usefixtures("installed")
def test_hooks_that_have_not_run_for_long_are_no_problem(command_line: CommandLine, isolated_home: Path):
    long_ago = time.time() - 30 * 86400
    for event in EVENTS:
        receipt = state(isolated_home) / "receipts" / event
        receipt.write_text("")
        os.utime(receipt, (long_ago, long_ago))

    code, found = read(command_line)

    assert code == 0
    assert [(each["status"], "30 days ago" in each["message"]) for each in of(found, "events")] == [("note", True)]


@pytest.mark.usefixtures("installed")
def test_a_state_folder_of_another_user_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(inspection.os, "geteuid", lambda: os.getuid() + 1)

    found = [each for each in diagnosis.examine(str(tmp_path), []) if each.check == "state"]

    assert [each.status for each in found] == ["problem"]
    assert found[0].message.startswith("Another user owns ")


@pytest.mark.usefixtures("installed")
def test_a_grammar_that_does_not_load_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    klingon = languages.LANGUAGES[0]._replace(grammar="klingon")
    monkeypatch.setattr(languages, "LANGUAGES", (*languages.LANGUAGES, klingon))

    found = [each for each in diagnosis.examine(str(tmp_path), []) if each.check == "grammars"]

    assert [(each.status, "No grammar loads for klingon" in each.message) for each in found] == [("problem", True)]


@pytest.mark.usefixtures("installed")
def test_a_missing_tree_sitter_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.delitem(sys.modules, "context_sync.symbols.grammars", raising=False)
    monkeypatch.delattr("context_sync.symbols.grammars", raising=False)
    monkeypatch.setitem(sys.modules, "tree_sitter", None)

    found = [each for each in diagnosis.examine(str(tmp_path), []) if each.check == "grammars"]

    assert [(each.status, "tree-sitter does not load" in each.message) for each in found] == [("problem", True)]


def test_a_crash_is_shown_once(command_line: CommandLine, installed: Stage, shop: Path):
    player = installed.enter("other", shop)
    broken = player._replace(commands={"Stop": f"printf '{{' | {{ {player.commands['SessionStart']}; }}"})
    for _ in range(2):
        assert rehearsal.play(broken, "Stop")[:3] == (0, b"", b"")

    first_code, first = read(command_line)
    second_code, second = read(command_line)

    assert (first_code, second_code) == (1, 0)
    (finding,) = wrong(first)
    assert finding["check"] == "crashes"
    assert finding["message"].startswith("SessionStart failed 2 times, last just now: ValueError: ")
    assert log.file() in finding["remedy"]
    assert wrong(second) == []


def test_many_kinds_of_crashes_are_summed_up_and_none_reaches_the_terminal_raw(command_line: CommandLine):
    command_line("init")
    for number in range(5):
        log.record_crash("Stop", ValueError(f"\x1b[2J{number}"))

    done = command_line("doctor")

    assert done.stdout.count("Stop failed once") == 3
    assert "2 other kinds of crash since the last look." in done.stdout
    assert "\x1b" not in done.stdout
    assert done.returncode == 1


def test_a_log_that_cannot_be_marked_is_shown_again(command_line: CommandLine):
    command_line("init")
    path = log.record_crash("Stop", ValueError("oh"))
    Path(path).with_name("shown-until").mkdir()

    assert [command_line("doctor").returncode for _ in range(2)] == [1, 1]


def test_a_hook_that_hangs_is_found(
    command_line: CommandLine, isolated_home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    command_line("init")
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    (hooks / "gate").write_text("exec sleep 60\n")
    (hooks / "run.py").write_text("")
    register(isolated_home, hooks)
    monkeypatch.setattr(rehearsal, "TIME_LIMIT", 0.2)

    found = [each for each in diagnosis.examine(str(tmp_path), []) if each.check == "python"]

    assert [(each.status, each.message) for each in found] == [
        ("problem", f"The hooks do nothing with {sys.executable}.")
    ]
