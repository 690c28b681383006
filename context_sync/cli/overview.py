"""`context-sync` without a command: what is going on here, and the next useful command."""

import os
import time
from collections.abc import Iterator
from typing import NamedTuple

from context_sync.claude.install import installed_plugin, registrations
from context_sync.cli import crashes, output, snapshot
from context_sync.cli.snapshot import Presence, ShownConflict
from context_sync.domain import wording
from context_sync.domain.messages import USER
from context_sync.git import checkouts, refs
from context_sync.state import mailbox

MOST_SESSIONS = 3
NAME = 30  # columns
BRANCH = 20  # columns


class Scene(NamedTuple):
    """The state of the repository around a folder, the most serious conflict first."""

    folder: str
    branch: str
    sessions: list[Presence]
    elsewhere: int
    conflicts: list[ShownConflict]
    to_user: int
    to_sessions: int
    has_crashed: bool


def lines(folder: str) -> list[str]:
    """Return the overview for a user in `folder`, in at most eight lines."""
    if not installed_plugin.are_hooks_registered(folder):
        broken = [output.tilde(source.file) for source in registrations.sources(folder) if source.error]
        if broken:
            return [
                f"Claude Code's settings cannot be read: {', '.join(broken)}.",
                f"Next: {output.bold('context-sync doctor')} shows what is wrong.",
            ]
        return [
            "context-sync makes parallel Claude Code sessions aware of each other.",
            "It is not installed: no hook is registered.",
            f"Next: {output.bold('context-sync init')} adds the hooks; then use claude as usual.",
            f"Or try it first: {output.bold('context-sync demo')} simulates two sessions in a temporary folder.",
        ]
    scene = look(folder)
    command, why = advice(scene)
    return [*_page(scene, time.time()), f"Next: {output.bold(command)} {why}"]


def look(folder: str) -> Scene:
    """Return the state of the repository around `folder`."""
    place = checkouts.checkout_of(folder)
    here = place.repository if place else os.path.realpath(folder)
    seen = snapshot.look(everyone=False)
    mine = [each for each in seen.presences if each.session.repository == here]
    return Scene(
        folder=place.worktree if place else here,
        branch=refs.branch_of(place) if place else "",
        sessions=sorted(mine, key=lambda each: each.session.last_seen, reverse=True),
        elsewhere=len(seen.presences) - len(mine),
        conflicts=[each for each in seen.conflicts if not each.settled and each.conflict.repository == here],
        to_user=len(mailbox.unread_names(USER)),
        to_sessions=sum(len(mailbox.unread_names(each.session.id)) for each in mine),
        has_crashed=bool(crashes.unseen()),
    )


def advice(scene: Scene) -> tuple[str, str]:
    """Return the next useful command, and what it does."""
    if scene.has_crashed:
        return "context-sync doctor", "shows what failed."
    if scene.conflicts:
        return "context-sync status", "shows both sides of each conflict."
    if scene.to_user:
        return "context-sync inbox", "shows the messages to you."
    if len(scene.sessions) + scene.elsewhere > 1:
        return "context-sync watch", "shows all of it live."
    if scene.sessions:
        return "claude", "in a second terminal: the two will know about each other."
    return "claude", "as usual; with a second session there will be something to see."


def _page(scene: Scene, now: float) -> Iterator[str]:
    yield _headline(scene)
    width = max((output.columns(_name(each)) for each in scene.sessions[:MOST_SESSIONS]), default=0)
    for each in scene.sessions[:MOST_SESSIONS]:
        name = output.column(_name(each), min(width, NAME))
        branch = output.column(wording.plain(each.branch, wording.LONGEST_PATH), BRANCH)
        yield f"  {name}  {branch}  active {output.ago(each.session.last_seen, now)}"
    if len(scene.sessions) > MOST_SESSIONS:
        yield f"  and {len(scene.sessions) - MOST_SESSIONS} more"
    if scene.conflicts:
        yield _conflicts(scene.conflicts)
    unread = _unread(scene)
    if unread:
        yield unread


def _headline(scene: Scene) -> str:
    name = wording.plain(os.path.basename(scene.folder) or scene.folder, wording.LONGEST_NAME)
    branch = f", branch {wording.plain(scene.branch, wording.LONGEST_NAME)}" if scene.branch else ""
    number = len(scene.sessions)
    live = {0: "no session is live", 1: "one session is live"}.get(number, f"{number} sessions are live")
    elsewhere = f", {scene.elsewhere} elsewhere" if scene.elsewhere else ""
    return f"{output.bold(output.cut(name, NAME))}{output.cut(branch, NAME)}: {live}{elsewhere}."


def _name(presence: Presence) -> str:
    return wording.plain(presence.session.name, wording.LONGEST_NAME)


def _conflicts(found: list[ShownConflict]) -> str:
    worst = found[0].conflict
    what = f"{worst.symbols[0]} in {worst.path}" if worst.symbols else worst.path
    more = f", and {len(found) - 1} more" if len(found) > 1 else ""
    count = output.count(len(found), "conflict")
    return f"{count}: {output.cut(wording.plain(what, wording.LONGEST_PATH), 55)}{more}."


def _unread(scene: Scene) -> str:
    parts = []
    if scene.to_user:
        parts.append(f"{output.count(scene.to_user, 'message')} to you")
    if scene.to_sessions:
        parts.append(f"{output.count(scene.to_sessions, 'message')} to sessions here")
    return f"Unread: {', '.join(parts)}." if parts else ""
