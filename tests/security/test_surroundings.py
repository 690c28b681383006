import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from context_sync.claude.install import status_line_entry
from context_sync.git import three_way
from tests.rehearse import CALC, CHECKOUT, Client, git, log, state
from tests.security.traps import sprung

MakeClient = Callable[..., Client]


def go_through_everything(first: Client, second: Client) -> str:
    """Two sessions conflict, and every hook runs; what the first is notified of."""
    for each in (first, second):
        each.start()
    first.edit(first.folder / "calc.py", "a + b", "b + a")
    attempt = {"file_path": str(first.folder / "calc.py"), "old_string": "b + a", "new_string": "0"}
    assert b'"deny"' in second.event("PreToolUse", tool_name="Edit", tool_use_id="t", tool_input=attempt).output
    second.edit(first.folder / "calc.py", "b + a", "b * a")
    second.event("PostToolUse", tool_name="Bash", tool_use_id="u", tool_input={"command": "true"})
    context = first.batch().context
    first.prompt()
    first.stop()
    first.end()
    return context


GIT_VARIABLES = {
    "a repository of somebody else": {"GIT_DIR": "/nowhere/.git", "GIT_WORK_TREE": "/nowhere"},
    "an index of somebody else": {"GIT_INDEX_FILE": "/nowhere/index", "GIT_OBJECT_DIRECTORY": "/nowhere/objects"},
    "an external diff": {"GIT_EXTERNAL_DIFF": "{trap}"},
    "a monitor of files": {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "core.fsmonitor",
        "GIT_CONFIG_VALUE_0": "{trap}",
    },
    "a monitor of files, as git hands it on": {"GIT_CONFIG_PARAMETERS": "'core.fsmonitor'='{trap}'"},
    "programs for a remote": {"GIT_SSH_COMMAND": "{trap}", "GIT_ASKPASS": "{trap}", "GIT_PROXY_COMMAND": "{trap}"},
    "a pager and an editor": {"GIT_PAGER": "{trap}", "PAGER": "{trap}", "GIT_EDITOR": "{trap}", "EDITOR": "{trap}"},
    "a folder of git's own programs": {"GIT_EXEC_PATH": "{folder}", "GIT_TEMPLATE_DIR": "{folder}"},
}


@pytest.mark.parametrize("variables", GIT_VARIABLES.values(), ids=GIT_VARIABLES)
def test_what_a_session_inherits_for_git_changes_nothing(
    client: MakeClient, trap: Path, tmp_path: Path, variables: dict[str, str]
):
    (tmp_path / "programs").mkdir()
    for name in ("git", "git-status", "git-diff", "git-merge-file"):
        (tmp_path / "programs" / name).symlink_to(trap)
    extra = {name: value.format(trap=trap, folder=tmp_path / "programs") for name, value in variables.items()}
    assert "`add` in calc.py" in go_through_everything(client(extra=extra), client(extra=extra))
    assert log() == ""
    assert not sprung(trap)


MODULES = ("json", "os", "sitecustomize", "usercustomize", "encodings", "context_sync", "_json", "time", "typing", "re")


def lay_modules(folder: Path, trap: Path) -> None:
    """Put modules that spring the trap when they are imported into a folder."""
    folder.mkdir(exist_ok=True)
    for name in MODULES:
        (folder / f"{name}.py").write_text(f"import posix\nposix.system({str(trap)!r})\n")


PYTHON_VARIABLES = {
    "none": {},
    "a path to modules": {"PYTHONPATH": "{folder}:."},
    "what an interpreter begins with": {"PYTHONSTARTUP": "{folder}/json.py", "PYTHONINSPECT": "1"},
    "the home of another Python": {"PYTHONHOME": "{folder}", "PYTHONPLATLIBDIR": "{folder}"},
    "a debugger": {"PYTHONBREAKPOINT": "json.x", "PYTHONWARNINGS": "error::json.X", "PYTHONUSERBASE": "{folder}"},
}


