"""Owns what is broken and what must hold afterwards: a table of steps, and the aftermath that all of them have."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

from context_sync.cli import main as command_line
from context_sync.state import inspection, mailbox, markers, retention, sessions
from tests.faults.layer import Fault
from tests.faults.world import NONE, Ended, World
from tests.rehearse import log, state

ROUNDS = 5  # of prompts afterwards: a message without a proof of its arrival is told again, three times in all
MINUTE, DAY = 60.0, 86_400.0
THEIRS = '{\n  "model": "opus",\n  "hooks": {"Stop": [{"hooks": [{"type": "command", "command": "say done"}]}]}\n}\n'


class Story(NamedTuple):
    """A step that a fault may befall in a world prepared for it; `also` is what must be true then beside the rest.

    `alive` are the sessions that go on, `collide` those of them that must know that both changed `add`.
    """

    prepare: Callable[[World], None]
    step: Callable[[World, Fault], Ended]
    also: Callable[[World, Ended], None] = lambda *_: None
    alive: tuple[str, ...] = ("first", "second")
    collide: tuple[str, ...] = ("first", "second")
    kills: bool = False  # a client, so that the world has to be made anew each time


def send(world: World, sender: str, to: str, text: str, fault: Fault = NONE, *options: str) -> Ended:
    """Send a message as Claude does; it counts as stored once that is said."""
    ended = command(world, "send", *options, to, text, fault=fault, environment=world.client(sender).environment())
    if ended.output.endswith(b".\n"):
        world.ledger.stored.setdefault(to, []).append(text)
    return ended


def command(world: World, *arguments: str, fault: Fault = NONE, environment: Mapping[str, str] | None = None) -> Ended:
    """Run `context-sync`, in a terminal if nothing else is said."""

    def run() -> None:
        sys.argv = ["context-sync", *arguments]
        sys.exit(command_line.main())

    return world.process(environment or os.environ, run, b"", fault)


def play(world: World, story: Story, fault: Fault, again: Fault = NONE) -> Ended:
    """Play a story in which a fault befalls the step, and another one whoever goes on first, and what comes of it."""
    if story.kills:
        world.begin()
        story.prepare(world)
    else:
        world.restore()
    ended = story.step(world, fault)
    aftermath(world, story, ended, fault, again)
    return ended


def aftermath(world: World, story: Story, ended: Ended, fault: Fault, again: Fault = NONE) -> None:
    """Let everybody go on, and assert that nothing is lost, wrong or broken."""
    before = log()
    assert fault.kind not in ("full", "denied") or ended.status in (0, 1, 3), ended
    assert ended.errors == b"" or ended.status in (1, 3), ended.errors
    story.also(world, ended)
    for number in range(ROUNDS):
        world.skew += MINUTE
        for name in story.alive:
            done = world.event(name, "UserPromptSubmit", again if number == 0 else NONE, prompt="go on")
            assert (done.status, done.errors) == (0, b"") or again.at, done
    for to, texts in world.ledger.stored.items():
        told = "\n".join(world.ledger.told.get(to, []))
        lost = [text for text in texts if to in story.alive and text not in told]
        assert not lost, f"{to} was never told {lost}"
    for name in story.alive:
        told = "\n".join(world.ledger.told.get(name, []))
        assert "`sub`" not in told, f"{name} was told what is not true: {told}"
        assert name not in story.collide or "`add`" in told, f"{name} was never told of the collision"
    world.edit("newcomer", "a - b", "b - a")
    quiet(world.event(story.alive[-1], "UserPromptSubmit"))
    world.edit(story.alive[-1], "b - a", "a - b - 0")
    quiet(world.event("newcomer", "PostToolBatch"))
    assert "`sub`" in "".join(world.ledger.told.get("newcomer", [])), "the next collision is not told"
    assert inspection.set_aside() == []
    assert log() == before, log()
    for file in [*state("touches").glob("*"), *state("alerts").glob("*")]:
        broken = sum(not _is_json(line) for line in file.read_bytes().splitlines())
        assert broken <= 1, f"{file}: {broken} broken lines"


def quiet(ended: Ended) -> None:
    assert (ended.status, ended.errors) == (0, b""), ended


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return not line
    return True


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


def _installed(world: World) -> None:
    _collided(world)
    _settings().parent.mkdir(exist_ok=True)
    _settings().write_text(THEIRS)
    assert command(world, "init").status == 0


def _uninstalled(world: World) -> None:
    _collided(world)
    _settings().write_text(THEIRS)


def _settings():  # type: ignore[no-untyped-def]
    return state().parent / "settings.json"


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


def _cleared(world: World, fault: Fault) -> Ended:
    old = world.client("second")
    quiet(world.event("second", "SessionEnd", reason="clear"))
    from tests.rehearse import Client

    new = Client(world.project, process=old.process)
    world.clients["second"] = new
    return world.event("second", "SessionStart", fault, source="clear", session_title="second")


def _settings_whole(world: World, _: Ended) -> None:
    text = _settings().read_text()
    value = json.loads(text)
    assert value["model"] == "opus"
    assert '"say done"' in text
    assert command(world, "init").status == 0
    assert command(world, "uninstall").status == 0
    assert _settings().read_text() == THEIRS


def _no_person_lost(world: World, ended: Ended) -> None:
    told = ended.output.decode()
    for _ in range(3):
        told += command(world, "inbox", "--all").output.decode()
    assert all(each in told for each in world.ledger.stored.get("@user", []))


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
    "an edit is recorded": Story(_edited, lambda w, f: w.edit("second", "b + a", "a + b + 0", f), _recorded_once),
    "a command wrote": Story(_edited, _ran, collide=()),
    "a command after a commit": Story(_committed, _ran, collide=()),
    "a session ends": Story(_with_mail, _end, _gone, alive=("first",), collide=(), kills=True),
    "a session ends and is resumed": Story(_with_mail, _end, _resumed, collide=(), kills=True),
    "a message is sent": Story(_collided, lambda w, f: send(w, "first", "second", "letter", f, "--ack")),
    "the person reads": Story(_to_the_person, lambda w, f: command(w, "inbox", fault=f), _no_person_lost),
    "everything is resolved": Story(_collided, lambda w, f: command(w, "resolve", "calc.py", fault=f), collide=()),
    "the old is removed": Story(_with_a_past, _sweep, _swept),
    "the hooks are put in": Story(_uninstalled, lambda w, f: command(w, "init", fault=f), _settings_whole),
    "the hooks are taken out": Story(_installed, lambda w, f: command(w, "uninstall", fault=f), _settings_whole),
}
