"""Owns `context-sync send`: telling another session something."""

import sys
from typing import Any

import click

from context_sync.awareness import posting
from context_sync.awareness.posting import Sent, Wishes
from context_sync.cli import output
from context_sync.messages import PERSON


@click.command("send")
@click.argument("words", nargs=-1, metavar="[SESSION] TEXT")
@click.option("--reply-to", metavar="ID", default="", help="The message this answers; it names the receiver, too.")
@click.option("--urgent", is_flag=True, help="Wake the session if it is idle.")
@click.option("--ack", is_flag=True, help="Get a receipt when it was read.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, as described above.")
def command(words: tuple[str, ...], reply_to: str, urgent: bool, ack: bool, as_json: bool) -> None:
    """Send TEXT, or with - what is on standard input, to another session.

    SESSION is a session's name, its id or the beginning of one of them, its branch, @all for every live session of
    this repository, or @user for whoever sits at the terminal. Run by Claude, the sender is its session; run in a
    terminal, it is you.

    The message is stored before anything is said. A session reads it with its next step or prompt; one that is idle
    is woken by an urgent message or a reply (`wake` in config.toml: urgent, all or none), one that ended reads it when
    it is resumed.

    \b
    JSON, a row for each session that it is stored for:
      [{"id", "to", "to_name", "alive", "wakes"}]
      "to" is the id of a session or "user", "id" what `context-sync thread`
      takes, "wakes" says whether an idle receiver is woken by it.
    """
    target, text = _split(words, bool(reply_to))
    if text == "-":
        text = sys.stdin.buffer.read().decode("utf-8", "replace").rstrip("\n")
    stored = posting.send(target, text, Wishes(reply_to, urgent, ack))
    if as_json:
        output.say_json([_row(sent) for sent in stored])
        return
    for sent in stored:
        output.say(_report(sent))


def _split(words: tuple[str, ...], replies: bool) -> tuple[str, str]:
    if len(words) == 2 and words[0]:
        return words[0], words[1]
    if len(words) == 1 and replies:
        return "", words[0]
    raise click.UsageError("name a SESSION and one TEXT (in quotation marks), or --reply-to ID and one TEXT.")


def _report(sent: Sent) -> str:
    message = sent.message
    if message.to == PERSON:
        return f"Stored message {message.id} for the user's terminal, where `context-sync inbox` shows it."
    what = f'Stored message {message.id} for session "{message.to_name}"'
    if not sent.alive:
        return f"{what}, which has ended: it is read when that session is resumed."
    return f"{what}, which {'is woken if it is idle' if sent.wakes else 'reads it with its next step or prompt'}."


def _row(sent: Sent) -> dict[str, Any]:
    message = sent.message
    return {
        "id": message.id,
        "to": message.to,
        "to_name": message.to_name,
        "alive": sent.alive,
        "wakes": sent.wakes,
    }
