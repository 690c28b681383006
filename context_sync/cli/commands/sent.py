"""`context-sync sent`: the delivery state of sent messages."""

import time

import click

from context_sync.cli import message_views, output
from context_sync.domain import messages, wording
from context_sync.mail import deliveries
from context_sync.presence import identity
from context_sync.state.mailbox import Delivery

MOST = 20  # messages shown in text; JSON has them all


@click.command("sent", epilog=message_views.JSON)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, as described above.")
def command(as_json: bool) -> None:
    """Show the delivery state of the messages that this session, or you in a terminal, sent, oldest first.

    A message is stored, then injected (handed to the receiver's Claude Code), confirmed (found in its transcript) and
    read (its model has answered since).
    """
    found = deliveries.sent_by(identity.myself())
    if as_json:
        output.say_json(message_views.document(found))
        return
    if not found:
        output.say("No messages sent.")
    if len(found) > MOST:
        output.say(f"The last {MOST} of {len(found)}; `context-sync sent --json` has them all.")
    for each in found[-MOST:]:
        output.say(_row(each))


def _row(delivery: Delivery) -> str:
    message = delivery.message
    name = output.column(wording.plain(message.to_name, wording.LONGEST_NAME), 20)
    state = f"{delivery.state} {output.ago(delivery.at(delivery.state), time.time())}"
    text = wording.plain(message.text, 60)
    return f"{message.id:<{messages.ID_LENGTH}}  {name}  {output.column(state, 21)}  {text}"
