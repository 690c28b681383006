import json
import os
import pty
import re
import signal
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from context_sync.claude.hooks import simulation
from context_sync.cli import output
from context_sync.domain.conflicts import LEVELS
from tests.cli.stage import LATELY, Stage, edit, git, output_on, repository
from tests.rehearse import CommandLine

SESSION_KEYS = ["id", "name", "live", "repository", "worktree", "branch", "cwd", "pid", "entrypoint"]
TIME_KEYS = ["started", "last_seen", "ended"]
CONFLICT_KEYS = ["sessions", "repository", "path", "level", "symbols", "settled", "worktrees", "changed", "dependency"]
DEPENDENCY_KEYS = ["definition", "definition_path", "altered_by", "way", "user", "line", "confidence"]


def read(command_line: CommandLine, *options: str, **more: object) -> dict[str, Any]:
    done = command_line("status", "--json", *options, **more)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def show(command_line: CommandLine, *options: str, **more: object) -> str:
    done = command_line("status", *options, **more)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_without_a_session_it_says_so_and_what_to_do_next(command_line: CommandLine):
    assert read(command_line) == {"sessions": [], "conflicts": []}
    before = show(command_line)
    command_line("init")
    after = show(command_line)

    assert before.startswith("No Claude Code session is live.\n")
    assert "run `context-sync init`" in before
    assert after.startswith("No Claude Code session is live.\n")
    assert "context-sync init" not in after
    assert "`context-sync demo`" in after


def test_the_json_tells_sessions_and_conflicts_as_documented(
    command_line: CommandLine, the_stage: Stage, shop: Path, tmp_path: Path
):
    git(shop, "worktree", "add", "-b", "rounding", str(tmp_path / "other"))
    began = int(time.time())
    one = the_stage.enter("discounts", shop)
    other = the_stage.enter("rounding", tmp_path / "other")
    edit(one, "invoice.py", "return 1", "return 1 - 0")
    edit(other, "invoice.py", "return 1", "return round(1)")

    found = read(command_line)

    assert [list(each) for each in found["sessions"]] == [SESSION_KEYS + TIME_KEYS] * 2
    assert [list(each) for each in found["conflicts"]] == [CONFLICT_KEYS]
    first, second = found["sessions"]
    assert {key: first[key] for key in SESSION_KEYS} == {
        "id": one.session,
        "name": "discounts",
        "live": True,
        "repository": str(shop / ".git"),
        "worktree": str(shop),
        "branch": "main",
        "cwd": str(shop),
        "pid": one.pid,
        "entrypoint": "cli",
    }
    assert (second["repository"], second["worktree"]) == (str(shop / ".git"), str(tmp_path / "other"))
    assert (second["branch"], second["ended"]) == ("rounding", None)
    (conflict,) = found["conflicts"]
    assert conflict["sessions"] == [one.session, other.session]
    assert (conflict["path"], conflict["symbols"], conflict["settled"]) == ("invoice.py", ["Invoice.total"], False)
    assert conflict["level"] in LEVELS[1:]
    assert conflict["worktrees"] == [str(shop), str(tmp_path / "other")]
    times = [first["started"], first["last_seen"], *conflict["changed"]]
    assert all(began <= datetime.fromisoformat(each).timestamp() <= time.time() for each in times)
    assert all(datetime.fromisoformat(each).utcoffset() is not None for each in times)


def test_the_help_names_every_key_of_the_json(command_line: CommandLine):
    text = command_line("status", "--help").stdout

    assert [
        key for key in [*SESSION_KEYS, *TIME_KEYS, *CONFLICT_KEYS, *DEPENDENCY_KEYS] if f'"{key}"' not in text
    ] == []


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        pytest.param(
            [("invoice.py", "return 1", "return 10"), ("invoice.py", "return 10", "return 11")],
            [("invoice.py", "symbol", ["Invoice.total"])],
            id="the same method",
        ),
        pytest.param(
            [("invoice.py", "return 1", "return 10"), ("invoice.py", "return 2", "return 3")],
            [("invoice.py", "file", [])],
            id="two methods of one file",
        ),
        pytest.param(
            [("notes.txt", "one", "1"), ("notes.txt", "two", "2")],
            [("notes.txt", "file", [])],
            id="a file without definitions",
        ),
        pytest.param([("invoice.py", "return 1", "return 10"), ("notes.txt", "two", "2")], [], id="two files"),
    ],
)
def test_two_sessions_in_one_checkout_conflict_where_they_do(
    command_line: CommandLine, the_stage: Stage, shop: Path, edits: list[tuple[str, str, str]], expected: list[object]
):
    for title, (path, old, new) in zip(["one", "other"], edits, strict=True):
        edit(the_stage.enter(title, shop), path, old, new)

    found = read(command_line)["conflicts"]

    assert [(each["path"], each["level"], each["symbols"]) for each in found] == expected
    assert [each["settled"] for each in found] == [False] * len(expected)
    text = show(command_line)
    assert ("sessions are live, without conflicts." in text) == (not expected)
    assert ("Conflicts" in text) == bool(expected)


