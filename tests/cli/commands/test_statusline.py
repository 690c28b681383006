import json
import subprocess
from pathlib import Path

import pytest

from tests.cli.commands.test_init import tree
from tests.cli.stage import Stage
from tests.rehearse import CommandLine

THEIRS = b'{\n\t"statusLine": {"type":"command",  "command": "echo \\u0041; cat >/dev/null" },\n\t"model":"opus"\n}'


@pytest.fixture
def file(isolated_home: Path) -> Path:
    (isolated_home / ".claude").mkdir()
    return isolated_home / ".claude" / "settings.json"


def shown(file: Path, home: Path) -> str:
    command = json.loads(file.read_text())["statusLine"]["command"]
    environment = {"HOME": str(home), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(["/bin/sh", "-c", command], env=environment, input=b"{}", capture_output=True, check=True)
    assert done.stderr == b""
    return done.stdout.decode()


@pytest.mark.parametrize(
    ("before", "line", "hint"),
    [
        pytest.param(b"{}", "", False, id="none before"),
        pytest.param(THEIRS, "A\n", True, id="one before"),
        pytest.param(THEIRS.replace(b'" }', b'","refreshInterval":60 }'), "A\n", False, id="one with a time before"),
    ],
)
def test_the_status_line_is_put_in_kept_up_to_date_and_taken_out_to_the_byte(
    command_line: CommandLine, isolated_home: Path, file: Path, before: bytes, line: str, hint: bool
):
    file.write_bytes(before)
    untouched = tree(isolated_home)

    server = file.with_name(".claude.json")
    said = command_line("init", "--statusline").stdout
    assert said.startswith(f"Added the hooks and the status line to {file}.\nAdded the MCP server to {server}.\n")
    assert (f'add "refreshInterval": 5 to "statusLine" in {file}.\n' in said) == hint
    registered = file.read_bytes()
    assert shown(file, isolated_home) == line
    assert command_line("init").stdout == (
        f"{file} already has the hooks: nothing changed.\n{server} already has the MCP server: nothing changed.\n"
    )
    assert file.read_bytes() == registered
    command_line("uninstall")
    assert tree(isolated_home) == untouched


def test_what_was_changed_meanwhile_stays_and_the_line_of_before_is_back(command_line: CommandLine, file: Path):
    file.write_bytes(THEIRS)
    command_line("init", "--statusline")
    file.write_bytes(file.read_bytes().replace(b'"opus"', b'"haiku"'))
    command_line("uninstall")
    assert file.read_bytes() == THEIRS.replace(b'"opus"', b'"haiku"')


def test_it_can_be_taken_out_alone(command_line: CommandLine, file: Path):
    file.write_bytes(THEIRS)
    command_line("init")
    hooks_alone = file.read_bytes()
    command_line("init", "--statusline")
    assert file.read_bytes() != hooks_alone
    command_line("init", "--no-statusline")
    assert file.read_bytes() == hooks_alone


def test_a_status_line_of_another_kind_is_left_alone(command_line: CommandLine, file: Path):
    file.write_text('{"statusLine": {"type": "static"}}')
    done = command_line("init", "--statusline")
    assert done.returncode == 1
    assert done.stderr == (
        f'context-sync: {file} cannot be used: its "statusLine" is not a command. '
        "Nothing was changed: fix it and run this again.\n"
    )
    assert file.read_text() == '{"statusLine": {"type": "static"}}'


def test_a_project_gets_none_of_its_own(command_line: CommandLine):
    done = command_line("init", "--scope", "project", "--statusline")
    assert done.returncode == 2
    assert "would hide yours" in done.stderr


def test_the_command_prints_the_line_of_a_session(command_line: CommandLine, the_stage: Stage, shop: Path):
    one, _ = the_stage.enter("one", shop), the_stage.enter("two", shop)
    line = "⇄ 1 other live\n"
    assert command_line("statusline", "--session", one.session).stdout == line
    assert (
        command_line("statusline", input=json.dumps({"session_id": one.session}, separators=(",", ":"))).stdout == line
    )
    unknown = command_line("statusline", "--session", "nobody")
    assert (unknown.returncode, unknown.stdout, unknown.stderr) == (0, "", "")
