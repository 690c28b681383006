import json
import os
import resource
import shutil
import stat
import subprocess
from importlib.util import cache_from_source
from pathlib import Path

import pytest

from context_sync.claude.install import hooks_entry, mcp_entry, settings_file
from context_sync.errors import ContextSyncError
from tests.rehearse import CHECKOUT, CommandLine

EVENTS = [hook.event for hook in hooks_entry.EVENTS]


@pytest.fixture
def claude(isolated_home: Path) -> Path:
    folder = isolated_home / ".claude"
    folder.mkdir()
    return folder


def tree(folder: Path) -> dict[str, object]:
    return {
        str(path.relative_to(folder)): os.readlink(path)
        if path.is_symlink()
        else (path.stat().st_mode, path.read_bytes() if path.is_file() else None)
        for path in folder.rglob("*")
    }


NEXT = "Next: use claude as usual. Sessions that are already open are included.\n"


def registered(file: Path) -> list[str]:
    return list(hooks_entry.registered(file.read_text()))


def test_on_a_fresh_machine_init_makes_the_settings_and_a_second_run_changes_nothing(
    command_line: CommandLine, isolated_home: Path
):
    first = command_line("init")
    after = tree(isolated_home)
    second = command_line("init")

    file = isolated_home / ".claude" / "settings.json"
    servers = file.with_name(".claude.json")
    put = f"Added the hooks to {file}.\nAdded the MCP server to {servers}.\n{NEXT}"
    assert (first.returncode, first.stdout, first.stderr) == (0, put, "")
    assert registered(file) == EVENTS
    assert mcp_entry.registered(servers.read_text()) == [("mcpServers",)]
    assert (second.returncode, second.stdout) == (
        0,
        f"{file} already has the hooks: nothing changed.\n{servers} already has the MCP server: nothing changed.\n",
    )
    assert tree(isolated_home) == after


def test_everything_that_init_makes_is_private(command_line: CommandLine, claude: Path):
    (claude / "settings.json").write_text("{}")
    (claude / "settings.json").chmod(0o644)
    command_line("init")

    made = {path: stat.S_IMODE(path.stat().st_mode) for path in (claude / "context-sync").rglob("*")}
    assert len(made) == 4
    assert {mode for path, mode in made.items() if path.is_dir()} == {0o700}
    assert {mode for path, mode in made.items() if path.is_file()} == {0o600}
    assert stat.S_IMODE((claude / "settings.json").stat().st_mode) == 0o644
    assert stat.S_IMODE((claude / ".claude.json").stat().st_mode) == 0o600


def test_a_dry_run_shows_the_change_and_writes_nothing(command_line: CommandLine, isolated_home: Path, claude: Path):
    (claude / "settings.json").write_text('{\n  "model": "opus"\n}\n')
    before = tree(isolated_home)

    done = command_line("init", "--dry-run")

    assert done.returncode == 0
    assert '-  "model": "opus"\n+  "model": "opus",\n+  "hooks": {\n' in done.stdout
    assert tree(isolated_home) == before


def test_the_hooks_go_next_to_what_is_there_and_a_moved_installation_replaces_its_own(
    command_line: CommandLine, claude: Path
):
    theirs = {"hooks": [{"type": "command", "command": "make lint"}]}
    old = hooks_entry.groups_for("/gone/hooks", "/gone/python")["Stop"]
    file = claude / "settings.json"
    file.write_text(json.dumps({"hooks": {"Stop": [theirs, old, theirs]}, "unknown": [1]}, indent=4))

    command_line("init")

    after = json.loads(file.read_text())
    assert after["unknown"] == [1]
    assert [group == theirs for group in after["hooks"]["Stop"]] == [True, False, True]
    assert "/gone" not in file.read_text()


def test_a_link_to_a_file_elsewhere_stays_a_link(command_line: CommandLine, claude: Path, tmp_path: Path):
    target = tmp_path / "dotfiles" / "claude.json"
    target.parent.mkdir()
    target.write_text("{}")
    target.chmod(0o640)
    (claude / "settings.json").symlink_to("../../dotfiles/claude.json")

    assert command_line("init").returncode == 0

    assert os.readlink(claude / "settings.json") == "../../dotfiles/claude.json"
    assert registered(target) == EVENTS
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert os.listdir(target.parent) == ["claude.json"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(b'{"model": ', "not valid JSON", id="broken JSON"),
        pytest.param(b'{"hooks": []}', '"hooks" is not an object', id="hooks of the wrong shape"),
        pytest.param(b'{"model": "\xff"}', "not UTF-8", id="not UTF-8"),
    ],
)
@pytest.mark.parametrize("command", ["init", "uninstall"])
def test_a_file_that_the_client_would_not_read_is_refused_in_one_sentence(
    command_line: CommandLine, isolated_home: Path, claude: Path, content: bytes, reason: str, command: str
):
    (claude / "settings.json").write_bytes(content)
    before = tree(isolated_home)

    done = command_line(command)

    assert done.returncode == 1
    assert done.stderr.startswith(f"context-sync: {claude / 'settings.json'} cannot be used: ")
    assert reason in done.stderr
    assert done.stderr.count("\n") == 1
    assert tree(isolated_home) == before


