"""Owns `context-sync send`: telling another session something."""

import sys
from typing import Any

import click

from context_sync.cli import output
from context_sync.domain import wording
from context_sync.domain.messages import PERSON
from context_sync.errors import ContextSyncError
from context_sync.mail import recipients, sending
from context_sync.mail.sending import Refused, SendOptions, Sent


@click.command("send")
@click.argument("words", nargs=-1, metavar="[SESSION] TEXT")
@click.option("--reply-to", metavar="ID", default="", help="The message this answers; it names the receiver, too.")
@click.option("--urgent", is_flag=True, help="Wake the session if it is idle.")
@click.option("--ack", is_flag=True, help="Get a receipt when it was read.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, as described above.")
@click.pass_context
def command(
    context: click.Context, words: tuple[str, ...], reply_to: str, urgent: bool, ack: bool, as_json: bool
) -> None:
    """Send TEXT, or with - what is on standard input, to another session.

    SESSION is a session's name, its id or the beginning of one of them, its branch, @all for every live session of
    this repository, or @user for whoever sits at the terminal. Run by Claude, the sender is its session; run in a
    terminal, it is you.

    The message is stored before anything is said. A session reads it with its next step or prompt; one that is idle
    is woken by an urgent message or a reply (`wake` in config.toml: urgent, all or none), one that ended reads it when
    it is resumed. The same text is taken once in 30 seconds, and 20 messages in a minute, for each receiver. Where a
    message is refused that is said, the others get theirs, and the command ends with 1.

    \b
    JSON, a row for each receiver, those that do not get it last:
      [{"id", "to", "to_name", "live", "wakes", "refused"}]
      "to" is the id of a session or "user", "id" what `context-sync thread`
      takes, "wakes" says whether an idle receiver is woken by it, "refused"
      why it was not stored for this one, or null; then "id" is null.
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
    if message.to == PERSON:
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
