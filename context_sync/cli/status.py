"""Owns `context-sync status`: which sessions there are, and where their edits collide."""

import os
import time
from collections.abc import Mapping
from itertools import groupby
from typing import Any, NamedTuple

import click

from context_sync import conflicts, wording
from context_sync.awareness import detection
from context_sync.claude import installed_plugin
from context_sync.cli import output
from context_sync.collisions.verdicts import Dependency
from context_sync.conflicts import Conflict
from context_sync.errors import ContextSyncError
from context_sync.git import layout, references
from context_sync.records import Session
from context_sync.state import sessions, touches

LEVEL_COLOURS = {"file": "cyan", "symbol": "yellow", "merge": "red", "dependency": "magenta"}
WAYS = {
    "parameters": "changed its signature",
    "renamed": "renamed it",
    "moved": "moved it",
    "removed": "removed it",
    "body": "changed what it does",
}
WIDEST_BRANCH = 20  # columns of a branch in the table
MARGIN = " " * 15


class Presence(NamedTuple):
    """A session, whether it is alive, and the branch that its worktree is on now."""

    session: Session
    alive: bool
    branch: str


class Collision(NamedTuple):
    """A conflict of two live sessions; settled when the edits were committed, reverted or merged since."""

    conflict: Conflict
    settled: bool


class Picture(NamedTuple):
    """Everything there is to show, at one moment (`now`, seconds since the epoch), oldest session first."""

    presences: list[Presence]
    collisions: list[Collision]
    now: float


@click.command("status")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, as described above.")
@click.option("--all", "everyone", is_flag=True, help="Show the sessions that ended and settled conflicts, too.")
def command(as_json: bool, everyone: bool) -> None:
    """Show the live Claude Code sessions and where their edits collide.

    A conflict is a file that two live sessions edited. Its level says how serious it is: file (both edited the
    file), symbol (both changed the same function, class or other definition), merge (merging the two would
    conflict), dependency (one changed what the other uses).

    \b
    JSON:
      {"sessions":  [{"id", "name", "alive", "repository", "worktree",
                      "branch", "cwd", "pid", "entrypoint",
                      "started", "last_seen", "ended"}],
       "conflicts": [{"sessions": [id, id], "repository", "path",
                      "level": "file" | "symbol" | "merge" | "dependency",
                      "symbols": [name], "settled": true | false,
                      "worktrees": [path, path], "changed": [time, time],
                      "dependency": null |
                        {"definition", "definition_path", "altered_by": id,
                         "way", "user", "line", "confidence"}}]}
      Times are ISO 8601 in UTC, such as 2026-11-20T09:30:00Z; "ended" is
      null for a session that is alive, "pid" is null where it is unknown.
      A conflict's lists of two name the sessions in the same order. Its
      "path" and "line" are where the use is when it is a dependency. Ended
      sessions are listed with --all, settled conflicts always.
    """
    try:
        seen = look(everyone)
    except OSError as error:
        raise ContextSyncError(
            f"{error.filename} cannot be used ({error.strerror}): `context-sync doctor` says what to do."
        ) from error
    if as_json:
        output.say_json(document(seen))
        return
    for line in page(seen, everyone, os.getcwd()):
        output.say(line)


def look(everyone: bool) -> Picture:
    """Return the live sessions, those that ended on request, and the conflicts of the live ones."""
    known = sessions.everyone()
    alive = {session.id: session for session in sessions.live(session.id for session in known if not session.ended)}
    presences = [
        Presence(session, session.id in alive, _branch(session)) for session in known if everyone or session.id in alive
    ]
    collisions = [
        collision
        for one, other in detection.pairs(alive)
        for collision in _collisions(*sorted((alive[one], alive[other]), key=lambda each: each.started))
    ]
    return Picture(presences, sorted(collisions, key=_importance), time.time())


def document(seen: Picture) -> dict[str, Any]:
    """Return the picture as the JSON that `--help` describes."""
    return {
        "sessions": [_session(presence) for presence in seen.presences],
        "conflicts": [conflict_row(*collision) for collision in seen.collisions],
    }


