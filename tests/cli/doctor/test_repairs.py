import json
import signal

import pytest

from context_sync import paths
from context_sync.cli import crashes
from context_sync.cli.doctor import checks, repairs
from context_sync.state import inspection, sessions
from tests.cli import machine
from tests.cli.doctor import faults
from tests.cli.doctor.faults import Fault, Ground
from tests.cli.stage import Stage, edit

pytestmark = pytest.mark.usefixtures("installed")

OWN = {"model": "opus", "hooks": {"Stop": [{"hooks": [{"type": "command", "command": "say done"}]}]}}


def fix(ground: Ground) -> list[str]:
    return list(repairs.repair(checks.examine(str(ground.project), []), str(ground.project)))


def wrong(ground: Ground) -> set[str]:
    found = checks.examine(str(ground.project), [])
    return {each.id for each in found if each.status in ("warning", "problem") or each.id == "sessions-vanished"}


REPAIRED = [each for each in faults.TABLE if each[1] in repairs.REPAIRS]


def test_every_repair_is_tried():
    assert repairs.REPAIRS.keys() == {row for _, row, _, _ in REPAIRED} | {"waiters-stuck"}


@pytest.mark.parametrize("fault", [each[0] for each in REPAIRED], ids=[each[1] for each in REPAIRED])
def test_a_fault_is_repaired_and_then_nothing_is_wrong(ground: Ground, fault: Fault):
    fault(ground)
    assert wrong(ground)

    done = fix(ground)

    assert done
    assert [each for each in done if not each.startswith(("Added ", "Removed ", "Deleted ", "Noted "))] == []
    assert wrong(ground) == set()
    assert fix(ground) == []


def test_what_the_user_wrote_stays(ground: Ground):
    value = json.loads(ground.settings.read_text())
    stale = faults.groups(ground.spare / "gone")
    hooks = {event: groups + OWN["hooks"].get(event, []) for event, groups in stale.items()}
    ground.settings.write_text(json.dumps({**value, **OWN, "hooks": hooks}))

    fix(ground)

    after = json.loads(ground.settings.read_text())
    assert after["model"] == "opus"
    assert OWN["hooks"]["Stop"][0] in after["hooks"]["Stop"]
    assert wrong(ground) == set()


@pytest.mark.parametrize(
    "fault",
    [
        faults.not_installed,
        faults.all_hooks_off,
        faults.broken_settings,
        faults.of_another_installation,
        faults.committed,
        faults.status_line_hidden,
        faults.server_of_the_same_name,
        faults.bad_configuration,
    ],
)
def test_what_is_not_ours_to_repair_is_left(ground: Ground, fault: Fault):
    fault(ground)
    before = {path: path.read_bytes() for path in ground.home.rglob("*") if path.is_file()}

    assert [each for each in fix(ground) if not each.startswith("Left ")] == []
    assert {path: path.read_bytes() for path in ground.home.rglob("*") if path.is_file()} == before


def test_hooks_of_another_installation_that_works_are_left_to_the_user(ground: Ground):
    faults.of_another_installation(ground)
    hooks = faults.registered(ground)
    del hooks["Stop"]
    machine.change_settings(ground.home, hooks=hooks)

    done = fix(ground)

    assert done == ["Left ~/.claude/settings.json alone: its hooks belong to another installation that works."]
    assert faults.registered(ground) == hooks


def test_the_plugin_registers_nothing(ground: Ground):
    data = machine.install_plugin(ground.home)
    root = ground.home / ".claude" / "plugins" / "cache" / "market" / "context-sync" / "0.1.0"
    ground.patch.setattr(paths, "hooks_folder", lambda: str(root / "hooks"))
    faults.gate_gone(ground)
    before = ground.settings.read_bytes()

    done = fix(ground)

    assert [each.partition(":")[0] for each in done] == ["Not repaired"]
    assert "`context-sync uninstall`" in done[0]
    assert (ground.settings.read_bytes(), data.exists()) == (before, True)


def test_what_cannot_be_repaired_is_reported_and_the_rest_is_repaired(ground: Ground):
    faults.gate_gone(ground)
    faults.a_broken_record(ground)
    ground.settings.chmod(0o400)

    done = fix(ground)

    assert [each.split()[0] for each in done] == ["Not", "Deleted"]
    assert "settings.json is read-only" in done[0]


def test_a_file_that_may_not_be_deleted_is_reported(ground: Ground):
    faults.a_broken_record(ground)

    def refuse() -> list[str]:
        raise PermissionError(1, "Operation not permitted", "/state/x.broken")

    ground.patch.setattr(inspection, "drop_broken", refuse)

    assert fix(ground) == ["Not repaired: /state/x.broken (Operation not permitted)."]


def test_hooks_that_failed_work_again(ground: Ground, installed: Stage):
    faults.a_file_in_the_way(ground)
    two = installed.enter("two", ground.project)
    edit(two, "notes.txt", "one", "1")
    assert [crash.where for crash in crashes.unseen()] == ["PostToolUse"]

    assert [each.rpartition("/")[2] for each in fix(ground)] == ["notes.txt, which was in the way."]
    edit(two, "notes.txt", "two", "2")
    assert len(crashes.unseen()) == 1
    assert wrong(ground) == set()


def test_a_session_that_vanished_is_noted_by_its_name(ground: Ground):
    faults.client_that_vanished(ground)

    assert fix(ground) == ["Noted that the session “one” ended."]
    assert [bool(session.ended) for session in sessions.everyone()] == [True]


def test_a_waiter_that_waits_for_nobody_is_ended(ground: Ground):
    with faults.waiter(client=1, patch=ground.patch) as process:
        done = fix(ground)
        code = process.wait(60)

    assert done == [f"Ended the process {process.pid}, which was waiting for a session that is gone."]
    assert code == -signal.SIGKILL


def test_a_link_out_of_the_state_folder_is_not_followed(ground: Ground):
    target = ground.spare / "open"
    target.write_text("mine")
    target.chmod(0o644)
    (ground.state / "touches" / "link.jsonl").symlink_to(target)
    faults.state_open_to_others(ground)

    fix(ground)

    assert (target.stat().st_mode & 0o777, ground.state.stat().st_mode & 0o777) == (0o644, 0o700)
