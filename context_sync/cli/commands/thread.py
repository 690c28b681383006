"""`context-sync thread`: a message in full, with what it answers and what answers it."""

import click

from context_sync.cli import message_views, output
from context_sync.mail import message_search


@click.command("thread", epilog=message_views.JSON)
@click.argument("message_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, as described above.")
def command(message_id: str, as_json: bool) -> None:
    """Show the message ID in full, with everything that it answers and everything that answers it, oldest first."""
    if not message_id:
        raise click.UsageError("Name the ID of a message, or a prefix of it.")
    found = message_search.thread(message_id)
    message_views.note_shown(found)
    if as_json:
        output.say_json(message_views.document(found))
        return
    for line in message_views.page(found, cut=False):
        output.say(line)