@pytest.mark.parametrize("variables", PYTHON_VARIABLES.values(), ids=PYTHON_VARIABLES)
def test_no_module_but_ours_is_loaded_by_a_hook(
    client: MakeClient, project: Path, trap: Path, tmp_path: Path, variables: dict[str, str]
):
    lay_modules(project, trap)
    lay_modules(tmp_path / "modules", trap)
    extra = {name: value.format(folder=tmp_path / "modules") for name, value in variables.items()}
    assert "`add` in calc.py" in go_through_everything(client(extra=extra), client(extra=extra))
    assert log() == ""
    assert not sprung(trap)
    command = [sys.executable, "-c", "import json"]
    subprocess.run(command, cwd=project, check=False, capture_output=True)
    assert sprung(trap), "there was no danger"


def test_no_module_of_the_working_folder_is_loaded_by_the_server(project: Path, trap: Path):
    """The way in which the server is registered; `-I` leaves the working folder and the environment out."""
    from context_sync.claude.install import mcp_entry

    lay_modules(project, trap)
    entry = mcp_entry.entry_for(sys.executable)
    assert entry["args"][0] == "-I"
    subprocess.run(
        [entry["command"], *entry["args"][:-1], "--help"],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(project)},
        check=False,
        capture_output=True,
        timeout=60,
    )
    assert not sprung(trap)


def test_no_module_of_the_working_folder_is_loaded_when_the_plugin_makes_its_environment(
    project: Path, trap: Path, tmp_path: Path
):
    for name in ("tomllib", "ensurepip", "venv", "pip", "compileall", "os"):
        (project / f"{name}.py").write_text(f"import posix\nposix.system({str(trap)!r})\n")
    (project / "pyproject.toml").write_text('[tool.uv]\nindex-url = "https://evil.invalid/simple"\n')
    (tmp_path / "programs").mkdir()
    (tmp_path / "programs" / "python3").symlink_to(sys.executable)
    path = f"{tmp_path / 'programs'}:/usr/bin:/bin"
    root = tmp_path / "plugin"
    root.mkdir()
    (root / "pyproject.toml").write_text('[project]\nname = "x"\n')
    (root / "requirements").mkdir()
    (root / "requirements" / "application.txt").touch()
    command = ["/bin/sh", str(CHECKOUT / "hooks" / "make-environment"), str(root), str(tmp_path / "data")]
    environment = {"PATH": path, "HOME": str(tmp_path)}
    subprocess.run(command, cwd=project, env=environment, check=False, capture_output=True, timeout=120)
    assert (tmp_path / "data" / "log").exists()
    assert not sprung(trap)


def test_nothing_in_a_repository_configures_us(client: MakeClient, project: Path):
    for name in (".context-sync/config.toml", "context-sync/config.toml", ".config/context-sync/config.toml"):
        (project / name).parent.mkdir(parents=True)
        (project / name).write_text('guard = "off"\nsummary_command = "/bin/false"\n')
    (project / "context-sync.toml").write_text('guard = "off"\n')
    shutil.copytree(CHECKOUT / "hooks", project / ".claude" / "context-sync" / "gate")
    assert "`add` in calc.py" in go_through_everything(client(), client())


def test_a_repository_with_very_many_references_stops_no_hook(client: MakeClient, project: Path):
    head = git(project, "rev-parse", "HEAD").strip()
    lines = [f"{head} refs/heads/topic-{number:06d}/{'x' * 40}" for number in range(100_000)]
    (project / ".git" / "packed-refs").write_text(
        "# pack-refs with: peeled fully-peeled sorted \n" + "\n".join(lines) + "\n"
    )
    git(project, "checkout", "--quiet", "-b", "mine")
    git(project, "pack-refs", "--all")
    assert not (project / ".git" / "refs" / "heads" / "mine").exists()
    began = time.monotonic()
    assert "`add` in calc.py" in go_through_everything(client(), client())
    assert time.monotonic() - began < 300
    assert log() == ""


