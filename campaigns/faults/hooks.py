"""The steps that are hooks, and what must be true after one of them went wrong."""

import json

from campaigns.faults import scenes
from campaigns.faults.layer import Fault
from campaigns.faults.plays import quiet
from campaigns.faults.world import NONE, Ended, World
from context_sync.events.idle import WAKES
from context_sync.state import gate, mailbox, sessions
from tests.rehearse import Client, state

LONGEST = 180.0  # seconds that a waiter takes to see that it is not needed any more, which are some milliseconds
NOTIFICATION = "<task-notification>"  # with which the prompt begins that a waiter brings about


def denied(world: World, fault: Fault) -> Ended:
    attempt = {"file_path": str(world.project / "calc.py"), "old_string": "b + a", "new_string": "0"}
    return world.event("second", "PreToolUse", fault, tool_name="Edit", tool_use_id="toolu_1", tool_input=attempt)


def denied_and_edited(world: World, _: Ended) -> None:
    quiet(world.edit("second", "b + a", "a + b + 0"))


def ran(world: World, fault: Fault) -> Ended:
    return _ran(world, "PostToolUse", fault)


def failed(world: World, fault: Fault) -> Ended:
    """A command wrote a file, and failed."""
    return _ran(world, "PostToolUseFailure", fault)


def _ran(world: World, event: str, fault: Fault) -> Ended:
    world.event("second", "PreToolUse", tool_name="Bash", tool_use_id="toolu_2", tool_input={"command": "sed"})
    text = (world.project / "calc.py").read_text()
    (world.project / "calc.py").write_text(text.replace("b + a", "a + b + 0"))
    fields = {"tool_name": "Bash", "tool_use_id": "toolu_2", "tool_input": {"command": "sed"}, "tool_response": {}}
    return world.event("second", event, fault, **fields)


def edit(world: World, fault: Fault) -> Ended:
    world.event("second", "UserPromptSubmit", prompt="go on")
    return world.edit("second", "b + a", "a + b + 0", fault)


def recorded_once(world: World, _: Ended) -> None:
    """The transcript tells what the recorder could not, at the end of the turn at the latest."""
    quiet(world.event("second", "Stop", stop_hook_active=False))
    quiet(world.event("second", "PostToolUse", tool_name="Bash", tool_input={"command": "true"}))
    made = [touch for touch in world.client("second").touches if touch.tool == "Edit"]
    assert len(made) == 1, made


def gone(world: World, _: Ended) -> None:
    gone = world.clients["second"].session
    world.kill("second")
    quiet(world.event("first", "PostToolUse", tool_name="Bash", tool_input={"command": "true"}))
    is_no_ghost(gone)


def is_no_ghost(gone: str) -> None:
    """Assert that a session whose client is gone is not taken for live."""
    live = {each.id for each in sessions.live(gate.registered())}
    assert gone not in live, "a ghost"
    members = [path.name for path in state("repositories").glob("*/members/*")]
    assert gone not in members, "a ghost"


def resumed(world: World, _: Ended) -> None:
    """Claude Code ended; another one goes on with the session, which is shown all that it missed."""
    session, transcript = world.clients["second"].session, world.clients["second"].transcript
    world.kill("second")
    again = world.client("second")
    again.session, again.transcript = session, transcript
    quiet(world.event("second", "SessionStart", source="resume"))


def nobody_is_back(world: World, ended: Ended) -> None:
    """Only who began after that is live, and who is resumed hears of the mail, and of no conflict with the dead."""
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
    context = "".join(world.ledger.context["second"])
    assert "letter 0" in context
    assert "`add`" not in context
    known = json.loads(world.command("status", "--json").output)["sessions"]
    assert {each["id"] for each in known if each["live"]} == {again.session, world.clients["third"].session}


def about_to_be_cleared(world: World, fault: Fault) -> Ended:
    return world.event("second", "SessionEnd", fault, reason="clear")


def followed(world: World, _: Ended) -> None:
    """Another session begins in the same client, and is shown what the one before was not."""
    old = world.client("second")
    world.clients["second"] = Client(world.project, process=old.process)
    quiet(world.event("second", "SessionStart", source="clear", session_title="second"))
    is_no_ghost(old.session)


def cleared(world: World, fault: Fault) -> Ended:
    old = world.client("second")
    quiet(world.event("second", "SessionEnd", reason="clear"))
    new = Client(world.project, process=old.process)
    world.clients["second"] = new
    return world.event("second", "SessionStart", fault, source="clear", session_title="second")


def wait(world: World, fault: Fault) -> Ended:
    ended = world.wait("second", fault)
    assert fault.at or ended.status == WAKES, "nobody was woken"
    return ended


def woken_once(world: World, ended: Ended) -> None:
    """What wakes is noted, or would wake for ever. A turn ends the waiter, and of two the later one wakes."""
    assert ended.status != WAKES or mailbox.find("", [world.client("second").session])[0].marks
    quiet(world.event("second", "UserPromptSubmit", prompt=NOTIFICATION))
    nobody_waits(world)
    quiet(world.event("second", "Stop", stop_hook_active=True))
    assert [world.wait("second").status, world.wait("second").status] == [0, 0], "woken again"
    earlier, later = world.waiters
    assert earlier.ended_within(LONGEST), "two wait"
    assert scenes.send(world, "first", "second", "another", NONE, "--urgent").output
    woken = later.ended_within(LONGEST)
    assert woken, "the next message does not wake"
    assert woken.status == WAKES
    world.waiters.clear()
    quiet(world.event("second", "UserPromptSubmit", prompt=NOTIFICATION))
    context = "".join(world.ledger.context["second"])
    assert [context.count(f"> {text}") for text in ("letter", "another")] == [1, 1], context


def nobody_waits(world: World) -> None:
    while world.waiters:
        assert world.waiters[-1].ended_within(LONGEST), "a waiter is left behind"
        world.waiters.pop()


def end(world: World, fault: Fault) -> Ended:
    return world.event("second", "SessionEnd", fault, reason="other")
