"""Owns how it is noticed, by a few calls of stat, that something in the state folder changed."""

import os

from context_sync.state import files

Stamp = tuple[int, ...]  # times and sizes; another one means that something changed


def of_session(session_id: str) -> Stamp:
    """Return the stamp of what a session is: its presence, its last event, and whether it is at work."""
    gate = files.path("gate", session_id)
    return stamp(
        files.path("sessions", session_id + ".json"),
        *(os.path.join(gate, name) for name in ("seen", "turn", "idle")),
    )


def of_edits(session_id: str) -> Stamp:
    """Return the stamp of what a session did: its edits, and the calls about those of others."""
    gate = files.path("gate", session_id)
    return stamp(
        files.path("touches", session_id + ".jsonl"),
        files.path("alerts", session_id + ".jsonl"),
        os.path.join(gate, "pending"),
    )


def of_mail() -> Stamp:
    """Return the stamp of every mailbox, of what became of each unread message included."""
    boxes = [files.path("mail", box) for box in sorted(files.names(files.path("mail")))]
    unread = [os.path.join(box, "new", name) for box in boxes for name in files.names(os.path.join(box, "new"))]
    return stamp(*(os.path.join(box, name) for box in boxes for name in ("new", "cur")), *unread)


def stamp(*paths: str) -> Stamp:
    """Return the stamp of files and folders; one that is missing has one, too."""
    found: list[int] = []
    for path in paths:
        try:
            told = os.stat(path)
        except OSError:
            found.append(0)
        else:
            found += (told.st_mtime_ns, told.st_size)
    return tuple(found)
