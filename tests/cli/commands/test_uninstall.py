import json
import os
from pathlib import Path

import pytest

from context_sync.claude.install import hooks_entry
from tests.cli.commands.test_init import tree
from tests.rehearse import CommandLine

ODD = b'\xef\xbb\xbf{"b": 1e400,\r\n\t"a":[ 1,2 ],  "hooks" : {"Stop":[ ]}}\r\n\r\n'


@pytest.fixture
def file(isolated_home: Path) -> Path:
    return isolated_home / ".claude" / "settings.json"


@pytest.mark.parametrize("before", [None, b"", b"{}", ODD], ids=["no file", "empty", "braces", "odd layout"])
@pytest.mark.parametrize("runs", [1, 2])
def test_the_settings_become_what_they_were_to_the_byte(
    command_line: CommandLine, isolated_home: Path, file: Path, before: bytes | None, runs: int
):
    if before is not None:
        file.parent.mkdir()
        file.write_bytes(before)
    untouched = tree(isolated_home)

    for _ in range(runs):
        assert command_line("init").returncode == 0
    done = command_line("uninstall")

    servers = f"Deleted {file.with_name('.claude.json')}.\n"
    assert done.stdout == f"{'Deleted' if before is None else 'Restored'} {file}.\n{servers}"
    assert tree(isolated_home) == untouched


def test_an_upgrade_in_between_does_not_lose_what_was_there_first(command_line: CommandLine, file: Path):
    file.parent.mkdir()
    file.write_bytes(ODD)
    command_line("init")
    current = json.loads(file.read_text("utf-8-sig"))["hooks"]["Stop"][0]["hooks"][0]["command"]
    file.write_bytes(file.read_bytes().replace(json.dumps(current)[1:-1].encode(), b": context-sync; old"))

    command_line("init")
    command_line("uninstall")

    assert file.read_bytes() == ODD.replace(b"[ ]", b"[]")


def test_what_was_added_meanwhile_stays_and_only_ours_goes(command_line: CommandLine, file: Path):
    command_line("init")
    changed = json.loads(file.read_text())
    theirs = {"hooks": [{"type": "command", "command": "make lint"}]}
    changed["hooks"]["Stop"].insert(0, theirs)
    changed["model"] = "opus"
    file.write_text(json.dumps(changed, indent=2))

    done = command_line("uninstall")

    assert done.stdout.splitlines()[0] == f"Removed the hooks from {file}."
    assert file.read_text() == json.dumps({"hooks": {"Stop": [theirs]}, "model": "opus"}, indent=2)


def test_a_file_of_ours_that_was_laid_out_again_is_still_deleted(command_line: CommandLine, file: Path):
    command_line("init")
    file.write_text(json.dumps(json.loads(file.read_text())))

    assert command_line("uninstall").stdout.splitlines()[0] == f"Deleted {file}."
    assert not file.exists()


def test_without_the_backup_our_entries_still_go(command_line: CommandLine, file: Path):
    file.parent.mkdir()
    file.write_text('{\n  "model": "opus"\n}\n')
    command_line("init")
    for path in (file.parent / "context-sync" / "backups").iterdir():
        path.write_text("{")

    assert command_line("uninstall").returncode == 0
    assert file.read_text() == '{\n  "model": "opus"\n}\n'


def test_every_project_that_was_set_up_is_cleaned_from_anywhere(
    command_line: CommandLine, isolated_home: Path, tmp_path: Path
):
    projects = [tmp_path / name for name in ("one", "two", "deleted since")]
    for project in projects:
        project.mkdir()
        command_line("init", "--scope", "project", cwd=project)
    (projects[2] / ".claude" / "settings.local.json").unlink()

    done = command_line("uninstall")

    servers = isolated_home / ".claude" / ".claude.json"
    assert sorted(done.stdout.splitlines()) == sorted(
        [f"Deleted {servers}.", *(f"Deleted {project}/.claude/settings.local.json." for project in projects[:2])]
    )
    assert [os.listdir(project) for project in projects] == [[], [], []]
    assert list(isolated_home.iterdir()) == []


def test_one_unusable_file_does_not_keep_the_others(command_line: CommandLine, file: Path, tmp_path: Path):
    command_line("init", "--scope", "project")
    command_line("init")
    local = tmp_path / ".claude" / "settings.local.json"
    local.write_text("{")

    done = command_line("uninstall", "--purge")

    assert done.returncode == 1
    assert done.stderr.startswith(f"context-sync: {local} cannot be used: ")
    assert not file.exists()
    assert (file.parent / "context-sync" / "backups").is_dir()


