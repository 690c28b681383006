"""The story of old files: each is removed when it is due, and nothing else is."""

import os
import time

from campaigns.faults import scenes
from campaigns.faults.layer import Fault
from campaigns.faults.plays import quiet
from campaigns.faults.world import Ended, World
from context_sync.domain.conflicts import Conflict
from context_sync.domain.edit_history import Event
from context_sync.state import alert_memory, files, mailbox, retention, sessions, touches
from tests.rehearse import state

DAY = 86_400.0
OLD = "old.py"  # a file of long ago


def with_a_past(world: World) -> None:
    """There was a third session, which is long gone, and has read one message of two; its time has come."""
    scenes.with_mail(world)
    quiet(world.event("third", "SessionStart", source="startup", session_title="third"))
    quiet(world.edit("third", "a - b", "a - b - 1"))
    quiet(world.edit("third", "a - b - 1", "a - b"))
    for number in range(2):
        scenes.send(world, "first", "third", f"old {number}")
    quiet(world.event("third", "SessionEnd", reason="other"))
    _remember_old(world.clients["first"].session)
    gone = sessions.load(world.clients["third"].session)
    assert gone
    long_ago = gone._replace(ended=time.time() - 30 * DAY)
    files.write_json(files.path("sessions", gone.id + ".json"), long_ago._asdict())
    read, _ = mailbox.unread(gone.id)
    mailbox.archive(read)
    for file in [*state().rglob(f"*{gone.id}*"), *state("mail", gone.id).rglob("*")]:
        os.utime(file, (time.time() - 30 * DAY,) * 2)


def _remember_old(session_id: str) -> None:
    """Have a session that lives on know of an edit, a conflict and a message of long ago."""
    at = time.time() - 30 * DAY
    made = touches.read(session_id).touches[0]._replace(at=at, path=OLD, tool_use="toolu_old", id="old")
    touches.append([made])
    touches.note(session_id, [Event("committed", at + 1, ("old",))])
    context = Conflict(session_id, "third", made.repository, OLD, "file", (), made.worktree, made.worktree, at, at)
    alert_memory.remember(session_id, [context], at)
    files.append_lines(files.path("mail", session_id, "sent.jsonl"), [{"id": OLD, "to": "third", "at": at}])


def sweep(world: World, fault: Fault) -> Ended:
    state("swept").unlink()
    return world.event("first", "PostToolUse", fault, tool_name="Bash", tool_input={"command": "true"})


def swept(world: World, _: Ended) -> None:
    retention.sweep(14)
    lines = [path for path in state().rglob("*.jsonl") if OLD.encode() in path.read_bytes()]
    assert lines == [], "what is old stays"
    gone = world.clients["third"].session
    assert [each.message.text for each in mailbox.unread(gone)] == ["old 1"]
    mailbox.archive(next(mailbox.unread(gone)))
    for file in state("mail", gone).rglob("*"):
        os.utime(file, (time.time() - 30 * DAY,) * 2)
    retention.sweep(14)
    assert [path for path in state().rglob(f"{gone}*") if path.parent.name != "pending"] == []
