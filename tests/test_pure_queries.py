"""Queries write nothing: the state folder is the same before and after, and need not be writable."""

import io
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout, suppress
from pathlib import Path

import click
import pytest

from context_sync import mcp_server
from context_sync.cli import main
from context_sync.cli.watch import observer
from context_sync.cli.watch.observer import Observer
from context_sync.mail import sending
from context_sync.mail.sending import SendOptions
from context_sync.state import mailbox, sessions
from tests.rehearse import CHECKOUT, HOOKS, Client, git, stamp, state

MakeClient = Callable[..., Client]
Entries = dict[str, tuple[int, int, bytes]]  # the mode, the time and the content of each file and folder
Query = Callable[[], object]

BROKEN = "{"

# root without its privileges: the modes of folders count for it too
UNPRIVILEGED = () if os.geteuid() else ("setpriv", "--bounding-set=-all", "--inh-caps=-all")


class Scene:
    """Sessions of which much is to be noted: one was renamed, one was killed, one has read its mail."""

    def __init__(self, project: Path, one: Client, other: Client, away: Client, killed: Client) -> None:
        self.project, self.one, self.other, self.away, self.killed = project, one, other, away, killed


@pytest.fixture
def scene(client: MakeClient, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    for name in ("more.py", "last.py"):
        (project / name).write_text("def one():\n    return 1\n")
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message=more", at=time.time() - 3600)
    git(project, "worktree", "add", "--quiet", "-b", "topic", str(tmp_path / "topic"))
    made = Scene(project, client(), client(), client(tmp_path / "topic"), client())
    for title in ("one", "other", "away", "killed"):
        getattr(made, title).start(session_title=title)
    line(made.one)
    made.one.edit(project / "calc.py", "a + b", "b + a")
    made.other.edit(project / "calc.py", "b + a", "a + b + 0")
    made.away.edit(made.away.folder / "calc.py", "a + b", "a + 1 + b")
    made.killed.edit(project / "calc.py", "a - b", "b - a")
    sending.send("other", "hello", SendOptions(), sender=made.one.session)
    sending.send("user", "hello", SendOptions(), sender=made.other.session)
    context = made.other.prompt().context
    context = {"type": "hook_additional_context", "content": [context], "hookEvent": "UserPromptSubmit"}
    made.other.append(
        {"type": "user", "message": {"role": "user", "content": "Write the docs"}, "timestamp": stamp()},
        {"type": "attachment", "attachment": context, "timestamp": stamp()},
        {"type": "assistant", "message": {"role": "assistant", "content": []}, "timestamp": stamp(time.time() + 1)},
        {"type": "custom-title", "customTitle": "renamed", "sessionId": made.other.session},
    )
    sending.send("one", "and you", SendOptions())
    for broken in ("sessions/broken.json", f"summaries/{made.one.session}.json", f"mail/{made.one.session}/successor"):
        (state() / broken).parent.mkdir(exist_ok=True)
        (state() / broken).write_text(BROKEN)
    (state("mail", made.one.session, "new") / "000.jsonl").write_text(BROKEN)
    (state("mail", "user", "new") / "000.jsonl").write_text(BROKEN)
    (state("summaries") / f"{made.other.session}.gathered").write_text(BROKEN)
    made.killed.kill()
    monkeypatch.chdir(project)
    monkeypatch.setattr(observer, "HEARTBEATS", 0.0)
    return made


def line(who: Client) -> str:
    return subprocess.run(
        ["/bin/sh", HOOKS / "statusline"],
        env=who.environment() | {"before": ""},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout


def command(*words: str) -> Query:
    def run() -> str:
        # `check` leaves with 1 where something conflicts.
        with redirect_stdout(io.StringIO()) as printed, suppress(click.exceptions.Exit):
            main.commands.main(list(words), standalone_mode=False)
        return printed.getvalue()

    return run


def look_twice() -> None:
    watcher = Observer()
    watcher.look()
    watcher.look()


def queries(scene: Scene) -> Mapping[str, Query]:
    """Everything that only shows, by what it is."""
    message = next(mailbox.unread(scene.other.session)).message.id
    lines = (
        "",
        "status",
        "status --all",
        "status --json",
        "who calc.py",
        "who calc.py:2 --json",
        "who --symbol add",
        "log",
        "log --all --json",
        "log --session renamed",
        "changes",
        "changes --json",
        "check",
        "sent",
        "sent --json",
        f"thread {message}",
        "search hello",
        "inbox renamed",
        "inbox one --json",
        "watch --once",
        "watch --json",
        f"statusline --session {scene.one.session}",
    )
    return {
        **{f"context-sync {each}": command(*each.split()) for each in lines},
        "two looks of the live view": look_twice,
        "the executable of the status line": lambda: line(scene.one),
        "list_sessions": mcp_server.list_sessions,
        "get_all_changes": mcp_server.get_all_changes,
        "get_all_changes of another folder": lambda: mcp_server.get_all_changes(str(scene.away.folder)),
        "get_messages of another session": lambda: mcp_server.get_messages(scene.other.session),
        "who_touched": lambda: mcp_server.who_touched("calc.py"),
        "who_touched a definition": lambda: mcp_server.who_touched("calc.py", "add"),
    }


def entries() -> Entries:
    found = {}
    for path in (state(), *state().rglob("*")):
        context = path.lstat()
        content = path.read_bytes() if path.is_file() else b""
        found[str(path.relative_to(state()))] = context.st_mode, context.st_mtime_ns, content
    return found


def restored(to: Entries, spare: Path) -> None:
    """Put the state folder back as it was, so that each query finds everything that it could note."""
    shutil.rmtree(state())
    shutil.copytree(spare, state(), copy_function=shutil.copy2)
    assert entries() == to


@pytest.fixture
def spare(tmp_path: Path) -> Path:
    """Where a copy of the state folder is kept."""
    return tmp_path / "spare"


def written(asked: Mapping[str, Query], spare: Path) -> dict[str, list[str]]:
    """Return what each query wrote, none where it wrote nothing."""
    shutil.copytree(state(), spare, copy_function=shutil.copy2)
    before = entries()
    found = {}
    for name, ask in asked.items():
        ask()
        after = entries()
        if after != before:
            found[name] = sorted(key for key in before.keys() | after if before.get(key) != after.get(key))
            restored(before, spare)
    return found


def test_a_query_writes_nothing_that_a_terminal_asks(scene: Scene, spare: Path):
    assert written(queries(scene), spare) == {}


def test_a_query_writes_nothing_that_a_session_asks(scene: Scene, spare: Path, monkeypatch: pytest.MonkeyPatch):
    for name, value in scene.away.environment().items():
        monkeypatch.setenv(name, value)
    assert written(queries(scene), spare) == {}


def test_a_query_does_not_note_what_was_committed_meanwhile(scene: Scene, spare: Path):
    git(scene.project, "commit", "--quiet", "--all", "--message=both")
    assert written(queries(scene), spare) == {}


@pytest.mark.usefixtures("scene")
def test_a_summary_that_is_asked_for_keeps_what_was_read_and_nothing_else(spare: Path):
    asked = {"show": command("show", "renamed"), "get_session_context": lambda: mcp_server.get_session_context("other")}
    found = {path.partition("/")[0] for paths in written(asked, spare).values() for path in paths}
    assert found == {"summaries"}


def test_a_query_needs_no_folder_that_can_be_written(scene: Scene):
    for path in (state(), *state().rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    before = entries()
    for each in (
        "status --json",
        "changes",
        "watch --json",
        "sent",
        "log",
        f"statusline --session {scene.one.session}",
    ):
        done = subprocess.run(
            [*UNPRIVILEGED, sys.executable, "-m", "context_sync.cli.main", *each.split()],
            env=os.environ | {"PYTHONPATH": str(CHECKOUT)},
            capture_output=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, b""), each
    assert entries() == before


def test_what_is_to_be_noted_is_seen_without_being_noted(scene: Scene):
    seen = json.loads(command("status", "--all", "--json")())
    assert {each["name"]: each["live"] for each in seen["sessions"]} == {
        "one": True,
        "renamed": True,
        "away": True,
        "killed": False,
    }
    known = sessions.load(scene.other.session)
    assert known
    assert known.name == "other"
    [sent] = json.loads(command("inbox", "renamed", "--json")())
    assert sent["state"] == "read"
    assert next(mailbox.unread(scene.other.session)).state == "injected"