def conflict_row(conflict: Conflict, settled: bool) -> dict[str, Any]:
    """Return a conflict as the JSON that `--help` describes."""
    return {
        "sessions": [conflict.mine, conflict.theirs],
        "repository": conflict.repository,
        "path": conflict.path,
        "level": conflict.level,
        "symbols": list(conflict.symbols),
        "settled": settled,
        "worktrees": [conflict.mine_worktree, conflict.theirs_worktree],
        "changed": [output.timestamp(conflict.mine_at), output.timestamp(conflict.theirs_at)],
        "dependency": _dependency(conflict, conflict.dependency) if conflict.dependency else None,
    }


def page(seen: Picture, everyone: bool, folder: str) -> list[str]:
    """Return the lines for a person who is in `folder`: the repository around it first."""
    place = layout.place_of(folder)
    here = place.repository if place else os.path.realpath(folder)
    names = names_of([each.session for each in seen.presences])
    shown = [each for each in seen.collisions if everyone or not each.settled]
    lines = [output.bold(_headline(seen, shown))]
    ordered = sorted(seen.presences, key=lambda each: (each.session.repository != here, each.session.repository))
    for repository, group in groupby(ordered, key=lambda each: each.session.repository):
        lines += ["", *_repository(repository, list(group), names, seen.now)]
    if shown:
        lines += ["", output.bold("Where they collide")]
    for collision in shown:
        lines += _paragraph(collision, names, seen.now)
    return lines + _advice(seen, everyone)


def names_of(shown: list[Session]) -> dict[str, str]:
    """Return what each session is called here: two of the same name are told apart by their ids."""
    plain = {each.id: wording.plain(each.name, wording.LONGEST_NAME) for each in shown}
    taken = list(plain.values())
    return {key: name if taken.count(name) == 1 else f"({key[:8]}) {name}" for key, name in plain.items()}


def sentence(conflict: Conflict, names: Mapping[str, str]) -> str:
    """Return what two sessions, by the names they have here, did to each other's work."""
    if conflict.dependency:
        return _use(conflict.dependency, names[conflict.mine], names[conflict.theirs])
    shown = [wording.plain(name, wording.LONGEST_PATH) for name in conflict.symbols[: wording.MOST_LINES]]
    symbols = ", ".join(shown)
    return {
        "file": "Both edited this file",
        "symbol": f"Both changed {symbols}",
        "merge": f"Merging the two would conflict{' in ' if symbols else ''}{symbols}",
    }[conflict.level]


def outlook(conflict: Conflict) -> str:
    """Return what state the two changes are in."""
    if conflict.mine_worktree == conflict.theirs_worktree:
        return "in the same checkout, not committed"
    return "in two worktrees, not merged"


def _collisions(one: Session, other: Session) -> list[Collision]:
    unsettled = detection.between(one, other)
    places = {(conflict.repository, conflict.path) for conflict in unsettled}
    ever = conflicts.between(touches.read(one.id).touches, touches.read(other.id).touches)
    over = [conflict for conflict in ever if (conflict.repository, conflict.path) not in places]
    return [Collision(each, False) for each in unsettled] + [Collision(each, True) for each in over]


def _importance(collision: Collision) -> tuple[bool, int, float]:
    conflict = collision.conflict
    return collision.settled, -conflicts.rank(conflict.level), -max(conflict.mine_at, conflict.theirs_at)


def _branch(session: Session) -> str:
    place = None if session.ended else layout.place_of(session.worktree)
    return references.branch_of(place) if place and place.worktree == session.worktree else session.branch


def _session(presence: Presence) -> dict[str, Any]:
    session, alive, branch = presence
    return {
        "id": session.id,
        "name": session.name,
        "alive": alive,
        "repository": session.repository,
        "worktree": session.worktree,
        "branch": branch,
        "cwd": session.cwd,
        "pid": session.pid or None,
        "entrypoint": session.entrypoint,
        "started": output.timestamp(session.started),
        "last_seen": output.timestamp(session.last_seen),
        "ended": None if alive else output.timestamp(session.ended or session.last_seen),
    }


