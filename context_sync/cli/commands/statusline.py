"""`context-sync statusline`: one line for a status bar, the same as in the status line of Claude Code."""

import os
import subprocess
import sys

import click

from context_sync import paths
from context_sync.cli import output
from context_sync.errors import ContextSyncError


@click.command("statusline")
@click.option(
    "--session",
    metavar="ID",
    help="Id of the session. Default: from the environment, or from the JSON on standard input.",
)
def command(session: str | None) -> None:
    """Print the number of other live sessions, conflicts and unread messages in one line.

    Prints nothing when all are zero. `context-sync init --statusline` adds the same line to the status line of Claude
    Code without starting Python. This command is for a status bar of your own; it reads the JSON that Claude Code
    passes to a status line on standard input.
    """
    known = session or os.environ.get("CLAUDE_CODE_SESSION_ID")
    if not known and sys.stdin.isatty():
        raise ContextSyncError("no session given: pass --session; `context-sync status --json` lists the ids.")
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
