import json
import re
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from context_sync.claude.hooks.simulation import Player
from context_sync.views import documents
from tests.cli import stage
from tests.cli.stage import LATELY, Stage
from tests.rehearse import CommandLine
from tests.summaries.records import Conversation


@pytest.fixture
def discounts(the_stage: Stage, shop: Path, isolated_home: Path) -> Player:
    """A live session that was asked something, decided something, and changed something."""
    player = the_stage.enter("discounts", shop)
    stage.edit(player, "invoice.py", "return 1", "return 10")
    talk = Conversation().prompt("Add discounts to invoices").ask("Which kind?", "percent")
    talk.edit(str(shop / "invoice.py"), "-return 1", "+return 10").run("pytest", "1 failed", 1).reply("Shall I fix it?")
    talk.write(isolated_home / f"{player.session}.jsonl")
    return player


def shown(command_line: CommandLine, *arguments: str) -> Any:
    done = command_line(*arguments, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def test_show_says_what_a_session_is_doing(command_line: CommandLine, discounts: Player) -> None:
    page = command_line("show", "discounts").stdout
    lines = page.splitlines()
    assert lines[:2] == ["discounts (idle, branch main)", discounts.folder]
    assert lines[2:4] == ["", "Add discounts to invoices"]
    assert "\nDecided:\n  - Which kind? percent\n" in page
    assert "\nFiles changed:\n  - invoice.py +1 -1: Invoice.total\n" in page
    assert "\nTests run:\n  - pytest: failed with 1, 1 failed\n" in page
    assert "\nOpen questions:\n  - Shall I fix it?\n" in page
    assert max(map(len, lines[2:])) <= 80
    above, age = re.split(r"\nSummary from the transcript, ", page)
    assert re.fullmatch(r"\d+ (h|days) ago\.\n", age)
    assert command_line("show", discounts.session[:6]).stdout.startswith(above)  # an hour may be full meanwhile


@pytest.mark.parametrize("arguments", [["show", "discounts"], ["changes"]], ids=["show", "changes"])
def test_claude_is_shown_whose_words_these_are_and_absolute_times(
    command_line: CommandLine, shop: Path, discounts: Player, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.setenv("CLAUDE_CODE_SESSION_ID", discounts.session)
    page = command_line(*arguments, cwd=shop).stdout
    assert documents.NOTE in page.replace("\n", " ")
    assert re.search(r"at \d{4}-\d\d-\d\dT", page)
    assert " ago" not in page


def test_show_as_json_is_what_the_tool_gives(command_line: CommandLine, discounts: Player) -> None:
    found = shown(command_line, "show", discounts.session)
    assert (found["task"], found["status"], found["blockers"]) == (
        "Add discounts to invoices",
        "idle",
        ["`pytest` ended with 1: 1 failed"],
    )
    assert found.keys() == {*documents.SessionContext.__required_keys__}


def test_a_session_that_ended_is_shown_too(
    command_line: CommandLine, isolated_home: Path, shop: Path, discounts: Player
) -> None:
    with ExitStack() as cast:
        gone = Stage(isolated_home, cast).enter("rounding", shop)
    Conversation().prompt("Round everything").write(isolated_home / f"{gone.session}.jsonl")
    command_line("status")
    found = shown(command_line, "show", "rounding")
    assert (found["status"], found["task"]) == ("ended", "Round everything")
    assert discounts.session != gone.session


def test_an_unknown_session_is_an_expected_failure(command_line: CommandLine, discounts: Player) -> None:
    done = command_line("show", "nobody")
    assert done.returncode == 1
    assert done.stderr.startswith("context-sync: no session is called 'nobody'. Live are:")
    assert f"\n  {discounts.session[:8]}  discounts" in done.stderr


def test_changes_lists_what_was_changed_and_decided(command_line: CommandLine, shop: Path, discounts: Player) -> None:
    page = command_line("changes", cwd=shop).stdout
    assert page.splitlines()[0] == str(shop)
    assert re.search(rf"- invoice\.py \+1 -1: Invoice\.total by discounts {LATELY}", page.replace("\n    ", " "))
    assert "- Which kind? percent (discounts, " in page.replace("\n    ", " ")
    found = shown(command_line, "changes", "--project", "shop")
    assert [(file["path"], file["session"], file["added"]) for file in found["files"]] == [
        ("invoice.py", discounts.session, 1)
    ]
    assert [row["decision"] for row in found["decisions"]] == ["Which kind? percent"]


def test_a_command_that_wrote_a_file_is_counted_by_git(
    command_line: CommandLine, shop: Path, isolated_home: Path, discounts: Player
) -> None:
    (isolated_home / f"{discounts.session}.jsonl").unlink()
    found = shown(command_line, "changes", "--project", str(shop))
    assert [(file["path"], file["added"], file["removed"]) for file in found["files"]] == [("invoice.py", 1, 1)]


def test_where_nothing_was_changed_it_says_so(command_line: CommandLine, tmp_path: Path) -> None:
    page = command_line("changes", cwd=tmp_path).stdout
    assert page.replace("\n", " ") == f"No session has changed or decided anything in {tmp_path} recently. "


def test_an_unknown_project_is_an_expected_failure(command_line: CommandLine, discounts: Player) -> None:
    done = command_line("changes", "--project", "nothing")
    assert done.returncode == 1
    assert done.stderr == (
        "context-sync: 'nothing' is neither a folder nor a repository with live sessions. "
        f"These are: {discounts.folder}.\n"
    )
