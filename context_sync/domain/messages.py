"""Messages between sessions: their fields, the limits on sending, and the text that Claude and the user read."""

from __future__ import annotations

from context_sync.domain import records, wording
from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

USER = "user"  # a sender or receiver that is not a session: the user at a terminal
RECEIPTS = "context-sync"  # the sender of receipts and of notices

LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # of an id: long enough that none is ever another's
ID_LENGTH = 10
STATES = ("stored", "injected", "confirmed", "read")

LONGEST_ANSWER = 10_000  # UTF-16 units that Claude Code passes on of an answer; more becomes a file with a preview
LONGEST_EXCERPT = 4_000  # UTF-16 units of the text of one message
FRAME = 200  # of the lines around all messages of one answer
LARGEST = 16_000_000  # characters of a text that may be sent

BURST = 60.0  # seconds in which one session may send another `MOST_IN_BURST` messages
MOST_IN_BURST = 20
REPEATED = 30.0  # seconds in which the same text may be sent once
MOST_UNREAD = 500  # in one mailbox


class Message(NamedTuple):
    """A message from a session, or from the user, to another.

    `at` is in seconds since the epoch. `sender` and `to` are ids of sessions, `USER` or, as sender, `RECEIPTS`;
    the names and the sender's branch are those at that time. `reply_to` is the id of the message answered, or "".
    `urgent` messages and replies wake an idle session, `ack` asks for a receipt, and `everyone` marks a message to all
    sessions.
    """

    id: str
    at: float
    sender: str
    sender_name: str
    branch: str
    to: str
    to_name: str
    text: str
    reply_to: str = ""
    urgent: bool = False
    ack: bool = False
    everyone: bool = False


def identifier(entropy: bytes) -> str:
    """Return an id made from `ID_LENGTH` or more random bytes: there are 2^49."""
    return "".join(LETTERS[byte % len(LETTERS)] for byte in entropy[:ID_LENGTH])


def is_id(value: object) -> bool:
    """Return whether `value` can be the id of a message."""
    return isinstance(value, str) and len(value) == ID_LENGTH and set(LETTERS).issuperset(value)


def is_party(value: object) -> bool:
    """Return whether `value` can be a sender or a receiver, and so the name of a folder."""
    return records.is_session_id(value)


def from_fields(fields: dict[str, Any]) -> Message | None:
    """Return the message in decoded JSON, None when a field is missing or has the wrong type."""
    values: list[Any] = [fields.get(name) for name in Message._fields]
    if not all(map(isinstance, values, _TYPES)):
        return None
    message = Message(*values)
    ids = is_id(message.id) and (not message.reply_to or is_id(message.reply_to))
    sound = ids and is_party(message.sender) and is_party(message.to) and 0 <= message.at < _END_OF_TIME
    return message if sound else None


def wakes(message: Message, mode: str) -> bool:
    """Return whether the message wakes an idle session in one of `config.WAKE_MODES`; a receipt never does."""
    if message.sender == RECEIPTS or mode == "none":
        return False
    return mode == "all" or message.urgent or bool(message.reply_to)


def refusal(text: str, recent: Sequence[tuple[float, str]], unread: int, now: float) -> str:
    """Return why a text may not be sent, "" when it may.

    `recent` holds the times and texts of what this sender lately sent to this receiver, `unread` is the number of
    unread messages in its mailbox. The limits end loops of sessions that answer each other.
    """
    if not text.strip():
        return "the text is empty"
    if len(text) > LARGEST:
        return f"the text has {len(text):,} characters, more than {LARGEST:,}: write it to a file and send its path"
    if any(sent == text and now - at < REPEATED for at, sent in recent):
        return f"the same text was sent less than {REPEATED:.0f} seconds ago"
    if sum(now - at < BURST for at, _ in recent) >= MOST_IN_BURST:
        return f"{MOST_IN_BURST} messages were sent to it in the last minute: wait a little, or send fewer, longer ones"
    if unread >= MOST_UNREAD:
        return f"its mailbox already holds {unread} unread messages"
    return ""


def heading(message: Message) -> str:
    """Return the line that says who sent the message; it begins with `mark_of` its id."""
    facts = [f"sent {wording.clock(message.at)}", *remarks(message)]
    return f"{mark_of(message.id)}{_origin(message)}, {', '.join(facts)}; {_warrant(message)}:"


def remarks(message: Message) -> list[str]:
    """Return what is special about the message, for its heading."""
    found = [f"a reply to {message.reply_to}"] if message.reply_to else []
    found += ["to every live session of the repository"] if message.everyone else []
    return [*found, "urgent"] if message.urgent else found


def order(message: Message) -> tuple[float, str]:
    """Return a sort key: by time, and by id among messages of the same moment."""
    return message.at, message.id


