"""Messages as the commands show them: as text and as JSON."""

import os
import time
from typing import Any

from context_sync.cli import output
from context_sync.domain import messages, wording
from context_sync.domain.messages import RECEIPTS, STATES, USER, Message
from context_sync.mail import deliveries
from context_sync.state.mailbox import Delivery

JSON = """
    \b
    JSON:
      [{"id", "heading", "from", "from_name", "branch", "to", "to_name",
        "text", "reply_to", "urgent", "ack", "everyone",
        "state": "stored" | "injected" | "confirmed" | "read",
        "times": {"stored", "injected", "confirmed", "read"}}]
      "from" and "to" are ids of sessions or "user". Times are ISO 8601 in
      UTC, null for what has not happened. "heading" is the line that tells
      Claude who sent the message.
"""


def document(deliveries: list[Delivery]) -> list[dict[str, Any]]:
    """Return the messages as the JSON that `--help` describes."""
    return [_row(each) for each in deliveries]


def page(deliveries: list[Delivery], cut: bool = True) -> list[str]:
    """Return the lines of the messages, for the user, or for Claude as it reads them from a hook."""
    lines: list[str] = []
    for each in deliveries:
        if cut:
            text, complete = messages.excerpt(each.message.text, messages.LONGEST_EXCERPT)
        else:
            text, complete = messages.whole(each.message)[1:], True
        lines += [heading(each.message), *text]
        if not complete:
            lines.append(f"(`context-sync thread {each.message.id}` shows all {len(each.message.text):,} characters)")
        lines += [output.faint(progress(each)), ""]
    return lines[:-1]


def note_shown(shown: list[Delivery]) -> None:
    """Note that the session running this command is shown its messages, so that no hook delivers them again."""
    own = os.environ.get("CLAUDE_CODE_SESSION_ID", "")
    deliveries.shown_to_model(own, [each for each in shown if each.box == own])


def heading(message: Message) -> str:
    """Return the line that says who sent the message, for the user or for Claude."""
    if not output.is_for_user():
        return messages.heading(message)
    facts = [wording.clock(message.at), *messages.remarks(message)]
    return f"{messages.mark_of(message.id)}{_sender(message)}, {', '.join(facts)}:"


def progress(delivery: Delivery) -> str:
    """Return the states that a message reached, each with its age."""
    now = time.time()
    done = [f"{state} {output.ago(delivery.at(state), now)}" for state in STATES if delivery.at(state)]
    receiver = wording.plain(delivery.message.to_name, wording.LONGEST_NAME)
    if delivery.message.to == USER:
        receiver = "you" if output.is_for_user() else "the user's terminal"
    return f"to {receiver}: {', '.join(done)}"


def _sender(message: Message) -> str:
    if message.sender in (USER, RECEIPTS):
        return "you" if message.sender == USER else RECEIPTS
    branch = f" (branch {wording.plain(message.branch, wording.LONGEST_PATH)})" if message.branch else ""
    return f"“{wording.plain(message.sender_name, wording.LONGEST_NAME)}”{branch}"


def _row(delivery: Delivery) -> dict[str, Any]:
    message = delivery.message
    return {
        "id": message.id,
        "heading": messages.heading(message),
        "from": message.sender,
        "from_name": message.sender_name,
        "branch": message.branch,
        "to": delivery.box,
        "to_name": message.to_name,
        "text": message.text,
        "reply_to": message.reply_to or None,
        "urgent": message.urgent,
        "ack": message.ack,
        "everyone": message.everyone,
        "state": delivery.state,
        "times": {state: output.timestamp(delivery.at(state)) for state in STATES},
    }
