"""The steps that are commands and tools, and what must be true after one of them went wrong."""

import json
import os
import signal
import sys

from campaigns.faults import hooks, scenes
from campaigns.faults.layer import Fault
from campaigns.faults.plays import quiet
from campaigns.faults.scenes import CLIENT_FILES, KEPT
from campaigns.faults.world import NONE, Ended, World
from tests.rehearse import state


def moved(world: World, fault: Fault) -> Ended:
    """The hooks are put in again by an installation that is somewhere else now."""
    link = world.home / "python"
    link.symlink_to(sys.executable)
    return world.command("init", fault=fault, python=str(link))


def settings_whole(world: World, ended: Ended) -> None:
    for file, text in CLIENT_FILES.items():
        value = json.loads(scenes.of_client(file).read_text())
        assert value.items() >= {name: each for name, each in json.loads(text).items() if name in KEPT}.items()
    assert '"say done"' in scenes.of_client("settings.json").read_text()
    assert world.command("init").status == 0
    settings_restored(world, ended)


def settings_restored(world: World, _: Ended) -> None:
    assert world.command("uninstall").status == 0
    assert {file: scenes.of_client(file).read_text() for file in CLIENT_FILES} == CLIENT_FILES


def purged(world: World, ended: Ended) -> None:
    settings_restored(world, ended)
    assert world.command("uninstall", "--purge").status == 0
    assert not state().exists()


def inbox(world: World, fault: Fault) -> Ended:
    ended = world.command("inbox", fault=fault, environment=world.client("second").environment())
    world.ledger.context.setdefault("second", []).append(ended.output.decode())
    return ended


def nothing_of_the_user_lost(world: World, ended: Ended) -> None:
    context = ended.output.decode()
    context += world.command("inbox").output.decode()
    lost = [each for each in world.ledger.stored["@user"] if each not in context]
    assert not lost, f"the user was never shown {lost}"


def sent(world: World, fault: Fault) -> Ended:
    return world.command("sent", fault=fault, environment=world.client("first").environment())


def receipt_context(world: World, _: Ended) -> None:
    """Who sends sees what became of it, and gets the receipt that was asked for once the receiver goes on."""
    shown = sent(world, NONE).output.decode()
    assert shown.count(" read ") == len(world.ledger.stored["second"]), shown
    world.event("second", "UserPromptSubmit", prompt="go on")
    world.event("first", "UserPromptSubmit", prompt="go on")
    assert "read message" in "".join(world.ledger.context["first"])


def looked(world: World, fault: Fault) -> Ended:
    """Somebody looks who is there, after a client died."""
    os.kill(world.client("second").pid, signal.SIGKILL)
    return world.command("status", fault=fault)


def seen_gone(world: World, _: Ended) -> None:
    gone = world.clients["second"].session
    world.kill("second")
    known = json.loads(world.command("status", "--json").output)["sessions"]
    assert gone not in {each["id"] for each in known if each["live"]}
    quiet(world.event("first", "PostToolUse", tool_name="Bash", tool_input={"command": "true"}))
    hooks.is_no_ghost(gone)


def summarised(world: World, _: Ended) -> None:
    shown = json.loads(world.command("show", "first", "--json").output)
    assert (shown["task"], shown["summary_by"]) == (scenes.SUMMARY["task"], "claude"), shown


def healthy(world: World, ended: Ended) -> None:
    """What is repaired once more is in order, and the settings are what they were."""
    world.command("doctor", "--fix")
    found = json.loads(world.command("doctor", "--json").output)["findings"]
    left = [each["id"] for each in found if each["repairable"] and each["status"] != "ok"]
    assert not left, left
    settings_restored(world, ended)


def tool_sends(world: World, fault: Fault) -> Ended:
    ended = world.tool("first", "send_message", fault, message="letter", targetSessionId="second")
    if ended.status == 0:
        world.ledger.stored.setdefault("second", []).append("letter")
    return ended


def tool_reads(world: World, fault: Fault) -> Ended:
    ended = world.tool("second", "get_messages", fault)
    world.ledger.context.setdefault("second", []).append(ended.output.decode())
    return ended


def tool_resolves(world: World, fault: Fault) -> Ended:
    return world.tool("second", "resolve_conflicts", fault, files=["calc.py"])
