"""Owns `context-sync resolve`: a person's word that collisions are over."""

import os
import time

import click

from context_sync.awareness import counting, settling
from context_sync.cli import output, places
from context_sync.errors import ContextSyncError
from context_sync.state import sessions


@click.command("resolve")
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option("--all", "everything", is_flag=True, help="Every file of this repository.")
@click.option("--session", help="Only what this session did: its id. Inside a session that is this session.")
def command(files: tuple[str, ...], everything: bool, session: str | None) -> None:
    """Say that the collisions in these files are resolved: no alert and no denial names them until somebody edits anew.

    Outside a session it counts for what every session did until now.
    """
    if bool(files) == everything:
        raise click.UsageError("name the FILEs, or give --all.")
    session = session or os.environ.get("CLAUDE_CODE_SESSION_ID")
    if session and sessions.load(session) is None:
        raise ContextSyncError(f"no session {session} is known: `context-sync status --all --json` has the ids.")
    named = [places.named(file) for file in files]
    repository = (named[0].place if named else places.place_here()).repository
    paths = None if everything else {each.path for each in named}
    resolved = settling.resolve(repository, paths, time.time(), session or "")
    for each in sessions.others("", repository):
        counting.refresh(each)
    for path in sorted(resolved):
        output.say(f"Resolved {path}.")
    for path in sorted((paths or set()) - resolved):
        output.say(f"No unsettled edit of {path} is recorded: nothing to resolve.")
    if not paths and not resolved:
        output.say("No unsettled edit is recorded in this repository: nothing to resolve.")
