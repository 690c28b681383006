import os
import subprocess
import sys
from types import SimpleNamespace

import click
import pytest

from context_sync.cli import main
from context_sync.errors import ContextSyncError
from tests.conftest import CHECKOUT, CommandLine


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


def test_running_one_command_imports_no_other():
    code = (
        "import sys; from context_sync.cli.main import main; main();"
        "print(*(name for name in sys.modules if name.startswith('context_sync.cli.')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "uninstall"], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines()[-1].split() == ["context_sync.cli.main", "context_sync.cli.uninstall"]


@pytest.mark.parametrize("arguments", [["frobnicate"], ["init", "--scope", "moon"], ["init", "--frob"], []])
def test_wrong_usage_exits_2_and_helps(command_line: CommandLine, arguments: list[str]):
    done = command_line(*arguments)

    assert done.returncode == 2
    assert "Usage: context-sync" in done.stderr


def test_a_reader_that_went_away_is_no_bug(command_line: CommandLine, isolated_home):
    reader, writer = os.pipe()
    os.close(reader)
    done = command_line("init", "--help", capture_output=False, stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)

    assert done.stderr == ""
    assert list(isolated_home.iterdir()) == []