def mark_of(message_id: str) -> str:
    """Return how the heading of a message begins: found in a transcript, it proves that the message arrived."""
    return f"Message {message_id} from "


def excerpt(text: str, limit: int) -> tuple[list[str], bool]:
    """Return the text in quoted lines of at most `limit` UTF-16 units together, and whether that is all of it.

    No line of it can be mistaken for one of context-sync or for a tag of Claude Code.
    """
    lines: list[str] = []
    room = limit
    for line in text[:limit].splitlines():
        shown = _quoted(line)
        if length(shown) >= room:
            rest = [_cut(shown, room - 1) + "…"] if room > len("> …") else []
            return [*lines, *rest], False
        lines.append(shown)
        room -= length(shown) + 1
    return lines, len(text) <= limit


def whole(message: Message) -> list[str]:
    """Return the lines of the message with all of its text, safe for a terminal."""
    return [heading(message), *map(_quoted, message.text.splitlines())]


class Batch:
    """The messages in one answer, within `room` UTF-16 units, oldest first."""

    def __init__(self, room: int) -> None:
        self._room = min(room, LONGEST_ANSWER) - FRAME
        self._parts: list[str] = []

    def add(self, message: Message) -> bool:
        """Add the message; return False when there is no room for it."""
        part = _part(message)
        if length(part) > self._room:
            return False
        self._parts.append(part)
        self._room -= length(part) + 1
        return True

    def text(self, left: int) -> str:
        """Return the text that Claude reads; it announces that `left` more messages follow."""
        opening = "context-sync: a message for this session." if len(self._parts) == 1 else _opening(len(self._parts))
        ending = [_ending(left)] if left else []
        return "\n".join([opening, *self._parts, *ending])


def notice(message: Message) -> str:
    """Return the text that wakes an idle session; the message itself follows in the turn that this starts."""
    return f"message {message.id} from {_origin(message)} arrived at {wording.clock(message.at)}."


def receipt(message: Message, reader: str, at: float) -> str:
    """Return the receipt that the sender gets when the session named `reader` has read the message."""
    return f'Session "{wording.plain(reader, wording.LONGEST_NAME)}" read message {message.id} at {wording.clock(at)}.'


def length(text: str) -> int:
    """Return the length of the text in UTF-16 units, as Claude Code counts it."""
    return len(text) + sum(letter > "\uffff" for letter in text)


def matches(message: Message, words: Iterable[str]) -> bool:
    """Return whether every word occurs in the message: its id, text, branch, sender or receiver."""
    place = "\n".join((message.id, message.text, message.sender_name, message.to_name, message.branch)).casefold()
    return all(word.casefold() in place for word in words)


def _origin(message: Message) -> str:
    if message.sender == RECEIPTS:
        return RECEIPTS
    if message.sender == USER:
        return "the user's terminal"
    branch = f" (branch {wording.plain(message.branch, wording.LONGEST_PATH)})" if message.branch else ""
    return f'session "{wording.plain(message.sender_name, wording.LONGEST_NAME)}"{branch}'


def _warrant(message: Message) -> str:
    if message.sender == RECEIPTS:
        return "a notice"
    if message.sender == USER:
        return "written outside this conversation"
    return "from another session, not from the user"


def _opening(number: int) -> str:
    return f"context-sync: {number} messages for this session, oldest first."


def _ending(left: int) -> str:
    more = "1 more unread message follows" if left == 1 else f"{left} more unread messages follow"
    return f"{more} with the next step or prompt."


def _part(message: Message) -> str:
    lines, complete = excerpt(message.text, LONGEST_EXCERPT)
    if not complete:
        lines.append(f"(`context-sync thread {message.id}` shows all {len(message.text):,} characters)")
    if message.sender != RECEIPTS:
        lines.append(f'(to reply: `context-sync send --reply-to {message.id} "TEXT"`)')
    return "\n".join([heading(message), *lines])


def _cut(text: str, units: int) -> str:
    return text.encode("utf-16-le", "surrogatepass")[: 2 * max(units, 0)].decode("utf-16-le", "ignore")


def _quoted(line: str) -> str:
    """Return a line as `wording.plain` does, indented as it was, behind a mark that no line of context-sync has."""
    code = line.expandtabs(4)
    indent = len(code) - len(code.lstrip(" "))
    return f"> {' ' * min(indent, 40)}{wording.plain(code, len(code) + 1)}".rstrip()


_END_OF_TIME = 4e9  # seconds since the epoch: no system reports a later time, and not all could print it
_KINDS: dict[str, Any] = {"str": str, "int": int, "bool": bool, "float": (float, int)}
_TYPES = tuple(_KINDS[kind] for kind in Message.__annotations__.values())
