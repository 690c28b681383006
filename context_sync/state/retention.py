"""Retention: what is old is removed, except for unread mail."""

from __future__ import annotations

import os
import time

from context_sync.domain import messages
from context_sync.domain.records import Session
from context_sync.hotpath.namedtuples import TYPE_CHECKING
from context_sync.state import (
    alert_memory,
    contents,
    files,
    gate,
    mailbox,
    name_index,
    sessions,
    summaries,
    touches,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


def sweep(days: int) -> None:
    """Remove what belongs to sessions that ended over `days` ago, and what processes that died left behind."""
    gate.swept()  # first: a sweep that is killed must not start again at every event
    before = time.time() - days * gate.DAY
    found = sessions.everyone()
    for session in found:
        _sweep_session(session, before, {each.id for each in found})
    _sweep_strangers(before)
    _sweep_repositories()
    _sweep_mail(before)
    _sweep_files(before)


def _sweep_session(session: Session, before: float, known: set[str]) -> None:
    if sessions.is_alive(session):
        touches.compact(session.id, before)
        name_index.forget(session.id, outdated=True)
        touched = {(touch.repository, touch.path) for touch in touches.read(session.id).touches}
        alert_memory.compact(session.id, before, touched, known)
        return
    if not session.ended:
        sessions.end(session, session.last_seen)
    if (session.ended or session.last_seen) < before and not mailbox.unread_names(session.id):
        _forget(session.id)


def _forget(session_id: str) -> None:
    summaries.forget(session_id)
    gate.clear(session_id)
    for parent, end in contents.of_sessions():  # the presence comes last
        files.remove(files.path(parent, session_id + end))


def _sweep_strangers(before: float) -> None:
    """Remove what belongs to sessions of which nothing else is known, including presences that make no sense."""
    known = {session.id for session in sessions.everyone()}
    for parent, end in contents.of_sessions():
        for file in _old(files.path(parent), before):
            if os.path.basename(file).removesuffix(end) not in known:
                files.remove(file)
    for session_id in set(gate.registered()) - known:
        if gate.last_seen(session_id) < before:
            gate.clear(session_id)


def _sweep_repositories() -> None:
    """Remove the entries of sessions that are not registered; a session registers before it enters."""
    top = files.path("repositories")
    found = [(where, names) for where, _, names in os.walk(top, topdown=False)]
    registered = set(gate.registered())  # read after the entries, or a session that just entered would seem unknown
    for where, names in found:
        gone = set(names) - registered
        for name in gone:
            files.remove(os.path.join(where, name))
        if len(gone) == len(names) and where != top:
            files.remove_folder(where)


def _sweep_mail(before: float) -> None:
    for box in mailbox.boxes():
        folder = files.path("mail", box)
        for file in [*_old(os.path.join(folder, "cur"), before), *_old(os.path.join(folder, "tmp"), before)]:
            files.remove(file)
        files.rewrite_lines(os.path.join(folder, "sent.jsonl"), lambda line: not _is_before(line, before))
        if box != messages.USER and sessions.load(box) is None and not mailbox.unread_names(box):
            _close_mailbox(folder, before)


def _close_mailbox(folder: str, before: float) -> None:
    """Remove mailboxes that belong to no session. A known session's stays: a sender may be about to write there."""
    for file in _old(folder, before):
        files.remove(file)
    for name in ("cur", "tmp", "new"):
        files.remove_folder(os.path.join(folder, name))
    files.remove_folder(folder)


def _sweep_files(before: float) -> None:
    """Remove what was not renewed, what was set aside, and what a killed writer left behind."""
    for folder in ("fingerprints", "seats"):  # a session that was cleared in an old seat is forgotten by now
        for file in _old(files.path(folder), before):
            files.remove(file)
    for file in _old(files.path(), before):
        if file.endswith((".broken", ".tmp")):
            files.remove(file)
    for name in files.names(files.path("fingerprints")):
        files.remove_folder(files.path("fingerprints", name))


def _is_before(line: dict[str, Any], before: float) -> bool:
    at = line.get("at")
    return isinstance(at, int | float) and at < before


def _old(folder: str, before: float) -> Iterator[str]:
    """Yield the files below a folder that were last written before a time; what repositories hold is not looked at."""
    for where, folders, names in os.walk(folder):
        if "repositories" in folders:
            folders.remove("repositories")
        for name in names:
            file = os.path.join(where, name)
            if 0 < files.time_of(file) < before:
                yield file