def test_the_data_is_kept_and_named_and_goes_with_purge(command_line: CommandLine, isolated_home: Path, file: Path):
    command_line("init")
    data = [
        file.parent / "context-sync" / "sessions" / "1.json",
        isolated_home / ".local" / "state" / "context-sync" / "context-sync.log",
        isolated_home / ".config" / "context-sync" / "config.toml",
    ]
    for path in data:
        path.parent.mkdir(parents=True)
        path.write_text("{}")

    kept = command_line("uninstall")
    present = [path.exists() for path in data]
    purged = command_line("uninstall", "--purge")

    named = [str(data[0].parents[1]), str(data[1].parent), str(data[2])]
    assert kept.stdout == (
        f"Deleted {file}.\nDeleted {file.with_name('.claude.json')}.\n"
        f"Kept: {', '.join(named)}. `context-sync uninstall --purge` deletes it.\n"
    )
    assert present == [True, True, True]
    assert purged.stdout == "No settings file contains the hooks.\n" + "".join(f"Deleted {path}.\n" for path in named)
    assert [path for path in isolated_home.rglob("*") if "context-sync" in path.name] == []


def test_a_fresh_machine_is_bare_again_after_a_purge(command_line: CommandLine, isolated_home: Path, file: Path):
    command_line("init")
    (file.parent / "context-sync" / "sessions").mkdir()

    command_line("uninstall", "--purge")

    assert list(isolated_home.iterdir()) == []


def test_other_hooks_alone_are_none_of_our_business(command_line: CommandLine, isolated_home: Path, file: Path):
    file.parent.mkdir()
    file.write_text(json.dumps({"hooks": {"Stop": [{"hooks": [{"command": f"echo {hooks_entry.LABEL}"}]}]}}))
    before = tree(isolated_home)

    done = command_line("uninstall")

    assert done.stdout == "No settings file contains the hooks.\n"
    assert tree(isolated_home) == before


SERVERS = '{"numStartups":3,"mcpServers":{},"projects":{"/a":{"allowedTools":[ ]}}}'


@pytest.mark.parametrize("scope", ["user", "project"])
@pytest.mark.parametrize("before", ["", "{}", '{\n\t"a": 1e400\n}\n', SERVERS], ids=["empty", "braces", "odd", "full"])
def test_the_servers_become_what_they_were_to_the_byte(
    command_line: CommandLine, isolated_home: Path, file: Path, before: str, scope: str
):
    file.parent.mkdir()
    servers = file.with_name(".claude.json")
    servers.write_text(before)
    untouched = tree(isolated_home)

    command_line("init", "--scope", scope)
    there = servers.read_text()
    done = command_line("uninstall")

    assert there != before
    assert f"Restored {servers}.\n" in done.stdout
    assert tree(isolated_home) == untouched


@pytest.mark.parametrize("scope", ["user", "project"])
@pytest.mark.parametrize(
    ("before", "left"),
    [
        pytest.param(None, {"numStartups": 4}, id="no file"),
        pytest.param({"numStartups": 3}, {"numStartups": 4}, id="no servers"),
        pytest.param({"mcpServers": {}}, {"mcpServers": {}, "numStartups": 4}, id="no server"),
        pytest.param(
            {"mcpServers": {"other": {"command": "x"}}},
            {"mcpServers": {"other": {"command": "x"}}, "numStartups": 4},
            id="another server",
        ),
    ],
)
def test_what_the_client_wrote_meanwhile_into_its_state_stays(
    command_line: CommandLine, file: Path, before: dict[str, object] | None, left: dict[str, object], scope: str
):
    file.parent.mkdir()
    servers = file.with_name(".claude.json")
    if before is not None:
        servers.write_text(json.dumps(before))
    command_line("init", "--scope", scope)
    servers.write_text(json.dumps({**json.loads(servers.read_text()), "numStartups": 4}, indent=2))

    done = command_line("uninstall")

    assert f"Removed the MCP server from {servers}.\n" in done.stdout
    assert json.loads(servers.read_text()) == left


def test_another_server_of_the_same_name_is_left_alone(command_line: CommandLine, isolated_home: Path, file: Path):
    file.parent.mkdir()
    servers = file.with_name(".claude.json")
    servers.write_text('{"mcpServers": {"context-sync": {"command": "node", "args": ["server.js"]}}}')
    before = tree(isolated_home)

    done = command_line("init")
    gone = command_line("uninstall")

    assert done.returncode == 1
    assert "another MCP server called context-sync: rename that one" in done.stderr
    assert gone.stdout == "No settings file contains the hooks.\n"
    assert tree(isolated_home) == before
