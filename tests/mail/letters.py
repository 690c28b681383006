"""What tests of mail do with it: accept, answer, age and find messages."""

import json
import time

from context_sync.state import mailbox
from tests.rehearse import Client, stamp, state

LANDED = "the schema migration landed"


def accept(client: Client, context: str, ago: float = 0.0) -> None:
    """Note in the transcript what Claude Code does with a hook's context that it accepted."""
    content = {"type": "hook_additional_context", "content": [context], "hookEvent": "UserPromptSubmit"}
    client.append({"type": "attachment", "attachment": content, "timestamp": stamp(time.time() - ago)})


def reply(client: Client) -> None:
    client.append({"type": "assistant", "message": {"role": "assistant", "content": []}, "timestamp": stamp()})


def age(seconds: float) -> None:
    """Make every mark of the mail that much older."""
    for file in state("mail").glob("*/new/*"):
        message, *marks = map(json.loads, file.read_text().splitlines())
        marks = [mark | {"at": mark["at"] - seconds} for mark in marks]
        file.write_text("".join(json.dumps(line) + "\n" for line in (message, *marks)))


def one(box: str) -> mailbox.Delivery:
    [found] = mailbox.everything(box)
    return found


def one_of(box: str, beginning: str) -> mailbox.Delivery:
    [found] = mailbox.find(beginning, [box])
    return found
