"""`context-sync resolve`: marks conflicts as resolved."""

import os
import time

import click

from context_sync import reconcile
from context_sync.cli import file_arguments, output
from context_sync.conflicts import counts
from context_sync.errors import ContextSyncError
from context_sync.mail import recipients
from context_sync.state import sessions
from context_sync.touches import settlement

Resolved = tuple[set[str], set[str]]  # files that had unsettled edits, and those that had none


@click.command("resolve")
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option("--all", "everything", is_flag=True, help="Resolve all files of this repository.")
@click.option(
    "--session",
    metavar="SESSION",
    help="Resolve only the edits of this session. Default inside a session: that session.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, as described above.")
def command(files: tuple[str, ...], everything: bool, session: str | None, as_json: bool) -> None:
    """Mark conflicts in these files as resolved: no alert and no denial names them until somebody edits there again.

    Outside a session, this resolves the edits that all sessions have made so far.

    \b
    JSON:
      {"resolved": [path], "nothing_to_resolve": [path]}
    """
    if bool(files) == everything:
        raise click.UsageError("Name the FILEs, or pass --all.")
    only = _meant(session)
    resolved, others = _everything(only) if everything else _these(files, only)
    if as_json:
        output.say_json({"resolved": sorted(resolved), "nothing_to_resolve": sorted(others)})
    else:
        _say(resolved, others)


def resolve(repository: str, paths: set[str] | None, only: str = "") -> set[str]:
    """Settle the edits of all sessions, or of `only` one, in these files, and return the files that had any.

    None stands for all files of the repository. The counts of the status lines are refreshed.
    """
    reconcile.reconcile(repository)
    resolved = settlement.resolve(repository, paths, time.time(), only)
    for each in sessions.others("", repository):
        counts.refresh(each)
    return resolved


def _meant(session: str | None) -> str:
    if session:
        return recipients.session_named(session, "").id
    own = os.environ.get("CLAUDE_CODE_SESSION_ID", "")
    if own and sessions.load(own) is None:
        raise ContextSyncError("nothing is on record for this session: pass --session, or run `context-sync doctor`.")
    return own


def _everything(only: str) -> Resolved:
    return resolve(file_arguments.place_here().repository, None, only), set()


def _these(files: tuple[str, ...], only: str) -> Resolved:
    by_repository: dict[str, set[str]] = {}
    for file in files:
        found = file_arguments.named(file)
        by_repository.setdefault(found.place.repository, set()).add(found.path)
    resolved = {path for repository, paths in by_repository.items() for path in resolve(repository, paths, only)}
    return resolved, {path for paths in by_repository.values() for path in paths} - resolved


def _say(resolved: set[str], others: set[str]) -> None:
    for path in sorted(resolved):
        output.say(f"Resolved {path}.")
    for path in sorted(others):
        output.say(f"No unsettled edit of {path} is on record: nothing to resolve.")
    if not resolved and not others:
        output.say("No unsettled edit is on record in this repository: nothing to resolve.")