def test_files_whose_names_differ_in_their_letters_case_are_two(client: MakeClient, project: Path):
    (project / "CALC.py").write_text(CALC)
    if (project / "calc.py").samefile(project / "CALC.py"):
        pytest.skip("the file system takes the two names for one")
    first, second = client(), client()
    for each, name in ((first, "calc.py"), (second, "CALC.py")):
        each.start()
        each.edit(project / name, "a + b", "b + a")
    assert first.batch().quiet
    attempt = {"file_path": str(project / "CALC.py"), "old_string": "b + a", "new_string": "0"}
    denied = first.event("PreToolUse", tool_name="Edit", tool_use_id="t", tool_input=attempt)
    assert b"CALC.py" in denied.output


def test_a_repository_around_the_temporary_folder_is_not_asked(
    tmp_path: Path, trap: Path, monkeypatch: pytest.MonkeyPatch
):
    """Another user may have made one in /tmp, with a driver for merges."""
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "config", "core.fsmonitor", str(trap))
    git(tmp_path, "config", "merge.default", "evil")
    git(tmp_path, "config", "merge.evil.driver", str(trap))
    (tmp_path / ".gitattributes").write_text("* merge=evil diff=evil filter=evil\n")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    merged = three_way.merge_file(b"1\n2\n3\n", b"0\n2\n3\n", b"1\n2\n4\n")
    assert merged
    assert (merged.text, merged.conflicts) == (b"0\n2\n4\n", 0)
    assert not sprung(trap)


@pytest.mark.parametrize(
    "before",
    [
        pytest.param('echo it\'s "theirs"', id="quotation marks"),
        pytest.param("echo '$(touch sprung)'", id="a command within quotation marks"),
        pytest.param("printf '%s' \"\\\\033[0m\"", id="backslashes"),
        pytest.param("echo one; echo two\necho three", id="several lines"),
        pytest.param("exit 3", id="one that fails"),
    ],
)
def test_the_status_line_of_somebody_else_is_run_as_it_was(client: MakeClient, project: Path, before: str):
    someone = client()
    someone.start()
    command = status_line_entry.command_for(before, str(CHECKOUT / "hooks"))
    options = {"cwd": project, "env": someone.environment(), "capture_output": True, "input": b"{}", "check": False}
    alone = subprocess.run(["/bin/sh", "-c", before], **options)  # type: ignore[call-overload]
    ours = subprocess.run(["/bin/sh", "-c", command], **options)  # type: ignore[call-overload]
    assert ours.stdout.strip() == alone.stdout.strip()
    assert ours.returncode == 0
    assert not (project / "sprung").exists()


TRAVERSALS = ("../../../../etc/passwd", "/etc/passwd", "..", "*", "", "a/../b", "$(id)", "x" * 5000)
HELLO = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}


def test_the_server_opens_nothing_that_a_model_names(client: MakeClient):
    someone = client()
    someone.start()
    calls = [
        *({"name": "get_session_context", "arguments": {"sessionId": name}} for name in TRAVERSALS),
        *({"name": "get_all_changes", "arguments": {"project": name}} for name in TRAVERSALS),
        *({"name": "who_touched", "arguments": {"path": name}} for name in TRAVERSALS),
    ]
    answers = asked(someone, calls)
    assert len(answers) == len(calls)
    for answer in answers:
        assert "root:" not in answer
        assert str(state()) not in answer
    assert log() == ""


def asked(client: Client, calls: list[dict[str, object]]) -> list[str]:
    """What the server of a session answers when its model calls tools."""
    requests = [
        {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": HELLO},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        *(
            {"jsonrpc": "2.0", "id": each + 1, "method": "tools/call", "params": call}
            for each, call in enumerate(calls)
        ),
    ]
    server = subprocess.Popen(
        [sys.executable, "-m", "context_sync.cli.main", "serve"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**client.environment(), "PYTHONPATH": str(CHECKOUT)},
        cwd=client.folder,
    )
    assert server.stdin
    assert server.stdout
    answers = []
    for request in requests:
        server.stdin.write(json.dumps(request).encode() + b"\n")
        server.stdin.flush()
        if "id" in request:
            answers.append(server.stdout.readline().decode())
            assert json.loads(answers[-1])["id"] == request["id"]
    server.communicate(timeout=180)
    return answers[1:]
