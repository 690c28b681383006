import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from context_sync import crash_log as crashes
from context_sync.claude.install import status_line_entry
from context_sync.domain.records import Session
from context_sync.state import gate, sessions
from tests.hooks.test_gate import SHELLS
from tests.rehearse import CALC, HOOKS, Client, git, state

MakeClient = Callable[..., Client]


@pytest.fixture(autouse=True)
def installed(isolated_home: Path) -> None:
    """The settings as `init --statusline` leaves them: conflicts are counted only where the line is on display."""
    settings = isolated_home / ".claude" / "settings.json"
    settings.parent.mkdir(exist_ok=True)
    settings.write_text(status_line_entry.register("{}", str(HOOKS)))


def line(client: Client, before: str = "", shell: tuple[str, ...] = ("/bin/sh",), **environment: str) -> str:
    """What Claude Code shows below its prompt."""
    done = subprocess.run(
        [*shell, "-c", f". {HOOKS}/statusline"],
        input=json.dumps({"session_id": client.session, "cwd": "/"}, separators=(",", ":")),
        env=client.environment() | {"NO_COLOR": "1", "before": before} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def repository(folder: Path) -> Path:
    folder.mkdir()
    git(folder, "init", "--quiet")
    (folder / "calc.py").write_text(CALC)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=calc")
    return folder


def presence(someone: Client) -> Session:
    found = sessions.load(someone.session)
    assert found
    return found


def letter(to: Client, name: str) -> None:
    file = state("mail", to.session, "new", name)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("{}\n")


@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell_counts_others_conflicts_and_messages(client: MakeClient, project: Path, shell: tuple[str, ...]):
    first, second, third = client(), client(), client()
    assert line(first, shell=shell) == ""
    first.start()
    assert line(first, shell=shell) == ""
    second.start()
    assert line(first, shell=shell) == "⇄ 1 other live\n"
    third.start()
    first.edit(project / "calc.py", "a + b", "b + a")
    second.edit(project / "calc.py", "b + a", "a + b + 0")
    assert line(first, shell=shell) == "⇄ 2 others live · 1 conflict\n"
    assert line(second, shell=shell) == "⇄ 2 others live · 1 conflict\n"
    assert line(third, shell=shell) == "⇄ 2 others live\n"
    letter(first, "1")
    assert line(first, shell=shell) == "⇄ 2 others live · 1 conflict · 1 unread message\n"
    letter(first, "2")
    second.end()
    assert line(first, shell=shell) == "⇄ 1 other live · 2 unread messages\n"


@pytest.mark.parametrize("shell", SHELLS)
def test_a_client_that_was_killed_is_not_counted_and_nothing_of_it(
    client: MakeClient, project: Path, shell: tuple[str, ...]
):
    first, second, third = client(), client(), client()
    for each in (first, second, third):
        each.start(session_title='* "pid": 1 ? [a-z]')
    line(first, shell=shell)
    first.edit(project / "calc.py", "a + b", "b + a")
    second.edit(project / "calc.py", "b + a", "a + b + 0")
    assert line(first, shell=shell) == "⇄ 2 others live · 1 conflict\n"
    second.kill()
    assert line(first, shell=shell) == "⇄ 1 other live\n"
    third.kill()
    assert line(first, shell=shell) == ""


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"pid_space": "another/pid:[4026531999]"}, id="its pid is one of another container"),
        pytest.param({"pid_start": ""}, id="its process was never to be seen"),
        pytest.param({"pid": 0}, id="it has no pid"),
    ],
)
def test_whose_end_the_pid_does_not_tell_is_counted(client: MakeClient, change: dict[str, Any]):
    first, second = client(), client()
    for each in (first, second):
        each.start()
    second.kill()
    assert line(first) == ""
    sessions.save(presence(second)._replace(**change))
    assert line(first) == "⇄ 1 other live\n"


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("whose", [pytest.param(0, id="of this session"), pytest.param(1, id="of the other one")])
def test_without_a_marker_for_the_process_the_other_is_counted(client: MakeClient, shell: tuple[str, ...], whose: int):
    first, second = client(), client()
    for each in (first, second):
        each.start()
    second.kill()
    gate.unmark_client((first, second)[whose].session)
    assert line(first, shell=shell) == "⇄ 1 other live\n"


def test_who_comes_back_in_another_process_is_counted_again(client: MakeClient):
    first, second = client(), client()
    for each in (first, second):
        each.start()
    second.kill()
    assert line(first) == ""
    client(session=second.session).start("resume")
    assert line(first) == "⇄ 1 other live\n"


