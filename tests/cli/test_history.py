"""The commands that look back and settle: `who`, `log` and `resolve`, over edits played through the real hooks."""

import json
from pathlib import Path

import pytest

from tests.cli.stage import Stage, edit, repository
from tests.rehearse import CommandLine


@pytest.fixture
def edited(the_stage: Stage, shop: Path) -> Path:
    """The shop after session one changed Invoice.total and session two the notes and Invoice.total, too."""
    one, two = the_stage.enter("one", shop), the_stage.enter("two", shop)
    edit(one, "invoice.py", "return 1", "return 10")
    edit(two, "notes.txt", "two", "2")
    edit(two, "invoice.py", "return 10", "return 100")
    return shop


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["invoice.py"], [("two", ["Invoice.total"]), ("one", ["Invoice.total"])], id="a file"),
        pytest.param(["invoice.py:3"], [("two", ["Invoice.total"])], id="a line in a definition"),
        pytest.param(["invoice.py:6"], [], id="a line in a definition that nobody touched"),
        pytest.param(["notes.txt:1"], [("two", [])], id="a line in no definition"),
        pytest.param(["--symbol", "Invoice.total"], [("two", ["Invoice.total"])], id="a qualified name"),
        pytest.param(["--symbol", "total"], [("two", ["Invoice.total"])], id="a bare name"),
        pytest.param(["--symbol", "otal"], [], id="the end of a name is no name"),
        pytest.param(["nowhere.py"], [], id="a file that is not there"),
    ],
)
def test_who_names_the_last_session(
    command_line: CommandLine, edited: Path, arguments: list[str], said: list[tuple[str, list[str]]]
) -> None:
    done = command_line("who", *arguments, "--json", cwd=edited)
    assert [(row["name"], row["symbols"]) for row in json.loads(done.stdout)] == said
    assert all(row["live"] for row in json.loads(done.stdout))


def test_who_says_so_when_nobody_did(command_line: CommandLine, edited: Path) -> None:
    done = command_line("who", "invoice.py:6", cwd=edited)
    assert done.stdout == "No edit of `Invoice.tax` in invoice.py is on record.\n"


@pytest.mark.parametrize(
    ("arguments", "status", "error"),
    [
        pytest.param([], 2, "Name a PATH", id="nothing asked"),
        pytest.param(["/etc/hosts"], 1, "is neither in a repository", id="a file in no repository"),
        pytest.param(["invoice.py:0"], 2, "Name a line, counted from 1", id="a line that no file has"),
        pytest.param(["gone.py:3"], 1, "cannot be read", id="a line of a file that is not there"),
    ],
)
def test_who_refuses_what_it_cannot_answer(
    command_line: CommandLine, edited: Path, arguments: list[str], status: int, error: str
) -> None:
    done = command_line("who", *arguments, cwd=edited)
    assert (done.returncode, done.stdout) == (status, "")
    assert error in " ".join(done.stderr.split())


@pytest.mark.parametrize(
    ("arguments", "edits"),
    [
        pytest.param(
            [], [("one", "invoice.py"), ("two", "notes.txt"), ("two", "invoice.py")], id="everything, oldest first"
        ),
        pytest.param(["--session", "one"], [("one", "invoice.py")], id="one session"),
        pytest.param(["--path", "notes.txt"], [("two", "notes.txt")], id="one file"),
        pytest.param(["--path", "invoice"], [], id="the beginning of a name is no file"),
        pytest.param(["--path", "otes.txt"], [], id="the end of a name is no file"),
        pytest.param(
            ["--since", "1h", "--path", "."],
            [("one", "invoice.py"), ("two", "notes.txt"), ("two", "invoice.py")],
            id="the last hour",
        ),
        pytest.param(["--since", "2999-01-01"], [], id="since a day to come"),
    ],
)
def test_log_lists_edits(
    command_line: CommandLine, edited: Path, arguments: list[str], edits: list[tuple[str, str]]
) -> None:
    done = command_line("log", *arguments, "--json", cwd=edited)
    assert [(row["name"], row["path"]) for row in json.loads(done.stdout)] == edits


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(
            [],
            "No edits recorded in this repository; `context-sync log --all` lists those of every repository.",
            id="here",
        ),
        pytest.param(["--all"], "No edits recorded.", id="anywhere"),
        pytest.param(["--since", "1h"], "No recorded edit matches.", id="lately"),
    ],
)
def test_log_says_that_there_is_nothing(command_line: CommandLine, shop: Path, arguments: list[str], said: str) -> None:
    assert command_line("log", *arguments, cwd=shop).stdout == said + "\n"


