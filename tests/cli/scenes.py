"""The scenes in which every command prints JSON: a machine with nothing on it, and one with everything."""

import io
import json
import os
import re
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from context_sync.claude.hooks import simulation
from context_sync.cli import main
from context_sync.domain import messages
from tests.cli import stage
from tests.cli.stage import git
from tests.rehearse import Client, change, patient, stamp
from tests.summaries.records import Conversation

LIBRARY = """def price(amount):
    return amount


def label(amount):
    return str(amount)
"""
CALLER = "from library import price\n\n\ndef pay():\n    return 0\n"
SUMMARY = {"task": "Rounding", "decisions": ["Up"], "progress": ["total"], "next": ["tax"], "blockers": []}


class Done(NamedTuple):
    """What a command did."""

    code: int
    output: str
    errors: str


def run(*arguments: str, folder: Path, session: str = "") -> Done:
    """Run a command in this process, in a terminal or as the Bash tool of a session would."""
    output, errors = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(output), redirect_stderr(errors):
        patch.chdir(folder)
        patch.setattr(sys, "argv", ["context-sync", *arguments])
        if session:
            patch.setenv("CLAUDE_CODE_SESSION_ID", session)
        code = main.main()
    return Done(code, output.getvalue(), errors.getvalue())


@contextmanager
def machine(folder: Path) -> Iterator[None]:
    """Have a home folder of its own in `folder`, and nothing of the caller's."""
    home = folder / "home"
    home.mkdir(parents=True)
    settings = folder / "gitconfig"
    settings.write_text("[user]\nname = Tess\nemail = tess@example.invalid\n[init]\ndefaultBranch = main\n")
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(("CLAUDE", "CONTEXT_SYNC", "GIT_", "PYTHON", "XDG_")):
                patch.delenv(name)
        places = {"CLAUDE_CONFIG_DIR": ".claude", "XDG_CONFIG_HOME": ".config", "XDG_STATE_HOME": ".local/state"}
        for name, place in {"HOME": "", "XDG_DATA_HOME": ".local/share", "XDG_CACHE_HOME": ".cache", **places}.items():
            patch.setenv(name, str(home / place))
        patch.setenv("GIT_CONFIG_GLOBAL", str(settings))
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        yield


class Scene:
    """A repository with a worktree, and sessions in them; `printed` holds the documents that commands printed."""

    def __init__(self, folder: Path, cast: ExitStack) -> None:
        self.shop = stage.repository(folder / "shop")
        self.outside = folder
        self.printed: dict[str, list[Any]] = {}
        self.clients: dict[str, Client] = {}
        self._cast = cast

    def json(self, command: str, *arguments: str, folder: Path | None = None, session: str = "", code: int = 0) -> Any:
        """Run a command with --json and keep what it printed."""
        done = run(command, *arguments, "--json", folder=folder or self.shop, session=session)
        document = json.loads(done.output)
        expected = int(not document["ok"]) if command == "doctor" else code
        assert (done.code, done.errors) == (expected, ""), done
        self.printed.setdefault(command, []).append(document)
        return document

    def client(self, title: str, folder: Path | None = None, **fields: Any) -> Client:
        """Start a session, which then is live."""
        made = patient(Client(folder or self.shop, **fields), self.outside)
        assert made.process
        self._cast.callback(made.process.wait)
        self._cast.callback(made.process.kill)
        made.start(session_title=title)
        self.clients[title] = made
        return made


def nothing(scene: Scene) -> None:
    """Ask everything while nobody was ever there."""
    for command in ("status", "watch", "changes", "log", "inbox", "sent", "check"):
        scene.json(command)
    scene.json("who", "invoice.py")
    scene.json("search", "tax")
    scene.json("resolve", "invoice.py")
    scene.json("resolve", "--all")
    scene.json("doctor")
    _hooks(scene)


def everything(scene: Scene) -> None:
    """Have sessions conflict in every way, write to each other and end, and ask everything meanwhile."""
    worktree = _make_conflicts(scene)
    _letters(scene)
    _summaries(scene, worktree)
    _looks(scene)
    _endings(scene)
    run("init", folder=scene.shop)
    scene.json("doctor")


def _make_conflicts(scene: Scene) -> Path:
    """Have the sessions first, second and third conflict; the third works in a worktree of its own."""
    shop, worktree = scene.shop, scene.outside / "shop-rounding"
    for name, text in (("library.py", LIBRARY), ("caller.py", CALLER)):
        (shop / name).write_text(text)
    git(shop, "add", ".")
    git(shop, "commit", "-m", "library")
    git(shop, "worktree", "add", "-b", "rounding", str(worktree))
    first, second = scene.client("first"), scene.client("second")
    third, apart = scene.client("third", worktree), scene.client("apart", worktree)
    first.edit(shop / "invoice.py", "return 1", "return 10")
    second.edit(shop / "invoice.py", "return 10", "return 100", agent="a1b2")
    second.edit(shop / "notes.txt", "two", "2")
    third.edit(worktree / "invoice.py", "return 1", "return 7")
    scene.json("check", folder=worktree, code=1)
    first.edit(shop / "library.py", "def price(amount)", "def price(amount, currency)")
    second.edit(shop / "caller.py", "return 0", "return price(1)")
    first.edit(shop / "notes.txt", "one", "1")
    apart.edit(worktree / "library.py", "str(amount)", "str(amount) + 'x'")
    scene.json("check", "--against", str(worktree), code=1)
    return worktree