def test_the_count_follows_what_is_committed(client: MakeClient, project: Path):
    first, second = client(), client()
    for each, old, new in ((first, "a + b", "b + a"), (second, "b + a", "a + b + 0")):
        each.start()
        assert "conflict" not in line(each)
        each.edit(project / "calc.py", old, new)
    assert "1 conflict" in line(first)
    second.bash("git commit --quiet --all --message=both")
    assert line(first) == line(second) == "⇄ 1 other live\n"


def test_a_file_that_both_changed_in_different_places_is_no_conflict(client: MakeClient, project: Path):
    first, second = client(), client()
    for each, old, new in ((first, "a + b", "b + a"), (second, "a - b", "-b + a")):
        each.start()
        line(each)
        each.edit(project / "calc.py", old, new)
    assert line(first) == "⇄ 1 other live\n"


def test_the_line_writes_nothing(client: MakeClient, project: Path):
    first, second = client(), client()
    for each, old, new in ((first, "a + b", "b + a"), (second, "b + a", "a + b + 0")):
        each.start()
        each.edit(project / "calc.py", old, new)
    before = {path: path.stat().st_mtime_ns for path in (state(), *state().rglob("*"))}
    assert line(first) == "⇄ 1 other live · 1 conflict\n"
    assert {path: path.stat().st_mtime_ns for path in (state(), *state().rglob("*"))} == before


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("shell", SHELLS)
def test_who_is_met_in_two_repositories_is_counted_once(client: MakeClient, tmp_path: Path, shell: tuple[str, ...]):
    other = repository(tmp_path / "other")
    both, too, there = client(), client(), client(other)
    for each in (both, too, there):
        each.start()
    for each, old, new in ((both, "a + b", "b + a"), (too, "a - b", "-b + a")):
        each.edit(other / "calc.py", old, new)
    assert line(both, shell=shell) == line(too, shell=shell) == "⇄ 2 others live\n"


def test_conflicts_have_a_colour_unless_none_are_wanted(client: MakeClient):
    first, second = client(), client()
    for each in (first, second):
        each.start()
    state("gate", first.session, "conflicts", second.session).write_text("3\n")
    assert line(first) == "⇄ 1 other live · 3 conflicts\n"
    assert line(first, NO_COLOR="") == "⇄ 1 other live · \033[33m3 conflicts\033[39m\n"


@pytest.mark.parametrize("text", ["", "x\n", "-1\n", "1 2\n", "$(exit 1)\n", "\x1b[31m\n"])
def test_a_count_that_is_none_is_left_out(client: MakeClient, text: str):
    first, second = client(), client()
    for each in (first, second):
        each.start()
    state("gate", first.session, "conflicts", second.session).write_text(text)
    assert line(first) == "⇄ 1 other live\n"


def test_the_line_that_was_there_comes_first_and_gets_what_the_client_gives(client: MakeClient):
    first, second = client(), client()
    for each in (first, second):
        each.start()
    before = f"printf 'mine '; grep -o '{first.session}'"
    theirs = f"mine {first.session}\n"
    assert line(first, before) == theirs + "⇄ 1 other live\n"
    assert line(first, before, CLAUDE_CODE_SESSION_ID="") == theirs + "⇄ 1 other live\n"
    assert line(first, before, CONTEXT_SYNC="0") == theirs
    assert line(first, "exit 3") == "⇄ 1 other live\n"


@pytest.mark.parametrize("session", ["../../etc", "*", "a b", '"'])
def test_an_id_that_is_none_shows_nothing(client: MakeClient, session: str):
    someone = client(session=session)
    assert line(someone) == line(someone, CLAUDE_CODE_SESSION_ID="") == ""


def test_a_crash_is_shown_until_doctor_was_asked(client: MakeClient):
    someone = client()
    someone.start()
    crashes.record_crash("Stop", ValueError("x"))
    assert line(someone) == "⇄ something failed: context-sync doctor\n"
    shown = Path(crashes.file()).with_name("shown-until")
    shown.write_text("0\n")
    os.utime(shown, ns=(2**62, 2**62))
    assert line(someone) == ""


@pytest.mark.parametrize("folder", ["", "elsewhere"])
def test_the_log_is_looked_for_in_an_absolute_folder(client: MakeClient, folder: str, monkeypatch: pytest.MonkeyPatch):
    someone = client()
    someone.start()
    monkeypatch.setenv("XDG_STATE_HOME", folder)
    crashes.record_crash("Stop", ValueError("x"))
    assert line(someone) == "⇄ something failed: context-sync doctor\n"
