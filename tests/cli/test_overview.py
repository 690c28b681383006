import re
import subprocess
from pathlib import Path

import pytest

from context_sync import crash_log
from context_sync.claude.hooks import simulation
from context_sync.cli import output
from tests.cli import machine, stage
from tests.cli.stage import Stage, edit
from tests.rehearse import CHECKOUT, CommandLine


def said(command_line: CommandLine, folder: Path) -> list[str]:
    done = command_line(cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    found = done.stdout.splitlines()
    assert len(found) <= 8
    assert [line for line in found if output.columns(line) > 80] == []
    return found


@pytest.fixture
def worktree(shop: Path) -> Path:
    stage.git(shop, "worktree", "add", "-b", "rounding", str(shop.parent / "shop-rounding"))
    return shop.parent / "shop-rounding"


def test_in_a_fresh_home_it_says_how_to_begin_and_makes_nothing(
    command_line: CommandLine, isolated_home: Path, shop: Path
):
    found = said(command_line, shop)

    assert "It is not installed: no hook is registered." in found
    assert "Next: context-sync init adds the hooks; then use claude as usual." in found
    assert any("context-sync demo" in line for line in found)
    assert list(isolated_home.iterdir()) == []


def test_settings_that_are_broken_lead_to_the_doctor(command_line: CommandLine, isolated_home: Path, shop: Path):
    (isolated_home / ".claude").mkdir()
    (isolated_home / ".claude" / "settings.json").write_text('{"hooks": ')

    found = said(command_line, shop)

    assert found[0].startswith("Claude Code's settings cannot be read: ")
    assert found[1:] == ["Next: context-sync doctor shows what is wrong."]


def test_with_the_plugin_alone_it_is_installed(command_line: CommandLine, isolated_home: Path, shop: Path):
    machine.install_plugin(isolated_home)

    assert said(command_line, shop)[0] == "shop, branch main: no session is live."


def test_alone_it_says_who_is_here(command_line: CommandLine, the_stage: Stage, shop: Path, worktree: Path):
    command_line("init")
    nobody = said(command_line, shop)
    the_stage.enter("one", shop)
    one = said(command_line, worktree)

    assert nobody == [
        "shop, branch main: no session is live.",
        "Next: claude as usual; with a second session there will be something to see.",
    ]
    assert one[0] == "shop-rounding, branch rounding: one session is live."
    assert re.fullmatch(f"  one  main +active {stage.LATELY}", one[1])
    assert one[-1].startswith("Next: claude in a second terminal")


def test_conflicts_and_unread_messages_come_before_the_next_command(
    command_line: CommandLine, the_stage: Stage, shop: Path, worktree: Path, tmp_path: Path
):
    command_line("init")
    edit(the_stage.enter("one", shop), "invoice.py", "return 1", "return 10")
    edit(the_stage.enter("two", worktree), "invoice.py", "return 1", "return 11")
    the_stage.enter("three", stage.repository(tmp_path / "other"))
    command_line("send", "one", "hello", cwd=shop)

    found = said(command_line, shop)

    assert found[0] == "shop, branch main: 2 sessions are live, 1 elsewhere."
    assert found[3:] == [
        "1 conflict: Invoice.total in invoice.py.",
        "Unread: 1 message to sessions here.",
        "Next: context-sync status shows both sides of each conflict.",
    ]


def test_many_sessions_fit_on_the_screen(command_line: CommandLine, the_stage: Stage, shop: Path):
    command_line("init")
    for number in range(5):
        the_stage.enter(f"session {number} with a rather long name that goes on and on", shop)

    found = said(command_line, shop)

    assert found[4] == "  and 2 more"
    assert found[-1] == "Next: context-sync watch shows all of it live."


def test_mail_to_the_user_and_crashes_have_a_command_of_their_own(
    command_line: CommandLine, the_stage: Stage, shop: Path
):
    command_line("init")
    player = the_stage.enter("one", shop)
    environment = {**player.environment, "CLAUDE_CODE_SESSION_ID": player.session, "CLAUDECODE": "1"}
    environment |= {"PYTHONPATH": str(CHECKOUT)}
    assert command_line("send", "@user", "done", cwd=shop, env=environment).returncode == 0
    mail = said(command_line, shop)
    crash_log.record_crash("Stop", ValueError("oh"))
    crash = said(command_line, shop)

    assert "Unread: 1 message to you." in mail
    assert mail[-1] == "Next: context-sync inbox shows the messages to you."
    assert crash[-1] == "Next: context-sync doctor shows what failed."


def test_without_git_it_names_the_folder(command_line: CommandLine, the_stage: Stage, tmp_path: Path):
    command_line("init")
    folder = tmp_path / "plain"
    folder.mkdir()
    simulation.play(the_stage.enter("one", folder), "UserPromptSubmit", prompt="go")

    assert said(command_line, folder)[0] == "plain: one session is live."


def test_a_state_folder_that_cannot_be_used_leads_to_the_doctor(
    command_line: CommandLine, isolated_home: Path, shop: Path
):
    command_line("init")
    sessions = isolated_home / ".claude" / "context-sync" / "sessions"
    (sessions / "x.json").mkdir(parents=True)
    subprocess.run(["rm", "-r", sessions], check=True)
    sessions.symlink_to(sessions)

    done = command_line(cwd=shop)

    assert done.returncode == 1
    assert done.stderr.endswith("`context-sync doctor` says what to do.\n")
