"""`context-sync watch`: the live view of sessions, conflicts and messages."""

import shutil
import sys
import time

import click

from context_sync.cli import output, progress

COMPARING = "Comparing the sessions"


@click.command("watch")
@click.option("--once", is_flag=True, help="Print one snapshot and exit; the default when there is no terminal.")
@click.option("--json", "as_json", is_flag=True, help="Print one snapshot as JSON, as described above.")
@click.pass_context
def command(context: click.Context, once: bool, as_json: bool) -> None:
    """Show the sessions, their conflicts and the messages live, and send messages.

    Takes over the terminal until you press q. The keys are listed at the bottom, and the mouse works. It starts no
    server, stores nothing, and uses almost no CPU while nothing changes.

    \b
    JSON:
      {"sessions":  [{"id", "name", "hooks", "status", "task", "level",
                      "repository", "worktree", "branch", "last_seen"}],
       "conflicts": as in `context-sync status --json`, without settled ones,
       "messages":  as in `context-sync inbox --json`, latest first,
       "uncompared"}
      "level" is that of the worst conflict of a session, null without one;
      "uncompared" is the number of pairs of sessions left when time ran out.
    """
    if as_json:
        _print_json()
    elif once or not (sys.stdin.isatty() and sys.stdout.isatty()):
        _print_picture()
    else:
        from context_sync.cli.watch.app import Watch  # Textual: 300 ms

        view = Watch()
        view.run()
        if view.failure:
            raise view.failure
        context.exit(view.return_code or 0)


def _print_picture() -> None:
    from context_sync.cli.watch import plain_text

    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else output.WIDTH
    with progress.shown(COMPARING):
        seen = plain_text.take()
    for line in plain_text.page(seen, width, time.time()):
        output.say(line)


def _print_json() -> None:
    from context_sync.cli.watch import plain_text

    with progress.shown(COMPARING):
        seen = plain_text.take()
    output.say_json(plain_text.document(seen))
