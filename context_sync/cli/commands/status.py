"""`context-sync status`: the sessions and their conflicts."""

import os
from itertools import groupby
from typing import Any

import click

from context_sync import paths
from context_sync.claude.install import installed_plugin
from context_sync.cli import conflict_views, output, snapshot
from context_sync.cli.snapshot import Picture, Presence, ShownConflict
from context_sync.domain import wording
from context_sync.git import checkouts

WIDEST_BRANCH = 20  # columns of a branch in the table
MARGIN = " " * 15


@click.command("status")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, as described above.")
@click.option("--all", "everyone", is_flag=True, help="Also show ended sessions and settled conflicts.")
def command(as_json: bool, everyone: bool) -> None:
    """Show the live Claude Code sessions and where their edits conflict.

    A conflict is a file that two live sessions edited. Its level says how serious it is: file (both edited the
    file), symbol (both changed the same function, class or other definition), merge (merging the two would
    conflict), dependency (one changed what the other uses).

    \b
    JSON:
      {"sessions":  [{"id", "name", "live", "repository", "worktree",
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
      null for a live session, "pid" is null when it is not known. The lists
      of two in a conflict name the sessions in the same order. For a
      dependency, "path" and "line" are those of the use. Ended sessions are
      listed with --all, settled conflicts always.
    """
    seen = snapshot.look(everyone)
    if as_json:
        output.say_json(document(seen))
        return
    for line in page(seen, everyone, paths.any_folder()):
        output.say(line)


def document(seen: Picture) -> dict[str, Any]:
    """Return the snapshot as the JSON that `--help` describes."""
    return {
        "sessions": [_session(presence) for presence in seen.presences],
        "conflicts": [conflict_views.row(*shown_conflict) for shown_conflict in seen.conflicts],
    }


def page(seen: Picture, everyone: bool, folder: str) -> list[str]:
    """Return the lines to print for a user in `folder`, whose repository comes first."""
    place = checkouts.checkout_of(folder)
    here = place.repository if place else os.path.realpath(folder)
    names = conflict_views.names_of([each.session for each in seen.presences])
    shown = [each for each in seen.conflicts if everyone or not each.settled]
    lines = [output.bold(_headline(seen, shown))]
    ordered = sorted(seen.presences, key=lambda each: (each.session.repository != here, each.session.repository))
    for repository, group in groupby(ordered, key=lambda each: each.session.repository):
        lines += ["", *_repository(repository, list(group), names, seen.now)]
    if shown:
        lines += ["", output.bold("Conflicts")]
    for shown_conflict in shown:
        lines += _paragraph(shown_conflict, names, seen.now)
    return lines + _advice(seen, everyone)


def _session(presence: Presence) -> dict[str, Any]:
    session, live, branch = presence
    return {
        "id": session.id,
        "name": session.name,
        "live": live,
        "repository": session.repository,
        "worktree": session.worktree,
        "branch": branch,
        "cwd": session.cwd,
        "pid": session.pid or None,
        "entrypoint": session.entrypoint,
        "started": output.timestamp(session.started),
        "last_seen": output.timestamp(session.last_seen),
        "ended": None if live else output.timestamp(session.ended or session.last_seen),
    }


def _headline(seen: Picture, shown: list[ShownConflict]) -> str:
    live = sum(presence.live for presence in seen.presences)
    open_ones = [shown_conflict.conflict for shown_conflict in shown if not shown_conflict.settled]
    if not live:
        return "No Claude Code session is live."
    if live == 1:
        return "One Claude Code session is live, so there is nothing to conflict with."
    if not open_ones:
        return f"{live} Claude Code sessions are live, without conflicts."
    files = {(conflict.repository, conflict.path) for conflict in open_ones}
    number = f"{output.count(len(open_ones), 'conflict')} in {output.count(len(files), 'file')}"
    return f"{live} Claude Code sessions are live, with {number}."


def _repository(repository: str, group: list[Presence], names: dict[str, str], now: float) -> list[str]:
    home = repository.removesuffix("/.git")
    branch = min(WIDEST_BRANCH, max(output.columns(each.branch) for each in group))
    name = min(output.WIDTH - branch - 47, max(output.columns(names[each.session.id]) for each in group))
    lines = [f"{output.bold(os.path.basename(home) or home)}  {output.faint(_path(home))}"]
    for each in group:
        row = _row(each, output.column(names[each.session.id], name), branch, now)
        lines.append("  " + (row if each.live else output.faint(row)))
        if each.session.worktree != home:
            lines.append("    " + output.faint("in " + _path(each.session.worktree)))
    return lines


def _row(presence: Presence, name: str, width: int, now: float) -> str:
    session, live, branch = presence
    where = output.column(wording.plain(branch, wording.LONGEST_PATH), width)
    started = output.column(f"started {output.ago(session.started, now)}", 19)
    if live:
        return f"{name}  {where}  {started}  active {output.ago(session.last_seen, now)}"
    return f"{name}  {where}  {started}  ended {output.ago(session.ended or session.last_seen, now)}"


def _paragraph(shown_conflict: ShownConflict, names: dict[str, str], now: float) -> list[str]:
    conflict, settled = shown_conflict
    tag = click.style(f"{conflict.level:<11}", fg=conflict_views.LEVEL_COLOURS[conflict.level], bold=not settled)
    state = "now settled" if settled else conflict_views.outlook(conflict)
    return [
        f"  {tag}  {wording.plain(conflict.path, wording.LONGEST_PATH)}",
        output.paragraph(f"{conflict_views.sentence(conflict, names)}; {state}.", MARGIN),
        f"{MARGIN}  {output.cut(names[conflict.mine], 46)}, {output.ago(conflict.mine_at, now)}",
        f"{MARGIN}  {output.cut(names[conflict.theirs], 46)}, {output.ago(conflict.theirs_at, now)}",
    ]


def _advice(seen: Picture, everyone: bool) -> list[str]:
    settled = sum(shown_conflict.settled for shown_conflict in seen.conflicts)
    if any(presence.live for presence in seen.presences):
        if not settled or everyone:
            return []
        return ["", output.faint(f"{output.count(settled, 'conflict')} settled: `context-sync status --all`.")]
    if not installed_plugin.are_hooks_registered(paths.any_folder()):
        return ["The hooks are not installed: run `context-sync init`, then `claude` as usual."]
    return [
        "A session appears here when it starts, or with its next prompt if it was already",
        "open when the hooks were installed. `context-sync demo` shows what happens then.",
    ]


def _path(path: str) -> str:
    return wording.plain(output.tilde(path), wording.LONGEST_PATH)
