import os
import sys

import pytest

from context_sync.cli import crashes
from context_sync.cli.doctor import checks, findings
from context_sync.cli.doctor.findings import Finding
from tests.cli import machine
from tests.cli.doctor import faults
from tests.cli.doctor.faults import Fault, Ground
from tests.rehearse import CommandLine

pytestmark = pytest.mark.usefixtures("installed")

PLAYED = ("waiters-stuck", "live-failed", "live-silent", "live-slow")  # tested where they are made


def look(ground: Ground) -> dict[str, Finding]:
    found = checks.examine(str(ground.project), crashes.unseen())
    assert all(each.remedy for each in found if each.status in ("warning", "problem"))
    assert not any("\n" in each.message + each.remedy or "\x1b" in each.message for each in found)
    return {each.id: each for each in found}


def wrong(found: dict[str, Finding]) -> set[str]:
    return {each.id for each in found.values() if each.status in ("warning", "problem")}


def test_nothing_is_found_where_nothing_is_wrong(ground: Ground):
    found = look(ground)

    assert wrong(found) == set()
    assert found.keys() & {row for _, row, _, _ in faults.TABLE} == {"events-some"}


@pytest.mark.parametrize(
    ("fault", "row", "message", "remedy"), faults.TABLE, ids=[each[0].__name__ for each in faults.TABLE]
)
def test_each_fault_is_found_and_has_a_remedy(ground: Ground, fault: Fault, row: str, message: str, remedy: str):
    fault(ground)

    found = look(ground)[row]

    assert message in found.message
    assert remedy in found.remedy


def test_every_row_of_the_table_has_a_fault():
    rows = {row.id for row in findings.ROWS if row.status != "ok"}

    assert rows == {row for _, row, _, _ in faults.TABLE} | set(PLAYED)


def test_ids_are_stable_and_each_there_once():
    ids = [row.id for row in findings.ROWS]

    assert len(ids) == len(set(ids))
    assert all(each == each.lower() and " " not in each for each in ids)
    assert {row.status for row in findings.ROWS} == set(findings.STATUSES)
    assert [row.id for row in findings.ROWS if row.status in ("warning", "problem") and not row.remedy] == []
    assert [row.id for row in findings.ROWS if row.status == "ok" and row.remedy] == []


def test_the_plugin_alone_is_an_installation(ground: Ground, command_line: CommandLine):
    command_line("uninstall")
    machine.install_plugin(ground.home)

    found = look(ground)

    assert {"hooks-of-plugin", "plugin", "gate", "python"} <= found.keys()
    assert wrong(found) == set()


def test_the_plugin_and_init_together_are_distinguished(ground: Ground):
    machine.install_plugin(ground.home)

    found = look(ground)

    assert "only those in the settings are active" in found["hooks-of-both"].message
    assert wrong(found) == set()


def test_a_plugin_that_managed_settings_switch_on_may_run(ground: Ground, command_line: CommandLine):
    command_line("uninstall")
    machine.install_plugin(ground.home)
    faults.managed(
        ground, "managed-settings.json", {"allowManagedHooksOnly": True, "enabledPlugins": {machine.KEY: True}}
    )

    assert wrong(look(ground)) == set()


def test_a_plugin_of_another_project_is_none_of_ours(ground: Ground):
    faults.not_installed(ground)
    machine.install_plugin(ground.home)
    file = ground.home / ".claude" / "plugins" / "installed_plugins.json"
    file.write_text(file.read_text().replace('"scope": "user"', '"scope": "project", "projectPath": "/elsewhere"'))

    assert "not-installed" in wrong(look(ground))


@pytest.mark.parametrize("text", ["", "[]", '{"plugins": []}', '{"plugins": {"context-sync@m": [1, {}]}}'])
def test_a_list_of_plugins_that_makes_no_sense_holds_none(ground: Ground, text: str):
    faults.not_installed(ground)
    (ground.home / ".claude" / "plugins").mkdir()
    (ground.home / ".claude" / "plugins" / "installed_plugins.json").write_text(text)

    assert "not-installed" in wrong(look(ground))


def test_a_file_of_another_project_that_cannot_be_read_is_left_to_its_project(ground: Ground):
    faults.gone_in_another_project(ground)
    (ground.spare / "project" / ".claude" / "settings.local.json").write_text("{")

    assert wrong(look(ground)) == set()


def test_a_second_installation_of_the_same_version_is_no_trouble(ground: Ground, command_line: CommandLine):
    version = command_line("--version").stdout.strip()
    machine.program(ground.tools / "context-sync", f"echo '{version}'")

    assert wrong(look(ground)) == set()


def test_another_name_of_the_same_interpreter_is_no_other_installation(ground: Ground):
    folder = ground.spare / "bin"
    folder.mkdir()
    for name in ("python", "python3"):
        (folder / name).symlink_to(faults.PYTHON)
    ground.patch.setattr(sys, "executable", str(folder / "python"))
    faults.register(ground, faults.HERE, folder / "python3")

    assert not wrong(look(ground)) & {"hooks-of-another", "hooks-outdated", "hooks-silent", "python-upgraded"}


def test_hooks_in_both_scopes_are_the_same_and_run_once(ground: Ground, command_line: CommandLine):
    command_line("init", "--scope", "project", cwd=ground.project)

    found = look(ground)

    assert "settings.json and " in found["hooks-in-settings"].message
    assert wrong(found) == set()


def test_a_waiter_whose_client_is_gone_is_found(ground: Ground):
    with faults.waiter(client=1, patch=ground.patch) as process:
        found = look(ground)["waiters-stuck"]

    assert found.message == f"1 process waits for messages although the session is gone: {process.pid}."


def test_a_waiter_at_another_state_folder_is_none_of_ours(ground: Ground):
    with faults.waiter(client=1, patch=ground.patch):
        ground.patch.setenv("CLAUDE_CONFIG_DIR", str(ground.spare))

        assert "waiters-stuck" not in look(ground)


def test_a_waiter_whose_client_is_there_is_left(ground: Ground, monkeypatch: pytest.MonkeyPatch):
    with faults.waiter(client=os.getpid(), patch=monkeypatch):
        assert wrong(look(ground)) == set()