@pytest.mark.parametrize("kind", ["file", "folder", "folder without the file"])
def test_read_only_means_hands_off_even_for_root(
    command_line: CommandLine, isolated_home: Path, claude: Path, kind: str
):
    file = claude / "settings.json"
    if kind != "folder without the file":
        file.write_text("{}")
    locked = file if kind == "file" else claude
    locked.chmod(0o400 if kind == "file" else 0o500)
    before = tree(isolated_home)

    done = command_line("init")

    assert (done.returncode, done.stderr) == (
        1,
        f"context-sync: {locked} is read-only, so nothing was changed: make it writable.\n",
    )
    assert tree(isolated_home) == before
    locked.chmod(0o700)


def test_what_a_killed_process_left_goes_with_the_next_one(command_line: CommandLine, isolated_home: Path):
    old, new, theirs = (
        isolated_home / ".claude" / f".settings.json.{end}" for end in ("context-sync-a", "context-sync-b", "x")
    )
    old.parent.mkdir()
    for file in (old, new, theirs):
        file.touch()
    for file in (old, theirs):
        os.utime(file, (0, 0))
    assert command_line("init").returncode == 0
    assert [file.exists() for file in (old, new, theirs)] == [False, True, True]


NO_FILES = {
    "a folder": "is not a regular file, so nothing was changed: move it away.",
    "a pipe": "is not a regular file, so nothing was changed: move it away.",
    "a link to itself": "cannot be read (Too many levels of symbolic links), so nothing was changed: make it readable.",
    "a folder that is a file": "cannot be read (Not a directory), so nothing was changed: make it readable.",
}


@pytest.mark.parametrize("kind", NO_FILES)
def test_what_is_no_file_is_refused(command_line: CommandLine, isolated_home: Path, kind: str):
    file = isolated_home / ".claude" / "settings.json"
    if kind == "a folder that is a file":
        file.parent.write_text("")
    else:
        file.parent.mkdir()
        make = {"a folder": Path.mkdir, "a pipe": os.mkfifo, "a link to itself": lambda at: at.symlink_to(at)}
        make[kind](file)

    done = command_line("init")

    assert done.returncode == 1
    assert done.stderr.endswith(f"settings.json {NO_FILES[kind]}\n")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("largest", "known"),
    [
        pytest.param(100, False, id="no room for the backup"),
        pytest.param(1000, False, id="none for the settings"),
        pytest.param(1000, True, id="none for the settings at an upgrade"),
    ],
)
def test_a_full_disk_leaves_everything_as_it_was(
    command_line: CommandLine, isolated_home: Path, largest: int, known: bool
):
    if known:
        command_line("init")
        file = isolated_home / ".claude" / "settings.json"
        file.write_text(file.read_text().replace('"timeout": 5', '"timeout": 6'))
    before = tree(isolated_home)

    def fill() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))

    # Python would leave a part of what it compiles under the limit, for everybody.
    environment = os.environ | {"PYTHONPATH": str(CHECKOUT), "PYTHONDONTWRITEBYTECODE": "1"}
    done = command_line("init", preexec_fn=fill, env=environment)

    assert done.returncode == 1
    assert done.stderr.endswith(
        "cannot be written (File too large), so nothing was changed: solve that, and run this again.\n"
    )
    assert tree(isolated_home) == before


def test_a_change_by_somebody_else_meanwhile_is_not_overwritten(claude: Path):
    file = claude / "settings.json"
    file.write_text("{}")
    found = settings_file.read(str(file))
    file.write_text('{"model": "opus"}')

    with pytest.raises(ContextSyncError, match="changed by somebody else meanwhile"):
        settings_file.replace(found, b'{"hooks": {}}')

    assert file.read_text() == '{"model": "opus"}'
    assert os.listdir(claude) == ["settings.json"]


@pytest.mark.parametrize("where", ["main", "main/sub", "worktree"])
def test_a_project_is_its_main_worktree_wherever_one_stands(
    command_line: CommandLine, isolated_home: Path, tmp_path: Path, where: str
):
    for command in (
        "init -q main",
        "-C main commit -q --allow-empty -m start",
        "-C main worktree add -q ../worktree",
    ):
        subprocess.run(["git", *command.split()], cwd=tmp_path, check=True, capture_output=True)
    (tmp_path / "main" / "sub").mkdir()

    command_line("init", "--scope", "project", cwd=tmp_path / where)

    assert registered(tmp_path / "main" / ".claude" / "settings.local.json") == EVENTS
    assert not (isolated_home / ".claude" / "settings.json").exists()
    assert not (tmp_path / "worktree" / ".claude").exists()


def test_without_git_a_project_is_the_folder_one_stands_in(command_line: CommandLine, tmp_path: Path):
    folder = tmp_path / "plain"
    folder.mkdir()

    command_line("init", "--scope", "project", cwd=folder)

    assert registered(folder / ".claude" / "settings.local.json") == EVENTS


def test_after_init_no_hook_has_anything_to_compile(command_line: CommandLine, tmp_path: Path):
    installed = tmp_path / "installed"
    shutil.copytree(CHECKOUT / "context_sync", installed / "context_sync", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(CHECKOUT / "hooks", installed / "hooks")

    done = command_line("init", env=os.environ | {"PYTHONPATH": str(installed)}, cwd=installed)

    assert done.returncode == 0
    sources = list((installed / "context_sync").rglob("*.py"))
    assert sources
    assert [source for source in sources if not Path(cache_from_source(str(source))).exists()] == []
