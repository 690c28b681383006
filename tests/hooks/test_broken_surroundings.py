import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.rehearse import CHECKOUT, Client, Heard, commands, log, state

MakeClient = Callable[..., Client]
EVENTS = tuple(commands())


def every_event(client: Client, project: Path) -> list[Heard]:
    """A whole session, with an edit."""
    return [
        client.start(),
        client.prompt(),
        client.event("PreToolUse", tool_name="Edit", tool_input={"file_path": str(project / "calc.py")}),
        client.edit(project / "calc.py", "a + b", "b + a") or client.stop(),
        client.batch(),
        client.bash("true"),
        client.event("PostToolUseFailure", tool_name="Bash", tool_input={"command": "false"}, error="1"),
        client.stop(),
        client.end(),
    ]


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A copy of the package with its hooks, as an installation has them."""
    folder = tmp_path / "installed"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(CHECKOUT / "context_sync", folder / "context_sync", ignore=ignored)
    shutil.copytree(CHECKOUT / "hooks", folder / "hooks", ignore=ignored)
    return folder


REMOVED = [
    pytest.param("hooks", id="the hooks"),
    pytest.param("hooks/gate", id="the gate"),
    pytest.param("hooks/run.py", id="the script"),
    pytest.param("context_sync", id="the package"),
    pytest.param("context_sync/events", id="the handlers"),
    pytest.param("context_sync/events/dispatch.py", id="the door"),
    pytest.param("context_sync/state", id="the state"),
    pytest.param("context_sync/crash_log.py", id="the log"),
]


@pytest.mark.parametrize("removed", REMOVED)
def test_a_part_that_was_removed_is_not_missed(client: MakeClient, project: Path, installed: Path, removed: str):
    before, after = (client(hooks=commands(installed / "hooks")) for _ in range(2))
    before.start()
    gone = installed / removed
    shutil.rmtree(gone) if gone.is_dir() else gone.unlink()
    assert all(heard.calm for heard in every_event(after, project))
    (project / "calc.py").write_text("a + b")
    assert all(heard.calm for heard in every_event(before, project))


@pytest.mark.parametrize("module", ["events/dispatch.py", "events/post_tool_use.py", "state/files.py", "log.py"])
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("def broken(", id="half written"),
        pytest.param("raise SystemExit(2)", id="leaving with 2"),
        pytest.param("import sys; print('noise'); sys.stderr.write('noise'); 1 / 0", id="failing loudly"),
    ],
)
def test_a_broken_module_blocks_nobody(client: MakeClient, project: Path, installed: Path, module: str, text: str):
    (installed / "context_sync" / module).write_text(text)
    someone = client(hooks=commands(installed / "hooks"))
    someone.start()
    heard = someone.edit(project / "calc.py", "a + b", "b + a")
    assert heard
    assert (heard.code, heard.errors) == (0, b"")


def test_a_broken_handler_is_in_the_log(client: MakeClient, project: Path, installed: Path):
    (installed / "context_sync" / "events" / "post_tool_use.py").write_text("def broken(")
    someone = client(hooks=commands(installed / "hooks"))
    someone.edit(project / "calc.py", "a + b", "b + a")
    assert "SyntaxError" in log()


@pytest.mark.parametrize(
    "python",
    [
        pytest.param("", id="not named"),
        pytest.param("/does/not/exist", id="missing"),
        pytest.param("/tmp", id="a folder"),
        pytest.param("/etc/passwd", id="no program"),
        pytest.param(shutil.which("false"), id="one that fails"),
        pytest.param(shutil.which("true"), id="one that does nothing"),
    ],
)
def test_a_python_that_is_missing_or_broken_is_not_missed(client: MakeClient, project: Path, python: str):
    bare = project.parent / "bin"
    bare.mkdir()
    (bare / "dd").symlink_to("/bin/dd")
    someone = client(hooks=commands(python=python), extra={"PATH": str(bare)})
    for heard in every_event(someone, project):
        assert (heard.code in (0, 1), heard.output, heard.errors) == (True, b"", b"")
        assert heard.code == 0 or python.endswith("false")


def test_a_state_folder_that_is_a_file_blocks_nobody_and_is_in_the_log(client: MakeClient, project: Path):
    state().parent.mkdir(parents=True)
    state().write_text("in the way")
    assert all(heard.calm for heard in every_event(client(), project))
    assert "FileExistsError" in log()
    assert state().read_text() == "in the way"


def test_a_state_folder_and_a_log_that_are_files_block_nobody(client: MakeClient, project: Path):
    state().parent.mkdir(parents=True)
    state().write_text("in the way")
    Path(os.environ["XDG_STATE_HOME"]).parent.mkdir(parents=True)
    Path(os.environ["XDG_STATE_HOME"]).write_text("in the way")
    assert all(heard.calm for heard in every_event(client(), project))


@pytest.mark.parametrize("part", ["sessions", "touches", "gate", "repositories", "receipts", "positions", "alerts"])
def test_a_file_in_the_place_of_any_folder_blocks_nobody(client: MakeClient, project: Path, part: str):
    state().mkdir(parents=True)
    state(part).write_text("in the way")
    assert all(heard.calm for heard in every_event(client(), project))


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"{", b"[]", b"[" * 100_000, b'{"id": 5}', b"NaN"])
def test_broken_files_are_rebuilt(client: MakeClient, project: Path, content: bytes):
    first, second = client(), client()
    for each in (first, second):
        each.start()
    for file in [file for file in state().rglob("*") if file.is_file()]:
        file.write_bytes(content)
    for each, old, new in ((first, "a + b", "b + a"), (second, "b + a", "a + b + 0")):
        for folder in ("touches", "positions", "alerts"):
            state(folder).mkdir(exist_ok=True)
            for end in (".json", ".jsonl"):
                state(folder, each.session + end).write_bytes(content)
        heard = each.edit(project / "calc.py", old, new)
        assert heard
        assert heard.quiet
    assert "`add` in calc.py" in first.prompt().context
    assert log() == ""


# root without its privileges: the modes of folders count for it too
UNPRIVILEGED = () if os.geteuid() else ("setpriv", "--bounding-set=-all", "--inh-caps=-all")


def test_a_read_only_state_folder_blocks_nobody(client: MakeClient, project: Path):
    known, stranger = client(), client(shell=(*UNPRIVILEGED, "/bin/sh"))
    known.start()
    for folder in (state(), *(each for each in state().rglob("*") if each.is_dir())):
        folder.chmod(0o555)
    for file in (each for each in state().rglob("*") if each.is_file()):
        file.chmod(0o444)
    before = {path: path.stat().st_mtime_ns for path in state().rglob("*")}
    assert all(heard.calm for heard in every_event(stranger, project))
    assert "Permission denied" in log()
    (project / "calc.py").write_text("a + b")
    known.shell = stranger.shell
    assert all(heard.calm for heard in every_event(known, project))
    assert {path: path.stat().st_mtime_ns for path in state().rglob("*")} == before


@pytest.fixture
def small_disk(isolated_home: Path) -> Iterator[Path]:
    """The configuration folder on a disk of its own with very little room, or None where one may not mount."""
    folder = isolated_home / ".claude"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("only root may mount a small disk; the limit on the size of files is tested in its place")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_blocks_nobody_and_loses_only_what_did_not_fit(client: MakeClient, project: Path, small_disk: Path):
    first = client()
    first.start()
    assert first.edit(project / "calc.py", "a + b", "b + a")
    filler = small_disk / "filler"
    with pytest.raises(OSError, match="No space left"):
        filler.write_bytes(b"x" * 1_000_000)
    first.transcript = project / "elsewhere.jsonl"
    second = client()
    second.transcript = project / "another.jsonl"
    assert all(heard.calm for heard in every_event_but_edit(first))
    assert second.start().calm
    heard = second.edit(project / "calc.py", "b + a", "a + b + 0")
    assert heard
    assert heard.quiet
    assert "No space left" in log()
    filler.unlink()
    assert first.start("resume").calm
    assert second.prompt().quiet
    assert second.edit(project / "calc.py", "a - b", "b - a")
    assert len(second.touches) == 2
    assert "`add` in calc.py" in first.prompt().context


def every_event_but_edit(client: Client) -> list[Heard]:
    return [client.prompt(), client.batch(), client.bash("true"), client.stop(), client.end()]


def test_a_limit_on_the_size_of_files_blocks_nobody(client: MakeClient, project: Path):
    someone = client()
    someone.start()
    someone.edit(project / "calc.py", "a + b", "b + a")
    size = state("touches", f"{someone.session}.jsonl").stat().st_size

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 100, size + 100))

    python = project.parent / "python"  # which would leave a part of what it compiles under the limit, for everybody
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" -B "$@"\n')
    python.chmod(0o755)
    usual, someone.hooks, someone.options = someone.hooks, commands(python=str(python)), {"preexec_fn": limit}
    heard = someone.edit(project / "calc.py", "b + a", "a + b + 0")
    assert heard
    assert heard.quiet
    assert len(someone.touches) == 1
    someone.hooks, someone.options = usual, {}
    someone.edit(project / "calc.py", "a - b", "b - a")
    assert len(someone.touches) == 3


UNKNOWN_USER = ("unshare", "--user", "--map-user=54321", "--map-group=54321")


@pytest.mark.skipif(
    subprocess.run([*UNKNOWN_USER, "true"], capture_output=True, check=False).returncode != 0,
    reason="no user namespaces here; tests/test_paths.py has the rule",
)
def test_a_user_without_home_is_left_alone(client: MakeClient, project: Path):
    someone = client(shell=(*UNKNOWN_USER, "/bin/sh"))
    kept = ("PATH", "CLAUDE_PID", "CLAUDE_CODE_SESSION_ID")
    bare = {name: value for name, value in someone.environment().items() if name in kept}
    someone.environment = lambda: bare  # type: ignore[method-assign]
    before = sorted(project.iterdir())
    assert all(heard.calm for heard in every_event(someone, project))
    assert sorted(project.iterdir()) == before


def test_without_home_the_configuration_folder_is_enough(client: MakeClient, project: Path):
    first, second = client(), client()
    for each in (first, second):
        kept = {name: value for name, value in each.environment().items() if name != "HOME"}
        each.environment = lambda kept=kept: kept  # type: ignore[method-assign]
        each.start()
    first.edit(project / "calc.py", "a + b", "b + a")
    second.edit(project / "calc.py", "b + a", "a + b + 0")
    assert "`add` in calc.py" in first.batch().context


def test_a_relative_configuration_folder_is_one_below_the_sessions(client: MakeClient, project: Path):
    first, second = (client(extra={"CLAUDE_CONFIG_DIR": "relative"}) for _ in range(2))
    first.start()
    second.start()
    first.edit(project / "calc.py", "a + b", "b + a")
    second.edit(project / "calc.py", "b + a", "a + b + 0")
    assert "`add` in calc.py" in first.batch().context
    assert (project / "relative" / "context-sync" / "sessions").is_dir()
    assert log() == ""
