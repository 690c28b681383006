import ast
import errno
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import click
import pytest

from context_sync.claude.install import settings_file
from context_sync.cli import main, synopses
from context_sync.errors import ContextSyncError
from tests.cli.stage import Stage
from tests.rehearse import CHECKOUT, CommandLine


def failing(error: BaseException) -> SimpleNamespace:
    @click.command("broken")
    def command() -> None:
        raise error

    return SimpleNamespace(command=command)


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        pytest.param(ContextSyncError("no such session."), 1, "context-sync: no such session.\n", id="expected"),
        pytest.param(click.UsageError("not like this"), 2, "not like this", id="usage"),
        pytest.param(ValueError("oh"), 3, "context-sync.log: ValueError: oh\n", id="a bug"),
        pytest.param(
            OSError(errno.ENOSPC, "No space left on device", "/x"),
            1,
            "context-sync: /x: No space left on device: solve that and run this again.\n",
            id="a full disk",
        ),
        pytest.param(
            PermissionError(errno.EACCES, "Permission denied"),
            1,
            "context-sync: Permission denied: solve that and run this again.\n",
            id="what may not be written, and does not say its name",
        ),
        pytest.param(OSError(errno.EINVAL, "Invalid argument"), 3, "OSError: ", id="a call that was wrong"),
        pytest.param(KeyboardInterrupt(), 130, "", id="Ctrl-C"),
    ],
)
def test_every_error_leaves_through_one_door(monkeypatch, capsys, isolated_home, error, code, said):
    monkeypatch.setitem(sys.modules, "tests.cli.broken", failing(error))
    monkeypatch.setitem(main.COMMANDS, "broken", "tests.cli.broken")
    monkeypatch.setattr(sys, "argv", ["context-sync", "broken"])

    assert main.main() == code

    assert said in capsys.readouterr().err
    log = isolated_home / ".local" / "state" / "context-sync" / "context-sync.log"
    assert log.exists() == (code == 3)


def test_whoever_stops_reading_is_not_notified_of_a_bug(command_line: CommandLine):
    done = unread(command_line, "completion", "bash")
    assert (done.returncode, done.stderr) == (1, "")