def _dependency(conflict: Conflict, on: Dependency) -> dict[str, Any]:
    return {
        "definition": on.definition,
        "definition_path": on.definition_path,
        "altered_by": conflict.mine if on.altered_by == "mine" else conflict.theirs,
        "way": on.way,
        "user": on.user,
        "line": on.line,
        "confidence": on.confidence,
    }


def _headline(seen: Picture, shown: list[Collision]) -> str:
    live = sum(presence.alive for presence in seen.presences)
    open_ones = sum(not collision.settled for collision in shown)
    if not live:
        return "No Claude Code session is live."
    if live == 1:
        return "One Claude Code session is live, so there is nobody to collide with."
    if not open_ones:
        return f"{live} Claude Code sessions are live; their edits do not collide."
    return f"{live} Claude Code sessions are live; their edits collide in {output.count(open_ones, 'file')}."


def _repository(repository: str, group: list[Presence], names: dict[str, str], now: float) -> list[str]:
    home = repository.removesuffix("/.git")
    branch = min(WIDEST_BRANCH, max(output.columns(each.branch) for each in group))
    name = min(output.WIDTH - branch - 45, max(output.columns(names[each.session.id]) for each in group))
    lines = [f"{output.bold(os.path.basename(home) or home)}  {output.faint(_path(home))}"]
    for each in group:
        row = _row(each, output.column(names[each.session.id], name), branch, now)
        lines.append("  " + (row if each.alive else output.faint(row)))
        if each.session.worktree != home:
            lines.append("    " + output.faint("in " + _path(each.session.worktree)))
    return lines


def _row(presence: Presence, name: str, width: int, now: float) -> str:
    session, alive, branch = presence
    where = output.column(wording.plain(branch, wording.LONGEST_PATH), width)
    began = output.column(f"began {output.ago(session.started, now)}", 17)
    if alive:
        return f"{name}  {where}  {began}  active {output.ago(session.last_seen, now)}"
    return f"{name}  {where}  {began}  ended {output.ago(session.ended or session.last_seen, now)}"


def _paragraph(collision: Collision, names: dict[str, str], now: float) -> list[str]:
    conflict, settled = collision
    tag = click.style(f"{conflict.level:<11}", fg=LEVEL_COLOURS[conflict.level], bold=not settled)
    state = "settled since" if settled else outlook(conflict)
    return [
        f"  {tag}  {wording.plain(conflict.path, wording.LONGEST_PATH)}",
        output.paragraph(f"{sentence(conflict, names)}; {state}.", MARGIN),
        f"{MARGIN}  {output.cut(names[conflict.mine], 46)}, {output.ago(conflict.mine_at, now)}",
        f"{MARGIN}  {output.cut(names[conflict.theirs], 46)}, {output.ago(conflict.theirs_at, now)}",
    ]


def _use(on: Dependency, mine: str, theirs: str) -> str:
    altered, used = (mine, theirs) if on.altered_by == "mine" else (theirs, mine)
    definition, path, user = (wording.plain(text, 80) for text in (on.definition, on.definition_path, on.user))
    where = f"{user}, line {on.line}" if user else f"line {on.line}"
    return f"“{used}” uses {definition} of {path} in {where}; “{altered}” {WAYS[on.way]}"


def _advice(seen: Picture, everyone: bool) -> list[str]:
    settled = sum(collision.settled for collision in seen.collisions)
    if any(presence.alive for presence in seen.presences):
        if not settled or everyone:
            return []
        return ["", output.faint(f"{output.count(settled, 'conflict')} settled: `context-sync status --all`.")]
    if not installed_plugin.are_hooks_registered(os.getcwd()):
        return ["The hooks are not installed: run `context-sync init`, then `claude` as usual."]
    return [
        "A session appears here when it starts, or with its next prompt if it was open",
        "before the hooks were installed. `context-sync demo` shows what happens then.",
    ]


def _path(path: str) -> str:
    return wording.plain(output.tilde(path), wording.LONGEST_PATH)
