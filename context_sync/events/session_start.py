"""SessionStart: a session starts, is resumed, forked or cleared, or was compacted."""

from context_sync.claude.hooks import payloads
from context_sync.claude.hooks.payloads import Event
from context_sync.edits import command_writes, recorder, recovery
from context_sync.events.dispatch import Answer
from context_sync.presence import attributes, handover, lifecycle
from context_sync.state import repositories, sessions
from context_sync.summaries import introduction

PATIENCE = 1.0  # seconds for edits that no hook saw: the user waits


def handle(event: Event) -> Answer | None:
    """Return who else is live in the repository, None when nobody is or the session was compacted and knows.

    Registers the session, and records edits in its transcript that no hook saw.
    """
    session = recovery.catch_up(lifecycle.current(event), event, PATIENCE)
    if event.source in ("clear", "resume"):
        handover.replace(session)
    if event.source == "resume":
        recorder.meet_again(session)
    command_writes.look(session, attributes.checkout_of(session.cwd))
    sessions.end_vanished(repositories.members(session.repository))
    note = introduction.note(session) if event.source != "compact" else ""
    return Answer(payloads.context(event.name, note)) if note else None
