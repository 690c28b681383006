"""Owns `context-sync statusline`: one line for a status bar, as the client's own status line shows it."""

import os
import subprocess
import sys

import click

from context_sync import paths
from context_sync.cli import output
from context_sync.errors import ContextSyncError


@click.command("statusline")
@click.option(
    "--session", metavar="ID", help="The id of the session; else that of the environment, or of the JSON on stdin."
)
def command(session: str | None) -> None:
    """Print who else is live, how many conflicts there are and how many messages wait, in one line.

    Prints nothing while there is nothing to say. `context-sync init --statusline` puts this line into the client's
    status line, without this command's start of Python; use the command in a status bar of your own. There it takes
    what the client gives to a status line on standard input.
    """
    known = session or os.environ.get("CLAUDE_CODE_SESSION_ID")
    if not known and sys.stdin.isatty():
        raise ContextSyncError("whose status line? Name a --session: `context-sync status --json` has the ids.")
    done = subprocess.run(
        ["/bin/sh", os.path.join(paths.hooks_folder(), "statusline")],
        env={**os.environ, "before": "", "CLAUDE_CODE_SESSION_ID": known or ""},
        stdin=subprocess.DEVNULL if known else None,
        stdout=subprocess.PIPE,
        cwd=paths.any_folder(),
        check=False,
    )
    for line in done.stdout.decode("utf-8", "replace").splitlines():
        output.say(line)
