"""Owns how edits become touches: resolved to symbols, written once each, and announced to whom they concern."""

import hashlib
import os
import time
from collections.abc import Iterable, Iterator

from context_sync import git, paths
from context_sync.awareness import attendance, detection
from context_sync.claude import transcripts
from context_sync.claude.edits import FileEdit
from context_sync.claude.transcripts import RecordedEdit
from context_sync.git import Place
from context_sync.records import Session, Symbol, Touch
from context_sync.state import fingerprints, markers, positions, repositories, sessions, touches

CLOCK_STEP = 1.0  # seconds by which the client's clock and ours may differ when a session starts


def record(session: Session, seen: Iterable[RecordedEdit]) -> None:
    """Write the edits that are not written yet to the touch file, and call the sessions that they collide with."""
    seen = list(seen)
    known = touches.recorded(session.id, [each.tool_use for each in seen])
    fresh = [each for each in seen if each.tool_use not in known]
    announce(session, [touch for each in fresh if (touch := _kept(session, each))])


def announce(session: Session, made: list[Touch]) -> None:
    """Write the touches of the session, and call both sides of each collision that they bring about."""
    touches.append(made)
    for touch in made:
        repositories.join(session.id, touch.repository)
        repositories.hold(session.id, touch.repository, touch.path)
    for repository in {touch.repository for touch in made}:
        for other in sessions.others(session.id, repository):
            paths = detection.meeting(session, other, {touch.path for touch in made if touch.repository == repository})
            if paths:
                markers.call(session.id, other.id, paths)
                markers.call(other.id, session.id, paths)


def catch_up(session: Session) -> Session:
    """Record what the session's transcripts tell since they were last read; return the session, perhaps renamed."""
    before = positions.read(session.id)
    reached: dict[str, int] = {}
    found: list[RecordedEdit] = []
    for transcript in _transcripts(session.transcript):
        for position, line in transcripts.lines_from(transcript, before.get(transcript, 0)):
            reached[transcript] = position
            told = transcripts.title(line)
            if told:
                session = attendance.rename(session, *told)
            recorded = transcripts.recorded_edit(line)
            # A fork's transcript begins with its parent's records.
            if recorded and recorded.at >= session.started - CLOCK_STEP:
                found.append(recorded)
    record(session, found)
    if reached:
        positions.write(session.id, before | reached)
    return session


def keep_fingerprints(touch: Touch, text: bytes) -> None:
    """Note what the definitions of the file are after the touch, to tell later what a command changed."""
    from context_sync.symbols import fingerprints as prints

    known = fingerprints.Known(touch.after, prints.fingerprints(touch.path, text))
    fingerprints.write(touch.worktree, touch.path, known)


def touch_of(session: Session, seen: RecordedEdit) -> Touch | None:
    """Return the touch that an edit is, None for the client's own files: plans, memories, transcripts."""
    path = os.path.realpath(os.path.join(session.cwd, seen.edit.path))
    place = _place(session, path)
    if place is None:
        return None
    after = seen.edit.after
    return Touch(
        at=seen.at or time.time(),
        session=session.id,
        tool=seen.tool,
        repository=place.repository,
        worktree=place.worktree,
        path=os.path.relpath(path, place.worktree),
        symbols=_symbols(path, seen.edit),
        after="" if after is None else hashlib.sha256(after).hexdigest(),
        agent=seen.agent,
        tool_use=seen.tool_use,
    )


def _kept(session: Session, seen: RecordedEdit) -> Touch | None:
    touch = touch_of(session, seen)
    if touch and seen.edit.after is not None:
        keep_fingerprints(touch, seen.edit.after)
    return touch


def _transcripts(main: str) -> Iterator[str]:
    """Yield the session's transcript and those of its subagents, which lie in a folder beside it."""
    if os.path.isfile(main):
        yield main
    folder = os.path.join(main.removesuffix(".jsonl"), "subagents")
    if os.path.isdir(folder):
        yield from (os.path.join(folder, name) for name in sorted(os.listdir(folder)) if name.endswith(".jsonl"))


def _place(session: Session, path: str) -> Place | None:
    found = git.place_of(os.path.dirname(path))
    if found:
        return found
    if _is_within(path, os.path.realpath(paths.claude_folder())):
        return None
    if _is_within(path, session.worktree):
        return Place(session.repository, session.worktree, "")
    folder = os.path.dirname(path)
    return Place(folder, folder, "")


def _is_within(path: str, folder: str) -> bool:
    return path.startswith(folder.rstrip("/") + "/")


def _symbols(path: str, edit: FileEdit) -> tuple[Symbol, ...]:
    if edit.before is None or edit.after is None:
        return ()
    from context_sync.symbols import hunks, resolver  # tree-sitter: 8 ms

    return resolver.touched(path, edit.before, edit.after, edit.hunks or hunks.hunks_between(edit.before, edit.after))
