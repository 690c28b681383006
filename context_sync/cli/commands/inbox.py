"""`context-sync inbox`: the messages to a session, or to the user."""

import click

from context_sync.cli import message_views, output
from context_sync.domain.messages import USER
from context_sync.mail import deliveries, recipients
from context_sync.presence import identity
from context_sync.state import mailbox
from context_sync.state.mailbox import Delivery

MOST = 20  # messages shown in text; JSON has them all


@click.command("inbox", epilog=message_views.JSON)
@click.argument("session", required=False)
@click.option("--unread", is_flag=True, help="Show only unread messages.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, as described above.")
def command(session: str | None, unread: bool, as_json: bool) -> None:
    """Show the messages to SESSION, oldest first.

    Without SESSION, shows those to the session that runs the command, or in a terminal those to you, which are marked
    as read.
    """
    me = identity.myself()
    box = recipients.session_named(session, "").id if session else me
    if box == me:
        deliveries.reconcile_receipts(me)
    known = deliveries.as_proved(mailbox.everything(box))
    found = [each for each in known if each.is_unread or not unread]
    shown = found if as_json else found[-MOST:]
    message_views.note_shown(shown)
    if as_json:
        output.say_json(message_views.document(shown))
        return
    _say(shown, len(found))
    if box == me == USER:
        deliveries.shown_to_user(shown)


def _say(shown: list[Delivery], number: int) -> None:
    if not shown:
        output.say("There are no messages.")
    if number > MOST:
        output.say(f"The last {MOST} of {number}; `context-sync inbox --json` has them all.\n")
    for line in message_views.page(shown):
        output.say(line)