def test_a_use_of_what_the_other_changed_in_another_file_is_shown(
    command_line: CommandLine, the_stage: Stage, shop: Path, tmp_path: Path
):
    (shop / "area.py").write_text("def area(w, h):\n    return w * h\n")
    (shop / "room.py").write_text("from area import area\n\n\ndef room():\n    return 1\n")
    git(shop, "add", ".")
    git(shop, "commit", "-m", "rooms")
    git(shop, "worktree", "add", "-b", "rooms", str(tmp_path / "other"))
    changes, uses = the_stage.enter("changes", shop), the_stage.enter("uses", tmp_path / "other")
    edit(changes, "area.py", "w, h", "w, h, unit")
    edit(uses, "room.py", "return 1", "return area(1, 2)")

    (conflict,) = read(command_line)["conflicts"]
    text = " ".join(show(command_line).split())

    assert (conflict["level"], conflict["path"], conflict["settled"]) == ("dependency", "room.py", False)
    assert conflict["dependency"] == {
        "definition": "area",
        "definition_path": "area.py",
        "altered_by": changes.session,
        "way": "parameters",
        "user": "room",
        "line": 5,
        "confidence": "certain",
    }
    assert "dependency room.py “uses” uses area from area.py in room, line 5; “changes” changed its signature;" in text


def test_what_is_committed_is_settled_and_shown_only_on_request(
    command_line: CommandLine, the_stage: Stage, shop: Path
):
    edit(the_stage.enter("one", shop), "invoice.py", "return 1", "return 10")
    edit(the_stage.enter("other", shop), "invoice.py", "return 10", "return 11")
    git(shop, "commit", "--all", "-m", "both")

    (conflict,) = read(command_line)["conflicts"]
    text = show(command_line)

    assert (conflict["settled"], conflict["symbols"]) == (True, ["Invoice.total"])
    assert "sessions are live, without conflicts." in text
    assert "invoice.py" not in text
    assert "1 conflict settled: `context-sync status --all`." in text
    assert "Both changed Invoice.total; now settled." in show(command_line, "--all")


@pytest.mark.parametrize("end", ["killed", "said goodbye"])
def test_a_session_that_is_gone_is_no_ghost(command_line: CommandLine, the_stage: Stage, shop: Path, end: str):
    gone, stays = the_stage.enter("departed", shop), the_stage.enter("stays", shop)
    edit(gone, "invoice.py", "return 1", "return 10")
    edit(stays, "invoice.py", "return 10", "return 11")
    if end == "killed":
        os.kill(gone.pid, signal.SIGKILL)
        os.waitid(os.P_PID, gone.pid, os.WEXITED | os.WNOWAIT)  # still a zombie, as its parent has not looked
    else:
        simulation.play(gone, "SessionEnd", reason="other")

    found = read(command_line)
    known = {each["name"]: each for each in read(command_line, "--all")["sessions"]}

    assert [each["name"] for each in found["sessions"]] == ["stays"]
    assert found["conflicts"] == []
    assert {name: each["live"] for name, each in known.items()} == {"departed": False, "stays": True}
    assert datetime.fromisoformat(known["departed"]["ended"]).timestamp() <= time.time()
    assert "departed" not in show(command_line)
    shown = show(command_line, "--all")
    assert re.search(rf"^  departed +main +started {LATELY} +ended {LATELY}$", shown, re.MULTILINE)


def test_the_branch_is_the_one_that_is_checked_out_now(command_line: CommandLine, the_stage: Stage, shop: Path):
    the_stage.enter("one", shop)
    git(shop, "switch", "-c", "later")

    assert read(command_line)["sessions"][0]["branch"] == "later"


def test_the_repository_one_is_in_comes_first(command_line: CommandLine, the_stage: Stage, shop: Path, tmp_path: Path):
    other = repository(tmp_path / "another")
    the_stage.enter("one", shop)
    the_stage.enter("other", other)

    for here in (shop, other):
        text = show(command_line, cwd=here)
        assert text.splitlines()[2].startswith(f"{here.name}  ")


@pytest.mark.parametrize(
    "title",
    [
        pytest.param("Let every invoice of a loyal customer have a discount", id="a long title"),
        pytest.param("請求書の丸め" * 10, id="a long title of wide letters"),
    ],
)
def test_everything_fits_into_80_columns(
    command_line: CommandLine, the_stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, title: str
):
    monkeypatch.setenv("HOME", str(tmp_path))  # paths are then short
    shop = repository(tmp_path / "shop")
    git(shop, "worktree", "add", "-b", "feature/a-branch-with-a-very-long-name-indeed", str(tmp_path / "other"))
    for folder in (shop, tmp_path / "other"):
        edit(the_stage.enter(title, folder), "invoice.py", "return 1", "return 10")

    lines = show(command_line, "--all").splitlines()

    assert len(lines) > 8
    assert [line for line in lines if output.columns(line) > 80] == []