def _letters(scene: Scene) -> None:
    """Have messages of every kind in every state."""
    first, second = scene.clients["first"], scene.clients["second"]
    [question] = scene.json("send", "second", "Net or gross?", "--urgent", "--ack", session=first.session)
    scene.json("send", "--reply-to", question["id"], "Gross.", session=second.session)
    scene.json("send", "@user", "Which currency?", session=first.session)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(messages, "REPEATED", 3600.0)  # seconds: the machine may be busy
        scene.json("send", "@all", "Stop at noon.")
        scene.json("send", "@all", "Stop at noon.", code=1)
    scene.json("inbox")
    first.append({"type": "assistant", "message": {"role": "assistant", "content": []}, "timestamp": stamp()})
    for each, answers in ((first, False), (second, True)):
        each.append({"type": "user", "message": {"role": "user", "content": "go on"}, "timestamp": stamp()})
        context = each.prompt().context
        content = {"type": "hook_additional_context", "content": [context], "hookEvent": "UserPromptSubmit"}
        each.append({"type": "attachment", "attachment": content, "timestamp": stamp(time.time() + 1)})
        if answers:
            message = {"role": "assistant", "content": []}
            each.append({"type": "assistant", "message": message, "timestamp": stamp(time.time() + 2)})
        scene.json("inbox", each.session, session=each.session)
    for session in ("", first.session, second.session):
        scene.json("sent", session=session)
    scene.json("inbox", first.session)
    assert run("inbox", folder=scene.shop).code == 0
    scene.json("inbox")
    scene.json("thread", question["id"])
    scene.json("search", "gross")


def _summaries(scene: Scene, worktree: Path) -> None:
    """Have sessions shown that ask, work and fail, whose model answers or does not."""
    shop = scene.shop
    context = Conversation().prompt("Add discounts").edit(str(shop / "invoice.py"), "-return 1", "+return 10")
    context.ask("Which kind?", "percent").run("pytest", "1 failed", 1)
    context.call("Bash", command="npm test").result("", {"stdout": "", "stderr": "", "backgroundTaskId": "b1"})
    context.reply("Shall I fix it?")
    context.write(scene.clients["first"].transcript)
    Conversation().prompt("Round").ask("Up or down?").write(scene.clients["third"].transcript)
    timeless = Conversation().prompt("Label").ask("Which?", "x").run("pytest", "ok").fail("overloaded")
    timeless.lines = [re.sub(r'"timestamp":"[^"]*",', "", line) for line in timeless.lines]
    timeless.write(scene.clients["apart"].transcript)
    Conversation().prompt("Pay").call("Read", file_path="x").write(scene.clients["second"].transcript)
    for name in ("first", "second", "third", "apart"):
        scene.json("show", name)
    _model(scene, json.dumps({"is_error": False, "structured_output": SUMMARY}))
    scene.json("show", "third")
    _model(scene, "overloaded")
    scene.json("show", "first")
    scene.json("changes", folder=worktree)


def _model(scene: Scene, answer: str) -> None:
    """Have a client that answers so make the summaries."""
    script, said = scene.outside / "model", scene.outside / "answer"
    said.write_text(answer)
    script.write_text(f"#!/bin/sh\ncat >/dev/null\ncat '{said}'\n")
    script.chmod(0o700)
    config = Path(os.environ["XDG_CONFIG_HOME"], "context-sync", "config.toml")
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(f"summary_command = {json.dumps(str(script))}\n")


def _looks(scene: Scene) -> None:
    """Look at everything, at a session that has no hooks, and at one whose client does not tell its process."""
    unknown = scene.client("unknown", extra={"CLAUDE_PID": "0"})
    response = change(scene.shop / "caller.py", "price(1)", "price(2)")
    edit = {"file_path": response["filePath"], "old_string": "price(1)", "new_string": "price(2)"}
    unknown.event("PostToolUse", tool_name="Edit", tool_input=edit, tool_response=response)
    alone = Client(scene.shop, session=str(uuid.uuid4()), process=unknown.process)
    Conversation().prompt("Look around").reply("Done.").write(alone.transcript)
    for command in ("status", "watch", "changes", "log"):
        scene.json(command)
    scene.json("show", "unknown")
    for target in ("invoice.py", "invoice.py:3", "notes.txt:1"):
        scene.json("who", target)


def _endings(scene: Scene) -> None:
    """Have a session end, a file settled on the user's word, and another by a commit."""
    third = scene.clients["third"]
    third.end()
    scene.json("show", "third")
    scene.json("send", "third", "See you.")
    scene.json("who", "--symbol", "Invoice.total")
    scene.json("resolve", "notes.txt", "nowhere.py")
    git(scene.shop, "commit", "--all", "-m", "both")
    scene.json("status", "--all")
    scene.json("changes")


def _hooks(scene: Scene) -> None:
    """Have hooks registered, examined, run and repaired, and one that hangs."""
    settings = Path(os.environ["CLAUDE_CONFIG_DIR"], "settings.json")
    assert run("init", folder=scene.shop).code == 0
    hooks = json.loads(settings.read_text())["hooks"]
    settings.write_text(json.dumps({"hooks": {"SessionStart": hooks["SessionStart"]}}))
    scene.json("doctor", "--fix", "--live")
    hangs = {"type": "command", "command": ": context-sync; sleep 60"}
    settings.write_text(json.dumps({"hooks": {"SessionStart": [{"hooks": [hangs]}]}}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(simulation, "TIME_LIMIT", 0.2)
        scene.json("doctor", "--live")
