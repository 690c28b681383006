"""Message search: by thread, and by words."""

from __future__ import annotations

from context_sync.domain import messages, wording
from context_sync.errors import ContextSyncError
from context_sync.hotpath.namedtuples import TYPE_CHECKING
from context_sync.state import mailbox
from context_sync.state.mailbox import Delivery

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable


def thread(message_id: str) -> list[Delivery]:
    """Return the message whose id begins with `message_id` and all of its thread, oldest first.

    Raises ContextSyncError when there is none, or more than one.
    """
    everything = mailbox.everywhere()
    begins = [each for each in everything if each.message.id.startswith(message_id)]
    if len(begins) != 1:
        raise ContextSyncError(not_one(message_id, {each.message.id for each in begins}))
    roots = {each.message.id: each.message.reply_to for each in everything}
    wanted = _root(begins[0].message.id, roots)
    return [each for each in everything if _root(each.message.id, roots) == wanted]


def not_one(message_id: str, found: Collection[str]) -> str:
    """Return why the beginning of an id is refused: none of the ids found has it, or more than one."""
    if found:
        return f"more than one message begins with {message_id!r}, so write more: {wording.listed(sorted(found))}."
    return f"there is no message {message_id!r}: `context-sync inbox` and `context-sync sent` list them."


def search(words: Iterable[str]) -> list[Delivery]:
    """Return the messages that contain every one of the words, latest first."""
    words = list(words)
    return [each for each in reversed(mailbox.everywhere()) if messages.matches(each.message, words)]


def _root(message_id: str, roots: dict[str, str]) -> str:
    seen = {message_id}
    while (before := roots.get(message_id)) and before not in seen:
        seen.add(before)
        message_id = before
    return message_id
