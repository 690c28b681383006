"""`context-sync send`: sends a message to another session."""

import sys
from typing import Any

import click

from context_sync.cli import output
from context_sync.domain import wording
from context_sync.domain.messages import USER
from context_sync.errors import ContextSyncError
from context_sync.mail import recipients, sending
from context_sync.mail.sending import Refused, SendOptions, Sent


@click.command("send")
@click.argument("words", nargs=-1, metavar="[SESSION] TEXT")
@click.option(
    "--reply-to", metavar="ID", default="", help="The message that this one answers; its sender becomes the receiver."
)
@click.option("--urgent", is_flag=True, help="Wake the session if it is idle.")
@click.option("--ack", is_flag=True, help="Get a receipt when the message was read.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, as described above.")
@click.pass_context
def command(
    context: click.Context, words: tuple[str, ...], reply_to: str, urgent: bool, ack: bool, as_json: bool
) -> None:
    """Send TEXT to another session; with -, read the text from standard input.

    SESSION is a session's name or id, a prefix of either, its branch, @all for every live session of this repository,
    or @user for the user at the terminal. When Claude runs the command, the sender is its session; in a terminal, it
    is you.

    The message is stored before the command reports success. A session reads it with its next step or prompt. An idle
    session is woken by an urgent message or a reply (`wake` in config.toml: urgent, all or none), and one that ended
    reads it when it is resumed. Each receiver accepts the same text once in 30 seconds, and 20 messages a minute. If a
    receiver refuses the message, the others still get it, and the command exits with 1.

    \b
    JSON, a row for each receiver, refused ones last:
      [{"id", "to", "to_name", "live", "wakes", "refused"}]
      "to" is the id of a session or "user", "id" that of the message, for
      `context-sync thread`; "wakes" tells whether it wakes an idle receiver.
      "refused" is why it was not stored, then "id" is null; otherwise null.
    """
    target, text = _split(words, bool(reply_to))
    if text == "-":
        text = sys.stdin.buffer.read().decode("utf-8", "replace").rstrip("\n")
    stored, refused = sending.post(target, text, SendOptions(reply_to, urgent, ack))
    if as_json:
        output.say_json([*map(_row, stored), *map(_refused_row, refused)])
        context.exit(int(bool(refused)))
    for sent in stored:
        output.say(output.fitting(_report(sent)))
    if refused:
        raise ContextSyncError(sending.refusal(refused))


def _split(words: tuple[str, ...], replies: bool) -> tuple[str, str]:
    if len(words) == 2 and words[0]:
        return words[0], words[1]
    if len(words) == 1 and replies:
        return "", words[0]
    raise click.UsageError("Name a SESSION and one TEXT (in quotation marks), or --reply-to ID and one TEXT.")


def _report(sent: Sent) -> str:
    message = sent.message
    if message.to == USER:
        return f"Stored message {message.id} for the user's terminal, where `context-sync inbox` shows it."
    what = f'Stored message {message.id} for session "{message.to_name}"'
    if not sent.alive:
        hint = wording.alike(recipients.alike(message))
        return f"{what}, which has ended: it is read when that session is resumed.{hint}"
    return f"{what}, which {'is woken if it is idle' if sent.wakes else 'reads it with its next step or prompt'}."


def _row(sent: Sent) -> dict[str, Any]:
    message = sent.message
    return {
        "id": message.id,
        "to": message.to,
        "to_name": message.to_name,
        "live": sent.alive,
        "wakes": sent.wakes,
        "refused": None,
    }


def _refused_row(refused: Refused) -> dict[str, Any]:
    return {
        "id": None,
        "to": refused.to,
        "to_name": refused.to_name,
        "live": refused.alive,
        "wakes": False,
        "refused": refused.why,
    }
