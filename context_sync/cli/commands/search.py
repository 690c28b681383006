"""`context-sync search`: finds messages by their words."""

import click

from context_sync.cli import message_views, output
from context_sync.mail import message_search

MOST = 20  # messages shown in text; JSON has them all


@click.command("search", epilog=message_views.JSON)
@click.argument("words", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, as described above.")
def command(words: tuple[str, ...], as_json: bool) -> None:
    """Show the messages of all sessions that contain every one of WORDS, latest first.

    Case is ignored; names of sessions and branches are searched, too.
    """
    found = message_search.search(words)
    shown = found if as_json else found[:MOST]
    message_views.note_shown(shown)
    if as_json:
        output.say_json(message_views.document(shown))
        return
    if not shown:
        output.say("No message contains all of these words.")
    for line in message_views.page(shown):
        output.say(line)
    if len(found) > MOST:
        output.say(f"\nThe latest {MOST} of {len(found)}; `--json` has them all.")
