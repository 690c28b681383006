"""Owns what is broken: a table of what the sessions, the commands and the person do."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from context_sync.state import mailbox, markers, retention, sessions
from tests.faults.layer import Fault
from tests.faults.plays import Story, quiet
from tests.faults.world import NONE, Ended, World
from tests.rehearse import Client, state

DAY = 86_400.0
KEPT = ("model", "numStartups")  # what is not ours to change
OWN_HOOK = '{"hooks": [{"type": "command", "command": "say done"}]}'
CLIENT_FILES = {
    "settings.json": f'{{\n  "model": "opus",\n  "hooks": {{"Stop": [{OWN_HOOK}]}}\n}}\n',
    ".claude.json": '{"numStartups": 3, "projects": {}}\n',
}


def send(world: World, sender: str, to: str, text: str, fault: Fault = NONE, *options: str) -> Ended:
    """Send a message as Claude does; it counts as stored once that is said."""
    ended = world.command("send", *options, to, text, fault=fault, environment=world.client(sender).environment())
    if ended.output.endswith(b".\n"):
        world.ledger.stored.setdefault(to, []).append(text)
    return ended


def _started(world: World) -> None:
    for name in ("first", "second"):
        quiet(world.event(name, "SessionStart", source="startup", session_title=name))


def _edited(world: World) -> None:
    _started(world)
    quiet(world.edit("first", "a + b", "b + a"))


def _collided(world: World) -> None:
    _edited(world)
    quiet(world.edit("second", "b + a", "a + b + 0"))


def _with_mail(world: World) -> None:
    _collided(world)
    for number in range(3):
        assert send(world, "first", "second", f"letter {number}", NONE, *(("--ack",) if number == 1 else ())).output


def _committed(world: World) -> None:
    _collided(world)
    subprocess.run(["git", "commit", "--quiet", "--all", "--message=both"], cwd=world.project, check=True)


def _uninstalled(world: World) -> None:
    _collided(world)
    for file, text in CLIENT_FILES.items():
        _of_client(file).write_text(text)


def _installed(world: World) -> None:
    _uninstalled(world)
    assert world.command("init").status == 0


def _moved(world: World, fault: Fault) -> Ended:
    """The hooks are put in again by an installation that is somewhere else now."""
    link = world.home / "python"
    link.symlink_to(sys.executable)
    return world.command("init", fault=fault, python=str(link))


def _of_client(file: str) -> Path:
    return state().parent / file


def _denied(world: World, fault: Fault) -> Ended:
    attempt = {"file_path": str(world.project / "calc.py"), "old_string": "b + a", "new_string": "0"}
    return world.event("second", "PreToolUse", fault, tool_name="Edit", tool_use_id="toolu_1", tool_input=attempt)


def _denied_and_edited(world: World, _: Ended) -> None:
    quiet(world.edit("second", "b + a", "a + b + 0"))


def _ran(world: World, fault: Fault) -> Ended:
    world.event("second", "PreToolUse", tool_name="Bash", tool_use_id="toolu_2", tool_input={"command": "sed"})
    text = (world.project / "calc.py").read_text()
    (world.project / "calc.py").write_text(text.replace("b + a", "a + b + 0"))
    fields = {"tool_name": "Bash", "tool_use_id": "toolu_2", "tool_input": {"command": "sed"}, "tool_response": {}}
    return world.event("second", "PostToolUse", fault, **fields)


def _edit(world: World, fault: Fault) -> Ended:
    world.event("second", "UserPromptSubmit", prompt="go on")
    return world.edit("second", "b + a", "a + b + 0", fault)


def _recorded_once(world: World, _: Ended) -> None:
    """The transcript tells what the recorder could not, at the end of the turn at the latest."""
    quiet(world.event("second", "Stop", stop_hook_active=False))
    quiet(world.event("second", "PostToolUse", tool_name="Bash", tool_input={"command": "true"}))
    made = [touch for touch in world.client("second").touches if touch.tool == "Edit"]
    assert len(made) == 1, made


def _gone(world: World, _: Ended) -> None:
    gone = world.clients["second"].session
    world.kill("second")
    quiet(world.event("first", "PostToolUse", tool_name="Bash", tool_input={"command": "true"}))
    live = {each.id for each in sessions.live(markers.registered())}
    assert gone not in live, "a ghost"
    members = [path.name for path in state("repositories").glob("*/members/*")]
    assert gone not in members, "a ghost"


def _resumed(world: World, _: Ended) -> None:
    """The client ended; another one goes on with the session, which is told all that it missed."""
    session, transcript = world.clients["second"].session, world.clients["second"].transcript
    world.kill("second")
    again = world.client("second")
    again.session, again.transcript = session, transcript
    quiet(world.event("second", "SessionStart", source="resume"))


def _rebooted(world: World) -> None:
    """All clients are gone, though processes with their pids and their age run: the machine was started again."""
    _with_mail(world)
    world.ledger.told.clear()
    world.boot = "another"


def _nobody_is_back(world: World, ended: Ended) -> None:
    """Only who began after that is live, and who is resumed hears of the mail, and of no collision with the dead."""
    assert b"another Claude Code session is live" not in ended.output
    for name in ("first", "second"):
        world.clients[f"{name}, before"] = world.clients.pop(name)
    again = world.client("second")
    again.session, again.transcript = (
        getattr(world.clients["second, before"], name) for name in ("session", "transcript")
    )
    quiet(world.event("second", "SessionStart", source="resume"))
    quiet(world.event("third", "UserPromptSubmit", prompt="go on"))
    quiet(world.event("second", "UserPromptSubmit", prompt="go on"))
    told = "".join(world.ledger.told["second"])
    assert "letter 0" in told
    assert "`add`" not in told
    known = json.loads(world.command("status", "--json").output)["sessions"]
    assert {each["id"] for each in known if each["alive"]} == {again.session, world.clients["third"].session}


def _cleared(world: World, fault: Fault) -> Ended:
    old = world.client("second")
    quiet(world.event("second", "SessionEnd", reason="clear"))
    new = Client(world.project, process=old.process)
    world.clients["second"] = new
    return world.event("second", "SessionStart", fault, source="clear", session_title="second")


def _settings_whole(world: World, ended: Ended) -> None:
    for file, text in CLIENT_FILES.items():
        value = json.loads(_of_client(file).read_text())
        assert value.items() >= {name: each for name, each in json.loads(text).items() if name in KEPT}.items()
    assert '"say done"' in _of_client("settings.json").read_text()
    assert world.command("init").status == 0
    _settings_restored(world, ended)


def _settings_restored(world: World, _: Ended) -> None:
    assert world.command("uninstall").status == 0
    assert {file: _of_client(file).read_text() for file in CLIENT_FILES} == CLIENT_FILES


def _purged(world: World, ended: Ended) -> None:
    _settings_restored(world, ended)
    assert world.command("uninstall", "--purge").status == 0
    assert not state().exists()


def _inbox(world: World, fault: Fault) -> Ended:
    ended = world.command("inbox", fault=fault, environment=world.client("second").environment())
    world.ledger.told.setdefault("second", []).append(ended.output.decode())
    return ended


def _no_person_lost(world: World, ended: Ended) -> None:
    told = ended.output.decode()
    told += world.command("inbox").output.decode()
    lost = [each for each in world.ledger.stored["@user"] if each not in told]
    assert not lost, f"the person was never told {lost}"


def _to_the_person(world: World) -> None:
    _collided(world)
    for number in range(3):
        send(world, "first", "@user", f"letter {number}")


def _with_a_past(world: World) -> None:
    """There was a third session, which is long gone, and has read one message of two; its time has come."""
    _with_mail(world)
    quiet(world.event("third", "SessionStart", source="startup", session_title="third"))
    quiet(world.edit("third", "a - b", "a - b - 1"))
    quiet(world.edit("third", "a - b - 1", "a - b"))
    for number in range(2):
        send(world, "first", "third", f"old {number}")
    quiet(world.event("third", "SessionEnd", reason="other"))
    gone = sessions.load(world.clients["third"].session)
    assert gone
    sessions.end(gone, time.time() - 30 * DAY)
    read, _ = mailbox.unread(gone.id)
    mailbox.settle(read)
    for file in [*state().rglob(f"*{gone.id}*"), *state("mail", gone.id).rglob("*")]:
        os.utime(file, (time.time() - 30 * DAY,) * 2)


def _sweep(world: World, fault: Fault) -> Ended:
    state("swept").unlink()
    return world.event("first", "PostToolUse", fault, tool_name="Bash", tool_input={"command": "true"})


def _swept(world: World, _: Ended) -> None:
    retention.sweep(14)
    gone = world.clients["third"].session
    assert [each.message.text for each in mailbox.unread(gone)] == ["old 1"]
    mailbox.settle(next(mailbox.unread(gone)))
    for file in state("mail", gone).rglob("*"):
        os.utime(file, (time.time() - 30 * DAY,) * 2)
    retention.sweep(14)
    assert [path for path in state().rglob(f"{gone}*") if path.parent.name != "pending"] == []


def _end(world: World, fault: Fault) -> Ended:
    return world.event("second", "SessionEnd", fault, reason="other")


STORIES = {
    "a session starts": Story(_edited, lambda w, f: w.event("third", "SessionStart", f, source="startup"), collide=()),
    "a session is resumed": Story(_with_mail, lambda w, f: w.event("second", "SessionStart", f, source="resume")),
    "a session is cleared": Story(_with_mail, _cleared, collide=()),
    "a prompt with news": Story(_with_mail, lambda w, f: w.event("second", "UserPromptSubmit", f, prompt="go on")),
    "a batch with news": Story(_with_mail, lambda w, f: w.event("second", "PostToolBatch", f, tool_calls=[])),
    "the end of a turn with news": Story(_with_mail, lambda w, f: w.event("second", "Stop", f, stop_hook_active=False)),
    "an edit is denied": Story(_edited, _denied, _denied_and_edited),
    "an edit is recorded": Story(_edited, _edit, _recorded_once),
    "a command wrote": Story(_edited, _ran, collide=()),
    "a command after a commit": Story(_committed, _ran, collide=()),
    "a session ends": Story(_with_mail, _end, _gone, alive=("first",), collide=(), kills=True),
    "a session ends and is resumed": Story(_with_mail, _end, _resumed, collide=(), kills=True),
    "a message is sent": Story(_collided, lambda w, f: send(w, "first", "second", "letter", f, "--ack")),
    "a session reads its mail": Story(_with_mail, _inbox),
    "the person reads": Story(_to_the_person, lambda w, f: w.command("inbox", fault=f), _no_person_lost),
    "everything is resolved": Story(_collided, lambda w, f: w.command("resolve", "calc.py", fault=f), collide=()),
    "the old is removed": Story(_with_a_past, _sweep, _swept),
    "the machine was started again": Story(
        _rebooted,
        lambda w, f: w.event("third", "SessionStart", f, source="startup"),
        _nobody_is_back,
        alive=("third", "second"),
        collide=(),
        kills=True,
    ),
    "the hooks are put in": Story(_uninstalled, lambda w, f: w.command("init", fault=f), _settings_whole),
    "the hooks are put in again": Story(_installed, _moved, _settings_restored),
    "the hooks are taken out": Story(_installed, lambda w, f: w.command("uninstall", fault=f), _settings_whole),
    "all is deleted": Story(_installed, lambda w, f: w.command("uninstall", "--purge", fault=f), _purged, collide=()),
}