@pytest.mark.parametrize(
    "name",
    [pytest.param("three", id="unknown"), pytest.param("ne", id="the end of a name"), pytest.param("", id="none")],
)
def test_log_refuses_a_session_that_nobody_knows(command_line: CommandLine, edited: Path, name: str) -> None:
    done = command_line("log", "--session", name, cwd=edited)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"context-sync: no session is called {name!r}. Live are:")


@pytest.mark.parametrize(
    "time",
    [
        pytest.param("yesterday-ish", id="words"),
        pytest.param("9" * 400 + "d", id="longer than there was time"),
        pytest.param("0001-01-01T00:00", id="a date before all clocks"),
        pytest.param("", id="none"),
    ],
)
def test_log_refuses_a_time_that_is_none(command_line: CommandLine, edited: Path, time: str) -> None:
    done = command_line("log", f"--since={time}", cwd=edited)
    assert done.returncode == 1
    assert done.stderr == f"context-sync: {time!r} is not a time: write 30min, 2h, 3d or 2026-11-20T09:30.\n"


def conflicts(command_line: CommandLine, folder: Path) -> list[tuple[str, bool]]:
    found = json.loads(command_line("status", "--json", cwd=folder).stdout)["conflicts"]
    return [(each["path"], each["settled"]) for each in found]


@pytest.mark.parametrize("arguments", [["invoice.py"], ["--all"]], ids=["a file", "all files"])
def test_resolve_ends_a_conflict_until_somebody_edits_again(
    command_line: CommandLine, the_stage: Stage, edited: Path, arguments: list[str]
) -> None:
    assert conflicts(command_line, edited) == [("invoice.py", False)]
    done = command_line("resolve", *arguments, cwd=edited)
    assert "Resolved invoice.py." in done.stdout
    assert conflicts(command_line, edited) == [("invoice.py", True)]
    three, four = the_stage.enter("three", edited), the_stage.enter("four", edited)
    edit(three, "invoice.py", "return 100", "return 1000")
    edit(four, "invoice.py", "return 1000", "return 7")
    assert ("invoice.py", False) in conflicts(command_line, edited)


def test_resolve_says_when_there_is_nothing(command_line: CommandLine, shop: Path) -> None:
    done = command_line("resolve", "invoice.py", cwd=shop)
    assert (done.returncode, done.stdout) == (0, "No unsettled edit of invoice.py is on record: nothing to resolve.\n")


def test_resolve_takes_files_of_several_repositories(
    command_line: CommandLine, the_stage: Stage, edited: Path, tmp_path: Path
) -> None:
    other = repository(tmp_path / "other")
    edit(the_stage.enter("three", other), "notes.txt", "one", "1")
    done = command_line("resolve", str(edited / "invoice.py"), str(other / "notes.txt"), cwd=tmp_path)
    assert done.stdout == "Resolved invoice.py.\nResolved notes.txt.\n"


def test_resolve_takes_the_name_of_a_session(command_line: CommandLine, edited: Path) -> None:
    done = command_line("resolve", "notes.txt", "invoice.py", "--session", "one", "--json", cwd=edited)
    assert json.loads(done.stdout) == {"resolved": ["invoice.py"], "nothing_to_resolve": ["notes.txt"]}
    assert conflicts(command_line, edited) == [("invoice.py", True)]


def test_resolve_in_a_session_that_nobody_knows_says_what_to_do(
    command_line: CommandLine, edited: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLAUDE_CODE_SESSION_ID", "unknown")
    done = command_line("resolve", "--all", cwd=edited)
    assert (done.returncode, done.stdout) == (1, "")
    assert "pass --session, or run `context-sync doctor`" in done.stderr
    assert conflicts(command_line, edited) == [("invoice.py", False)]
