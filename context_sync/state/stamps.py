"""Change stamps: whether something in the state folder changed, found with a few calls of stat."""

import os

from context_sync.state import files

Stamp = tuple[int, ...]  # times and sizes; a different stamp means that something changed


def of_session(session_id: str) -> Stamp:
    """Return the stamp of a session's state: its presence, its last event, and whether it is working."""
    gate = files.path("gate", session_id)
    return stamp(
        files.path("sessions", session_id + ".json"),
        *(os.path.join(gate, name) for name in ("seen", "turn", "idle")),
    )


def of_edits(session_id: str) -> Stamp:
    """Return the stamp of what a session did: its edits, and the notices about those of others."""
    gate = files.path("gate", session_id)
    return stamp(
        files.path("touches", session_id + ".jsonl"),
        files.path("alerts", session_id + ".jsonl"),
        os.path.join(gate, "pending"),
    )


def of_mail() -> Stamp:
    """Return the stamp of all mailboxes, including the state of each unread message."""
    boxes = [files.path("mail", box) for box in sorted(files.names(files.path("mail")))]
    unread = [os.path.join(box, "new", name) for box in boxes for name in files.names(os.path.join(box, "new"))]
    return stamp(*(os.path.join(box, name) for box in boxes for name in ("new", "cur")), *unread)


def stamp(*paths: str) -> Stamp:
    """Return the stamp of files and folders, which may be missing."""
    found: list[int] = []
    for path in paths:
        try:
            status = os.stat(path)
        except OSError:
            found.append(0)
        else:
            found += (status.st_mtime_ns, status.st_size)
    return tuple(found)
