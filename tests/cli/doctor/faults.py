"""The faults of the doctor's tests: one for each possible finding, made by hand on a real machine."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from context_sync import crash_log, paths
from context_sync.claude import waiters
from context_sync.claude.hooks import simulation
from context_sync.claude.install import hooks_entry, registrations, status_line_entry
from context_sync.cli.doctor import installations
from context_sync.state import backups, inspection
from context_sync.state.backups import Backup
from context_sync.symbols import languages
from tests.cli import machine
from tests.cli.machine import change_settings, program
from tests.rehearse import CHECKOUT

HERE = CHECKOUT / "hooks"
GIB = 1 << 30
SLEEP = shutil.which("sleep")  # the tests have hardly anything on PATH
PYTHON = Path(sysconfig.get_path("scripts")) / "python3"  # the real one, also where the tests' measures coverage


class Ground:
    """Where a fault is made: the home folder, the project, a spare folder, and the means to take it back."""

    def __init__(self, home: Path, project: Path, spare: Path, patch: pytest.MonkeyPatch) -> None:
        self.home = home
        self.project = project
        self.spare = spare
        self.patch = patch

    @property
    def state(self) -> Path:
        return self.home / ".claude" / "context-sync"

    @property
    def settings(self) -> Path:
        return self.home / ".claude" / "settings.json"

    @property
    def tools(self) -> Path:
        return Path(os.environ["PATH"])


Fault = Callable[[Ground], object]


def groups(hooks: Path, python: Path | str = sys.executable) -> dict[str, list[hooks_entry.Group]]:
    return {event: [group] for event, group in hooks_entry.groups_for(str(hooks), str(python)).items()}


def register(ground: Ground, hooks: Path, python: Path | str = sys.executable) -> None:
    change_settings(ground.home, hooks=groups(hooks, python))


def registered(ground: Ground) -> dict[str, list[hooks_entry.Group]]:
    found: dict[str, list[hooks_entry.Group]] = json.loads(ground.settings.read_text())["hooks"]
    return found


def twin(ground: Ground) -> Path:
    """Return the hooks of another installation, which works."""
    (ground.spare / "other").symlink_to(CHECKOUT, target_is_directory=True)
    return ground.spare / "other" / "hooks"


def not_installed(ground: Ground) -> None:
    change_settings(ground.home, hooks=None)


def hooks_missing(ground: Ground) -> None:
    hooks = registered(ground)
    del hooks["PostToolUse"]
    change_settings(ground.home, hooks=hooks)


def all_hooks_off(ground: Ground) -> None:
    change_settings(ground.home, disableAllHooks=True)


def all_hooks_off_in_the_project(ground: Ground) -> None:
    (ground.project / ".claude").mkdir()
    (ground.project / ".claude" / "settings.json").write_text('{"disableAllHooks": true}')


def managed(ground: Ground, name: str, value: dict[str, object]) -> None:
    file = ground.spare / "managed" / name
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(value))
    place = ground.spare / "managed" / "managed-settings.json"
    ground.patch.setattr(registrations, "MANAGED", dict.fromkeys(registrations.MANAGED, str(place)))


def managed_hooks_only(ground: Ground) -> None:
    managed(ground, "managed-settings.json", {"allowManagedHooksOnly": True})


def managed_hooks_only_in_a_drop_in(ground: Ground) -> None:
    managed(ground, "managed-settings.d/10-hooks.json", {"allowManagedHooksOnly": True})


def managed_by_a_server(ground: Ground) -> None:
    (ground.home / ".claude" / "remote-settings.json").write_text('{"disableAllHooks": true}')


def broken_settings(ground: Ground) -> None:
    ground.settings.write_text('{"hooks": ')


def switched_off_in_the_shell(ground: Ground) -> None:
    ground.patch.setenv("CONTEXT_SYNC", "0")


def registered_twice(ground: Ground) -> None:
    hooks = registered(ground)
    hooks["Stop"] += groups(twin(ground))["Stop"]
    change_settings(ground.home, hooks=hooks)


def of_an_earlier_version(ground: Ground) -> None:
    hooks = registered(ground)
    hooks["Stop"][0]["hooks"][0]["command"] = f"{hooks_entry.LABEL} exec '{HERE}/gate' Stop"
    change_settings(ground.home, hooks=hooks)


def of_another_installation(ground: Ground) -> None:
    register(ground, twin(ground))


def gone_in_another_project(ground: Ground) -> None:
    file = ground.spare / "project" / ".claude" / "settings.local.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"hooks": groups(ground.spare / "gone")}))
    backups.save(Backup(str(file), b"", "", ()))


def committed(ground: Ground) -> None:
    (ground.project / ".claude").mkdir()
    (ground.project / ".claude" / "settings.json").write_text(json.dumps({"hooks": groups(HERE)}))


def plugin_off(ground: Ground) -> None:
    change_settings(ground.home, hooks=None)
    machine.install_plugin(ground.home, is_on=False)


def plugin_gone(ground: Ground) -> None:
    change_settings(ground.home, hooks=None)
    machine.install_plugin(ground.home)
    shutil.rmtree(ground.home / ".claude" / "plugins" / "cache")


def plugin_of_an_earlier_version(ground: Ground) -> None:
    change_settings(ground.home, hooks=None)
    machine.install_plugin(ground.home)
    file = next((ground.home / ".claude" / "plugins" / "cache").rglob("hooks.json"))
    file.write_text(json.dumps({"hooks": {"Stop": json.loads(file.read_text())["hooks"]["Stop"]}}))


def plugin_without_environment(ground: Ground) -> None:
    change_settings(ground.home, hooks=None)
    data = machine.install_plugin(ground.home, is_ready=False)
    (data / "failure").write_text("Python 3.11 or newer is needed.\n")


def no_event_ever(ground: Ground) -> None:
    shutil.rmtree(ground.state / "receipts")


def some_events(_: Ground) -> None:
    """The session that goes on has not fired all of them."""


def events(ground: Ground, seconds: float) -> None:
    for event in hooks_entry.EVENTS:
        receipt = ground.state / "receipts" / event.event
        receipt.touch()
        os.utime(receipt, (receipt.stat().st_mtime - seconds,) * 2)


def events_long_ago(ground: Ground) -> None:
    events(ground, 30 * 86400.0)


def no_batch_ever(ground: Ground) -> None:
    events(ground, 3600.0)
    (ground.state / "receipts" / "PostToolBatch").unlink()


def no_client(ground: Ground) -> None:
    (ground.tools / "claude").unlink()


def client_that_fails(ground: Ground) -> None:
    program(ground.tools / "claude", "exit 1")


def client_before_batches(ground: Ground) -> None:
    program(ground.tools / "claude", "echo '2.1.117 (Claude Code)'")


def client_before_leniency(ground: Ground) -> None:
    program(ground.tools / "claude", "echo '2.0.77 (Claude Code)'")


def client_before_the_tested_one(ground: Ground) -> None:
    program(ground.tools / "claude", "echo '2.1.118 (Claude Code)'")


def client_after_the_tested_one(ground: Ground) -> None:
    program(ground.tools / "claude", "echo '2.2.0 (Claude Code)'")


def gate_gone(ground: Ground) -> None:
    register(ground, ground.spare / "gone")


def our_copy(ground: Ground) -> Path:
    """Let this installation be a copy without the package, and register its hooks."""
    hooks = Path(shutil.copytree(HERE, ground.spare / "hooks"))
    ground.patch.setattr(paths, "hooks_folder", lambda: str(hooks))
    ground.patch.setattr(sys, "executable", str(PYTHON))
    register(ground, hooks, PYTHON)
    change_settings(ground.home, statusLine=None)
    return hooks


def gate_of_ours_gone(ground: Ground) -> None:
    (our_copy(ground) / "gate").unlink()


def interpreter(ground: Ground, text: str) -> None:
    register(ground, HERE, program(ground.spare / "python", text))


def interpreter_gone(ground: Ground) -> None:
    register(ground, HERE, ground.spare / "gone" / "python")


def interpreter_broken(ground: Ground) -> None:
    interpreter(ground, "exit 127")


def interpreter_too_old(ground: Ground) -> None:
    interpreter(ground, "echo 3 9 18")


def interpreter_upgraded(ground: Ground) -> None:
    """The link of a virtual environment leads to a Python for which nothing is installed."""
    python = ground.spare / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(PYTHON)
    register(ground, HERE, python)


def package_gone(ground: Ground) -> None:
    hooks = Path(shutil.copytree(HERE, ground.spare / "copy" / "hooks"))
    python = ground.spare / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(PYTHON)
    packages = Path(sysconfig.get_path("purelib"))
    kept = ground.spare / "venv" / "lib" / packages.parent.name / "site-packages"
    kept.mkdir(parents=True)
    (kept / "tree_sitter").symlink_to(packages / "tree_sitter")
    register(ground, hooks, python)


def a_hook_that_hangs(ground: Ground) -> None:
    hooks = ground.spare / "hooks"
    hooks.mkdir()
    (hooks / "gate").write_text(f"exec {SLEEP} 60\n")
    (hooks / "run.py").write_text("")
    ground.patch.setattr(simulation, "TIME_LIMIT", 1.0)
    register(ground, hooks)


def an_interpreter_that_hangs(ground: Ground) -> None:
    ground.patch.setattr(installations, "PATIENCE", 1.0)
    interpreter(ground, f"exec {SLEEP} 60")


def package_of_ours_gone(ground: Ground) -> None:
    our_copy(ground)


def another_version_on_path(ground: Ground) -> None:
    program(ground.tools / "context-sync", "echo 'context-sync 0.0.1'")


def another_that_does_not_start(ground: Ground) -> None:
    program(ground.tools / "context-sync", "exit 1")


def status_line_of_another(ground: Ground) -> None:
    change_settings(ground.home, statusLine={"type": "command", "command": status_line_entry.command_for("", "/gone")})


def status_line_hidden(ground: Ground) -> None:
    (ground.project / ".claude").mkdir()
    (ground.project / ".claude" / "settings.json").write_text('{"statusLine": {"type": "command", "command": "date"}}')


def servers(ground: Ground, value: object) -> None:
    (ground.home / ".claude" / ".claude.json").write_text(json.dumps(value))


def server_missing(ground: Ground) -> None:
    servers(ground, {})


def server_of_another(ground: Ground) -> None:
    entry = {"command": "/gone/python", "args": ["-I", "-m", "context_sync.cli.main", "serve"]}
    servers(ground, {"mcpServers": {"context-sync": entry}})


def server_of_the_same_name(ground: Ground) -> None:
    servers(ground, {"mcpServers": {"context-sync": {"command": "/usr/bin/other"}}})


def servers_broken(ground: Ground) -> None:
    (ground.home / ".claude" / ".claude.json").write_text("{")


def bad_configuration(ground: Ground) -> None:
    file = ground.home / ".config" / "context-sync" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text('guard = "sometimes"\n')


def no_git(ground: Ground) -> None:
    (ground.tools / "git").unlink()


def an_old_git(ground: Ground) -> None:
    (ground.tools / "git").unlink()
    program(ground.tools / "git", "echo git version 2.30.2")


def no_tree_sitter(ground: Ground) -> None:
    ground.patch.delitem(sys.modules, "context_sync.symbols.grammars", raising=False)
    ground.patch.delitem(sys.modules, "context_sync.symbols.trees", raising=False)
    ground.patch.delattr("context_sync.symbols.grammars", raising=False)
    ground.patch.setitem(sys.modules, "tree_sitter", None)


def unknown_grammar(ground: Ground) -> None:
    klingon = languages.LANGUAGES[0]._replace(grammar="klingon")
    ground.patch.setattr(languages, "LANGUAGES", (*languages.LANGUAGES, klingon))


def state_is_a_file(ground: Ground) -> None:
    shutil.rmtree(ground.state)
    ground.state.write_text("")


def state_is_a_link_to_nothing(ground: Ground) -> None:
    shutil.rmtree(ground.state)
    ground.state.symlink_to(ground.spare / "nowhere")


def state_is_a_link(ground: Ground) -> None:
    ground.state.rename(ground.spare / "elsewhere")
    ground.state.symlink_to(ground.spare / "elsewhere")


def disk_full(ground: Ground) -> None:
    found = os.statvfs(ground.home)
    full = os.statvfs_result((*found[:4], 0, *found[5:]))
    ground.patch.setattr(inspection.os, "statvfs", lambda _: full)


def no_inodes(ground: Ground) -> None:
    found = os.statvfs(ground.home)
    full = os.statvfs_result((found[0], found[1], GIB, GIB, GIB, 100, 0, 0, *found[8:]))
    ground.patch.setattr(inspection.os, "statvfs", lambda _: full)


def state_of_another_user(ground: Ground) -> None:
    ground.patch.setattr(inspection.os, "geteuid", lambda: os.getuid() + 1)


def state_open_to_others(ground: Ground) -> None:
    ground.state.chmod(0o755)


def touches_open_to_others(ground: Ground) -> None:
    for file in (ground.state / "touches").iterdir():
        file.chmod(0o644)


def a_broken_record(ground: Ground) -> None:
    file = ground.state / "sessions" / "x.json.broken"
    file.touch(mode=0o600)
    file.write_text("{")


def a_record_that_is_none(ground: Ground) -> None:
    file = ground.state / "sessions" / "x.json"
    file.touch(mode=0o600)
    file.write_text("[]")


def a_file_in_the_way(ground: Ground) -> None:
    """Where a folder belongs for each base name of which somebody edits a file."""
    [repository] = (ground.state / "repositories").iterdir()
    (repository / "held" / "notes.txt").touch(mode=0o600)


def client_that_vanished(ground: Ground) -> None:
    """A killed client says no farewell."""
    for file in (ground.state / "sessions").iterdir():
        value = json.loads(file.read_text())
        file.write_text(json.dumps({**value, "pid_start": "long ago"}))


def a_gate_of_nobody(ground: Ground) -> None:
    (ground.state / "gate" / "nobody" / "pending").mkdir(parents=True, mode=0o700)
    (ground.state / "gate" / "nobody").chmod(0o700)


@contextmanager
def waiter(client: int, patch: pytest.MonkeyPatch) -> Iterator[subprocess.Popen[bytes]]:
    """Start a process that looks like a waiter of this client, long ago."""
    code = "import sys; print(flush=True); sys.stdin.read()"
    command = [sys.executable, "-I", "-S", "-c", code, "/hooks/run.py", "Idle"]
    patch.setattr(waiters, "GRACE", -1.0)
    environment = {"CLAUDE_PID": str(client), "CLAUDE_CONFIG_DIR": os.environ["CLAUDE_CONFIG_DIR"]}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout
        process.stdout.readline()  # it runs: just after its start /proc tells nothing of it
        yield process
        process.kill()


def log_in_the_way(ground: Ground) -> None:
    (ground.home / ".local").mkdir()
    (ground.home / ".local" / "state").write_text("")


def log_is_a_folder(ground: Ground) -> None:
    (ground.home / ".local" / "state" / "context-sync" / "context-sync.log").mkdir(parents=True)


def log_read_only(ground: Ground) -> None:
    folder = ground.home / ".local" / "state" / "context-sync"
    folder.mkdir(parents=True)
    real = os.access
    ground.patch.setattr(os, "access", lambda path, mode: str(path) != str(folder) and real(path, mode))


def a_crash(_: Ground) -> None:
    """Long ago, and not looked at since."""
    file = Path(crash_log.record_crash("Stop", ValueError("oh")))
    crash = json.loads(file.read_text())
    file.write_text(json.dumps({**crash, "at": crash["at"] - 30 * 86400.0}) + "\n")


def many_crashes(_: Ground) -> None:
    for number in range(5):
        crash_log.record_crash("Stop", ValueError(f"\x1b[2J{number}"))


# The fault, the row that is found, and what the message and the remedy hold.
TABLE: tuple[tuple[Fault, str, str, str], ...] = (
    (not_installed, "not-installed", "No hook is registered", "`context-sync init`"),
    (hooks_missing, "hooks-missing", "No hook is registered for PostToolUse.", "`context-sync init`"),
    (all_hooks_off, "hooks-switched-off", "`disableAllHooks` in ", "Remove it from that file"),
    (all_hooks_off_in_the_project, "hooks-switched-off", "shop/.claude/settings.json", "Remove it from that file"),
    (managed_by_a_server, "hooks-switched-off", "remote-settings.json", "Remove it from that file"),
    (managed_hooks_only, "hooks-managed-only", "managed-settings.json turns", "Ask whoever manages"),
    (managed_hooks_only_in_a_drop_in, "hooks-managed-only", "10-hooks.json turns", "Ask whoever manages"),
    (broken_settings, "settings-broken", "it is not valid JSON", "Fix that file."),
    (switched_off_in_the_shell, "switched-off-here", "CONTEXT_SYNC=0", "Unset CONTEXT_SYNC."),
    (registered_twice, "hooks-twice", "Stop: registered more than once", "`context-sync uninstall`"),
    (of_an_earlier_version, "hooks-outdated", "another version", "`context-sync init`"),
    (of_another_installation, "hooks-of-another", "other/hooks, not to this one", "`context-sync init`"),
    (gone_in_another_project, "hooks-gone-elsewhere", "settings.local.json contains", "--scope project"),
    (committed, "hooks-shared", "with everybody who has the repository", "Remove them"),
    (plugin_off, "plugin-off", "disabled", f"`claude plugin enable {machine.KEY}`"),
    (plugin_gone, "plugin-gone", "but it is not there", f"`claude plugin install {machine.KEY}`"),
    (plugin_of_an_earlier_version, "plugin-old", "SessionStart, ", f"`claude plugin update {machine.KEY}`"),
    (plugin_without_environment, "plugin-unready", "(Python 3.11 or newer is needed)", "context-sync-market/log"),
    (no_event_ever, "events-none", "No hook has run yet.", "Send a prompt"),
    (some_events, "events-some", "not yet for UserPromptSubmit, Stop, SessionEnd;", ""),
    (events_long_ago, "events-long-ago", "30 days ago", ""),
    (no_batch_ever, "events-without-batch", "PostToolBatch never has", "Update Claude Code"),
    (no_client, "client-missing", "`claude` is not on PATH", "Install Claude Code"),
    (client_that_fails, "client-broken", "does not report its version", "--version`"),
    (client_before_batches, "client-old", "2.1.117 has no PostToolBatch", "to 2.1.118 or newer"),
    (client_before_leniency, "client-too-old", "2.0.77 ignores a whole settings file", "to 2.1.118 or newer"),
    (
        client_before_the_tested_one,
        "client-older",
        f", is older than {machine.VERSION}",
        f"to {machine.VERSION} or newer",
    ),
    (client_after_the_tested_one, "client-newer", f", is newer than {machine.VERSION}", "`context-sync doctor --live`"),
    (gate_gone, "gate-gone", "gate and run.py cannot be read in ", "`context-sync init`"),
    (gate_of_ours_gone, "gate-broken", "gate cannot be read in ", "Install context-sync again"),
    (interpreter_gone, "python-gone", "is gone: the hooks do nothing", "`context-sync init`"),
    (interpreter_broken, "python-broken", "does not start", "`context-sync init`"),
    (interpreter_too_old, "python-old", "is 3.9.18; Python 3.11 or newer", "`context-sync init`"),
    (interpreter_upgraded, "python-upgraded", "lacks the packages that context-sync needs", "`context-sync init`"),
    (package_gone, "hooks-silent", "copy/hooks do nothing with ", "`context-sync init`"),
    (a_hook_that_hangs, "hooks-silent", "hooks do nothing with ", "`context-sync init`"),
    (an_interpreter_that_hangs, "python-broken", "does not start", "`context-sync init`"),
    (package_of_ours_gone, "hooks-silent-here", "hooks do nothing with ", "Install context-sync again"),
    (another_version_on_path, "another-on-path", "version 0.0.1", "Uninstall"),
    (another_that_does_not_start, "another-on-path", "which does not start", "Uninstall"),
    (status_line_of_another, "statusline-outdated", "another installation than the hooks", "`context-sync init`"),
    (status_line_hidden, "statusline-hidden", "which hides that of context-sync here", "Remove `statusLine`"),
    (server_missing, "mcp-missing", "is not registered", "`context-sync init`"),
    (server_of_another, "mcp-outdated", "another installation than the hooks", "`context-sync init`"),
    (server_of_the_same_name, "mcp-taken", "another MCP server called context-sync", "Rename that server"),
    (servers_broken, "mcp-broken", "it is not valid JSON", "Fix that file."),
    (bad_configuration, "config-wrong", "guard is 'sometimes'", "Fix it there"),
    (no_git, "git-missing", "git cannot be run", "Install git"),
    (an_old_git, "git-old", "Git version 2.30.2 runs a repository's filters", "Install git 2.31"),
    (no_tree_sitter, "tree-sitter-missing", "tree-sitter does not load", "Install context-sync again"),
    (unknown_grammar, "grammars-missing", "No grammar loads for klingon", "Install context-sync again"),
    (state_is_a_file, "state-unusable", "is not a folder: nothing can be recorded", "Make it a folder"),
    (state_is_a_link_to_nothing, "state-unusable", "is a link to nothing", "Make it a folder"),
    (disk_full, "state-full", "is full", "Free some space"),
    (no_inodes, "state-full", "is full", "Free some space"),
    (state_is_a_link, "state-linked", "is a link to", "unless you made it"),
    (state_of_another_user, "state-foreign", "Another user owns ", "sudo chown"),
    (state_open_to_others, "state-exposed", "Other users can read or write", "Run `chmod -R go= "),
    (touches_open_to_others, "state-exposed", "Other users can read or write", "Run `chmod -R go= "),
    (a_broken_record, "state-set-aside", "x.json.broken", "Delete it"),
    (a_record_that_is_none, "state-set-aside", "sessions/x.json", "Delete it"),
    (a_file_in_the_way, "state-misplaced", "1 file or folder is in the way of the hooks: ", "--fix"),
    (client_that_vanished, "sessions-vanished", "1 session vanished", "--fix"),
    (a_gate_of_nobody, "sessions-vanished", "1 session vanished", "--fix"),
    (log_in_the_way, "log-blocked", "crashes are not recorded", "Delete "),
    (log_is_a_folder, "log-blocked", "crashes are not recorded", "Delete "),
    (log_read_only, "log-read-only", "crashes are not recorded", "writable"),
    (a_crash, "crash", "Stop failed once 30 days ago: ValueError: oh", "context-sync.log"),
    (many_crashes, "crashes-more", "2 other kinds of crash since the last check.", "context-sync.log"),
)
