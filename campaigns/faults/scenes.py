"""The scenes: the state of the world before something goes wrong."""

import json
import subprocess
from pathlib import Path

from campaigns.faults.layer import Fault
from campaigns.faults.plays import quiet
from campaigns.faults.world import NONE, Ended, World
from tests.rehearse import Client, change, result, stamp, state, tool_use

KEPT = ("model", "numStartups")  # what is not ours to change
OWN_HOOK = '{"hooks": [{"type": "command", "command": "say done"}]}'
CLIENT_FILES = {
    "settings.json": f'{{\n  "model": "opus",\n  "hooks": {{"Stop": [{OWN_HOOK}]}}\n}}\n',
    ".claude.json": '{"numStartups": 3, "projects": {}}\n',
}
SUMMARY = {"task": "Rounding", "decisions": [], "progress": ["calc.py"], "next": [], "blockers": []}
NOBODY = str(2**22 + 1)  # a pid that no process has


def send(world: World, sender: str, to: str, text: str, fault: Fault = NONE, *options: str) -> Ended:
    """Send a message as Claude does; it counts as stored once that is said."""
    ended = world.command("send", *options, to, text, fault=fault, environment=world.client(sender).environment())
    if ended.output.endswith(b".\n"):
        world.ledger.stored.setdefault(to, []).append(text)
    return ended


def started(world: World) -> None:
    for name in ("first", "second"):
        quiet(world.event(name, "SessionStart", source="startup", session_title=name))


def edited(world: World) -> None:
    started(world)
    quiet(world.edit("first", "a + b", "b + a"))


def in_conflict(world: World) -> None:
    edited(world)
    quiet(world.edit("second", "b + a", "a + b + 0"))


def with_mail(world: World) -> None:
    in_conflict(world)
    for number in range(3):
        assert send(world, "first", "second", f"letter {number}", NONE, *(("--ack",) if number == 1 else ())).output


def cleared_and_closed(world: World) -> None:
    """A session was cleared with mail, and the one after it was closed before it was given any."""
    with_mail(world)
    old = world.client("second")
    quiet(world.event("second", "SessionEnd", reason="clear"))
    world.clients["after"] = Client(world.project, process=old.process)
    quiet(world.event("after", "SessionStart", source="clear", session_title="after"))
    world.kill("after")
    world.clients["second"] = Client(world.project, session=old.session)
    world.clients["second"].transcript = old.transcript


def committed(world: World) -> None:
    in_conflict(world)
    subprocess.run(["git", "commit", "--quiet", "--all", "--message=both"], cwd=world.project, check=True)


def uninstalled(world: World) -> None:
    in_conflict(world)
    for file, text in CLIENT_FILES.items():
        of_client(file).write_text(text)


def installed(world: World) -> None:
    uninstalled(world)
    assert world.command("init").status == 0


def of_client(file: str) -> Path:
    return state().parent / file


def rebooted(world: World) -> None:
    """All clients are gone, though processes with their pids and their age run: the machine was started again."""
    with_mail(world)
    world.ledger.context.clear()
    world.boot = "another"


def to_the_user(world: World) -> None:
    in_conflict(world)
    for number in range(3):
        send(world, "first", "@user", f"letter {number}")


def idle_with_mail(world: World) -> None:
    """The turn of a session is over; what it is sent then wakes it."""
    in_conflict(world)
    quiet(world.event("second", "UserPromptSubmit", prompt="go on"))
    quiet(world.event("second", "Stop", stop_hook_active=False))
    assert send(world, "first", "second", "letter", NONE, "--urgent").output


def context(world: World) -> None:
    """A session was shown its mail and has answered since, as its transcript proves, where nobody looked yet."""
    with_mail(world)
    quiet(world.event("second", "UserPromptSubmit", prompt="go on"))


def missed(world: World) -> None:
    """A recorder died before it wrote anything; the transcript has the edit."""
    edited(world)
    quiet(world.event("second", "UserPromptSubmit", prompt="go on"))
    client = world.client("second")
    client.append(result(tool_use(), change(world.project / "calc.py", "b + a", "a + b + 0")))
    state("gate", client.session, "recording", NOBODY).touch()


def with_a_client(world: World) -> None:
    """There is a client to ask for summaries, and something to summarise."""
    with_mail(world)
    quiet(world.event("first", "UserPromptSubmit", prompt="go on"))
    client, answer = world.home / "client", json.dumps({"is_error": False, "structured_output": SUMMARY})
    client.write_text(f"#!/bin/sh\ncat >/dev/null\nprintf '%s' '{answer}'\n")
    client.chmod(0o700)
    configured = world.home / ".config" / "context-sync" / "config.toml"
    configured.parent.mkdir(parents=True)
    configured.write_text(f"summary_command = {json.dumps(str(client))}\n")
    request = {"type": "user", "message": {"role": "user", "content": "Round half up."}, "timestamp": stamp()}
    world.client("first").append(request)


def ailing(world: World) -> None:
    """What `doctor --fix` repairs: open to others, set aside, ended unnoticed, and registered for another Python."""
    installed(world)
    world.event("third", "SessionStart", source="startup", session_title="third")
    world.kill("third")
    state("mail").mkdir(exist_ok=True)
    state("mail").chmod(0o755)
    state("positions", "broken.json.broken").write_text("{")
    settings = of_client("settings.json")
    settings.write_text(settings.read_text().replace("set -- Stop;", "set -- Stop Stop;"))