def test_conflicts_and_the_files_they_are_in_are_counted(command_line: CommandLine, the_stage: Stage, shop: Path):
    values = ["return 1", "return 10", "return 100", "return 1000"]
    for title, old, new in zip("abc", values, values[1:], strict=False):
        edit(the_stage.enter(title, shop), "invoice.py", old, new)

    assert show(command_line).startswith("3 Claude Code sessions are live, with 3 conflicts in 1 file.\n")


def test_what_is_settled_is_not_counted_as_a_conflict(command_line: CommandLine, the_stage: Stage, shop: Path):
    one, other = the_stage.enter("one", shop), the_stage.enter("other", shop)
    for path, old in (("invoice.py", "return 1"), ("notes.txt", "one")):
        edit(one, path, old, old + "0")
        edit(other, path, old + "0", old + "00")
    git(shop, "commit", "--message=both", "invoice.py")
    for options in ((), ("--all",)):
        said = show(command_line, *options)
        assert "2 Claude Code sessions are live, with 1 conflict in 1 file." in said
    git(shop, "commit", "--all", "--message=rest")
    assert "2 Claude Code sessions are live, without conflicts." in show(command_line, "--all")


def test_a_session_is_shown_under_the_name_that_it_was_just_given(
    command_line: CommandLine, the_stage: Stage, shop: Path, isolated_home: Path
):
    one = the_stage.enter("old", shop)
    title = {"type": "custom-title", "customTitle": "new", "sessionId": one.session}
    (isolated_home / f"{one.session}.jsonl").write_text(json.dumps(title, separators=(",", ":")) + "\n")
    assert [each["name"] for each in read(command_line)["sessions"]] == ["new"]


def test_two_sessions_of_one_name_are_distinguished(command_line: CommandLine, the_stage: Stage, shop: Path):
    players = [the_stage.enter("twin", shop) for _ in range(2)]

    text = show(command_line)

    assert [player.session[:8] in text for player in players] == [True, True]


def test_nothing_that_a_terminal_obeys_is_printed(command_line: CommandLine, the_stage: Stage, shop: Path):
    hostile = "notes\x1b]0;owned\x07\x9b31m.txt"
    (shop / hostile).write_text("one\ntwo\n")
    edit(the_stage.enter("one\x1b[2J", shop), hostile, "one", "1")
    edit(the_stage.enter("other", shop), hostile, "two", "2")

    text = show(command_line)

    assert "notes" in text
    assert [letter for letter in text if not letter.isprintable() and letter != "\n"] == []


def in_a_terminal(command_line: CommandLine, **environment: str) -> str:
    ours, theirs = pty.openpty()
    options = {"capture_output": False, "stdout": theirs, "env": {**os.environ, "TERM": "xterm", **environment}}
    assert command_line("status", **options).returncode == 0
    os.close(theirs)
    return output_on(ours).decode()


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [
        pytest.param({}, True, id="a terminal"),
        pytest.param({"NO_COLOR": "1"}, False, id="NO_COLOR"),
        pytest.param({"NO_COLOR": ""}, True, id="an empty NO_COLOR, which means nothing"),
        pytest.param({"TERM": "dumb"}, False, id="a dumb terminal"),
    ],
)
def test_colours_are_for_terminals_that_want_them(
    command_line: CommandLine, the_stage: Stage, shop: Path, environment: dict[str, str], coloured: bool
):
    the_stage.enter("one", shop)
    paths = {"PYTHONPATH": str(Path(__file__).resolve().parents[2])}

    assert ("\x1b[" in in_a_terminal(command_line, **paths, **environment)) == coloured
    assert "\x1b" not in show(command_line)


def test_a_broken_record_hides_nobody_else(command_line: CommandLine, the_stage: Stage, shop: Path):
    the_stage.enter("one", shop)
    sessions = Path(os.environ["CLAUDE_CONFIG_DIR"], "context-sync", "sessions")
    (sessions / "cut.json").write_text('{"id": "cu')
    (sessions / "strange.json").write_text('{"id": 7}')

    assert [each["name"] for each in read(command_line, "--all")["sessions"]] == ["one"]


def test_a_file_in_place_of_the_state_folder_is_no_bug(command_line: CommandLine, isolated_home: Path):
    (isolated_home / ".claude").mkdir()
    (isolated_home / ".claude" / "context-sync").write_text("")

    assert read(command_line) == {"sessions": [], "conflicts": []}