def unread(command_line: CommandLine, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command whose output goes into a pipe that nobody reads from any more."""
    reader, writer = os.pipe()
    os.close(reader)
    done = command_line(*arguments, capture_output=False, stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    return done


def test_the_exit_code_of_a_command_is_the_exit_code(monkeypatch):
    @click.command("unwell")
    @click.pass_context
    def command(context: click.Context) -> None:
        context.exit(1)

    monkeypatch.setitem(sys.modules, "tests.cli.unwell", SimpleNamespace(command=command))
    monkeypatch.setitem(main.COMMANDS, "unwell", "tests.cli.unwell")
    monkeypatch.setattr(sys, "argv", ["context-sync", "unwell"])

    assert main.main() == 1


def test_help_lists_every_command(command_line: CommandLine):
    done = command_line("--help")

    assert done.returncode == 0
    assert [name for name in main.COMMANDS if f"\n  {name} " not in done.stdout] == []


def test_help_cuts_no_line_short_and_imports_no_command(command_line: CommandLine):
    text = command_line("--help").stdout

    assert "..." not in text.partition("\n")[2]
    assert [line for line in text.splitlines() if len(line) > 80] == []
    assert {name for found in synopses.SECTIONS.values() for name in found} == set(main.COMMANDS)


@pytest.mark.parametrize("name", main.COMMANDS)
def test_the_help_of_each_command_has_examples_that_parse(name: str):
    command = main.commands.get_command(click.Context(main.commands), name)
    synopsis = synopses.synopsis_of(name)
    assert command
    assert synopsis

    text = click.Context(command, info_name=name, terminal_width=80, max_content_width=80)
    shown = command.get_help(text)

    assert command.get_short_help_str() == synopsis.summary
    for line, _ in synopsis.examples:
        assert f"  {line}" in shown
        words = shlex.split(line.replace('eval "$(', "").replace(')"', "").partition(" | ")[0])
        assert words[:2] == ["context-sync", name]
        assert command.make_context(name, words[2:])
    assert [each for each in shown.splitlines() if len(each) > 80] == []


def test_a_command_without_a_synopsis_is_shown_as_it_is():
    assert synopses.synopsis_of("frobnicate") is None


def test_running_one_command_imports_no_other():
    code = (
        "import sys; from context_sync.cli.main import main; main();"
        "print(*(name for name in sys.modules if name.startswith('context_sync.cli.')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "uninstall"], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines()[-1].split() == [
        "context_sync.cli.synopses",
        "context_sync.cli.main",
        "context_sync.cli.commands",
        "context_sync.cli.commands.uninstall",
    ]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        pytest.param("statu", "No such command 'statu'. Did you mean `context-sync status`?", id="nearly a command"),
        pytest.param("frobnicate", "No such command 'frobnicate'.", id="nothing like one"),
    ],
)
def test_a_command_that_there_is_not_is_answered_with_the_nearest(command_line: CommandLine, name: str, said: str):
    assert command_line(name).stderr.endswith(f"Error: {said}\n")


def test_the_server_does_not_wait_for_the_user(command_line: CommandLine):
    ours, theirs = os.openpty()
    done = command_line("serve", stdin=theirs)
    os.close(ours)
    os.close(theirs)

    assert done.returncode == 1
    assert done.stderr.startswith("context-sync: Claude Code starts the server itself: run `context-sync doctor`")


@pytest.mark.parametrize("streams", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("command", ["status", "watch --once", "status --frob"])
def test_a_closed_stream_is_no_bug(isolated_home: Path, tmp_path: Path, streams: str, command: str):
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    line = f"{shlex.quote(sys.executable)} -m context_sync.cli.main {command} {streams}"
    done = subprocess.run(["sh", "-c", line], cwd=tmp_path, env=environment, capture_output=True, check=False)

    assert (done.returncode, b"Traceback" in done.stderr) == (2 if "--frob" in command else 0, False)
    assert not (isolated_home / ".local").exists()


@pytest.mark.parametrize("command", ["status", "status --json", "--help"])
def test_a_full_disk_behind_the_output_is_reported_once(tmp_path: Path, command: str):
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    line = f"{shlex.quote(sys.executable)} -m context_sync.cli.main {command} >/dev/full"
    done = subprocess.run(["sh", "-c", line], cwd=tmp_path, env=environment, capture_output=True, check=False)

    assert done.returncode == 1
    assert done.stderr == b"context-sync: No space left on device: solve that and run this again.\n"


@pytest.mark.parametrize("arguments", [["frobnicate"], ["init", "--scope", "moon"], ["init", "--frob"]])
def test_wrong_usage_exits_2_and_helps(command_line: CommandLine, arguments: list[str]):
    done = command_line(*arguments)

    assert done.returncode == 2
    assert "Usage: context-sync" in done.stderr


def test_a_reader_that_went_away_is_no_bug(command_line: CommandLine, isolated_home):
    assert unread(command_line, "init", "--help").stderr == ""
    assert list(isolated_home.iterdir()) == []


# What an error message says to do, mostly after what happened.
VERBS = "run|name|pass|give|make|delete|mend|fix|write|install|move|solve|rename|set|say|is git|leave"
REMEDY = re.compile(rf"(: |; |^['\"])({VERBS})\b|Name a|`context-sync|UNCHANGED", re.IGNORECASE)
# Nothing can be done; each of them names its own; a part of a message of `init`.
OTHERS = (
    "' '.join(failures)",
    "f'it is not UTF-8 text",
    "sending.refusal(refused)",
)


def messages(path: Path) -> Iterator[str]:
    """Yield the messages of the errors that a module raises, as they stand in its source."""
    for function in ast.walk(ast.parse(path.read_text())):
        if isinstance(function, ast.FunctionDef):
            named = {
                node.targets[0].id: node.value
                for node in ast.walk(function)
                if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
            }
            for node in ast.walk(function):
                if isinstance(node, ast.Call) and ast.unparse(node.func) in ("ContextSyncError", "click.UsageError"):
                    given = node.args[0]
                    yield ast.unparse(named.get(given.id, given) if isinstance(given, ast.Name) else given)


def test_every_error_of_the_command_line_names_its_remedy():
    modules = [*(CHECKOUT / "context_sync" / "cli").rglob("*.py"), Path(str(settings_file.__file__))]
    found = [(path.name, text) for path in modules for text in messages(path)]

    assert len(found) > 20
    assert [each for each in found if not REMEDY.search(each[1]) and not each[1].startswith(OTHERS)] == []


@pytest.fixture
def gone(tmp_path: Path) -> str:
    """A folder that is there no more for what a shell runs in it."""
    folder = tmp_path / "gone"
    folder.mkdir()
    return f"cd {shlex.quote(str(folder))} && rmdir {shlex.quote(str(folder))} && "


def run_in(place: str, words: str) -> subprocess.CompletedProcess[str]:
    line = f"{place}exec {shlex.quote(sys.executable)} -m context_sync.cli.main {words}"
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    return subprocess.run(["/bin/sh", "-c", line], env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "words",
    [
        *("", "log", "log --path=x", "who x", "who --symbol=x", "resolve --all", "resolve x", "check", "changes"),
        *("send @all x", "init --scope=project"),
    ],
)
def test_what_needs_a_folder_that_was_deleted_says_what_to_do(gone: str, words: str):
    done = run_in(gone, words)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "context-sync: the folder that you are in was deleted: `cd` to one that exists.\n"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        pytest.param("status", 0, "No Claude Code session is live.", id="status"),
        pytest.param("log --all", 0, "No edits recorded.", id="log --all"),
        pytest.param("watch --once", 0, "no live sessions", id="watch"),
        pytest.param("inbox", 0, "There are no messages.", id="inbox"),
        pytest.param("sent", 0, "No messages sent.", id="sent"),
        pytest.param("search x", 0, "No message contains all of these words.", id="search"),
        pytest.param("statusline --session x", 0, "", id="statusline"),
        pytest.param("doctor", 1, "No hook is registered", id="doctor"),
        pytest.param("init", 0, "Added the hooks to", id="init"),
        pytest.param("uninstall", 0, "No settings file contains the hooks.", id="uninstall"),
    ],
)
def test_what_needs_no_folder_works_where_it_was_deleted(gone: str, words: str, code: int, said: str):
    done = run_in(gone, words)
    assert (done.returncode, done.stderr) == (code, "")
    assert said in done.stdout


def test_a_session_is_notified_of_something_from_a_folder_that_was_deleted(gone: str, the_stage: Stage, shop: Path):
    session = the_stage.enter("api", shop).session
    done = run_in(gone, f"send {session[:8]} hello")
    assert (done.returncode, done.stderr) == (0, "")
    assert 'for session "api", which reads it' in done.stdout
