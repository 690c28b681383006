"""Owns what a message between sessions is, which are refused, and what Claude and a person read of it."""

from __future__ import annotations

from context_sync.domain import records, wording
from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

PERSON = "user"  # the sender or receiver that is no session: whoever sits at the terminal
RECEIPTS = "context-sync"  # the sender of receipts and of notices

LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # of an id: none is taken for another
ID_LENGTH = 10
STATES = ("stored", "injected", "confirmed", "read")

LONGEST_ANSWER = 10_000  # UTF-16 units that the client passes on of one answer; more becomes a file with a preview
LONGEST_EXCERPT = 4_000  # of one message's text, in the same units
FRAME = 200  # of the lines around all messages of one answer
LARGEST = 16_000_000  # characters of a text that is taken at all

BURST = 60.0  # seconds in which one session may send another `MOST_IN_BURST` messages
MOST_IN_BURST = 20
REPEATED = 30.0  # seconds in which the same text is taken once
MOST_UNREAD = 500  # in one mailbox


class Message(NamedTuple):
    """What one session, or the person, tells another.

    `at` is in seconds since the epoch. `sender` and `to` are ids of sessions, `PERSON` or, as sender, `RECEIPTS`;
    the names and the sender's branch are those at that time. `reply_to` is the id of the message answered, or "".
    `urgent` and replies wake an idle session, `ack` asks for a receipt, `everyone` says that all sessions got it.
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
    """Return the id that `ID_LENGTH` or more random bytes make: 2^49 are possible."""
    return "".join(LETTERS[byte % len(LETTERS)] for byte in entropy[:ID_LENGTH])


def is_id(value: object) -> bool:
    """Say whether `value` can be the id of a message."""
    return isinstance(value, str) and len(value) == ID_LENGTH and set(LETTERS).issuperset(value)


def is_party(value: object) -> bool:
    """Say whether `value` can be a sender or a receiver, and so the name of a folder."""
    return records.is_session_id(value)


def from_fields(fields: dict[str, Any]) -> Message | None:
    """Return the message that decoded JSON tells, None when a field is missing or of another type."""
    values: list[Any] = [fields.get(name) for name in Message._fields]
    if not all(map(isinstance, values, _TYPES)):
        return None
    message = Message(*values)
    ids = is_id(message.id) and (not message.reply_to or is_id(message.reply_to))
    sound = ids and is_party(message.sender) and is_party(message.to) and 0 <= message.at < _END_OF_TIME
    return message if sound else None


def wakes(message: Message, mode: str) -> bool:
    """Say whether the message wakes an idle session in one of `config.WAKE_MODES`; a receipt never does."""
    if message.sender == RECEIPTS or mode == "none":
        return False
    return mode == "all" or message.urgent or bool(message.reply_to)


def refusal(text: str, recent: Sequence[tuple[float, str]], unread: int, now: float) -> str:
    """Return why a text is not sent, "" when it is.

    `recent` are the times and texts of what this sender told this receiver lately, `unread` is the number of messages
    in its mailbox. The limits end loops of sessions that answer each other.
    """
    if not text.strip():
        return "there is no text"
    if len(text) > LARGEST:
        return f"the text has {len(text):,} characters, more than {LARGEST:,}: put it into a file and send its path"
    if any(sent == text and now - at < REPEATED for at, sent in recent):
        return f"the same text was sent less than {REPEATED:.0f} seconds ago"
    if sum(now - at < BURST for at, _ in recent) >= MOST_IN_BURST:
        return f"{MOST_IN_BURST} messages were sent there within a minute: wait a little, or send fewer and longer ones"
    if unread >= MOST_UNREAD:
        return f"its mailbox holds {unread} unread messages already"
    return ""


def heading(message: Message) -> str:
    """Return the line that says whose message it is; it begins with `mark_of` its id."""
    facts = [f"sent {wording.clock(message.at)}", *remarks(message)]
    return f"{mark_of(message.id)}{_origin(message)}, {', '.join(facts)}; {_warrant(message)}:"


def remarks(message: Message) -> list[str]:
    """Return what is not so of every message, to stand in its heading."""
    found = [f"a reply to {message.reply_to}"] if message.reply_to else []
    found += ["to every live session of the repository"] if message.everyone else []
    return [*found, "urgent"] if message.urgent else found


def order(message: Message) -> tuple[float, str]:
    """Return the key that sorts messages by their time, and those of one moment in the same order each time."""
    return message.at, message.id


def mark_of(message_id: str) -> str:
    """Return how the heading of a message begins: its proof, when found in what a model was given."""
    return f"Message {message_id} from "


def excerpt(text: str, limit: int) -> tuple[list[str], bool]:
    """Return the text in quoted lines of at most `limit` UTF-16 units together, and whether that is all of it.

    A line of it can be taken neither for a line of ours nor for a tag of the client.
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
    """Return the message in lines, all of its text, fit for a terminal."""
    return [heading(message), *map(_quoted, message.text.splitlines())]


class Batch:
    """The messages that one answer tells, within `room` UTF-16 units: the oldest first."""

    def __init__(self, room: int) -> None:
        self._room = min(room, LONGEST_ANSWER) - FRAME
        self._parts: list[str] = []

    def add(self, message: Message) -> bool:
        """Take the message in, or say that there is no room for it."""
        part = _told(message)
        if length(part) > self._room:
            return False
        self._parts.append(part)
        self._room -= length(part) + 1
        return True

    def text(self, left: int) -> str:
        """Return what Claude reads; `left` messages more are announced."""
        opening = "context-sync: a message for this session." if len(self._parts) == 1 else _opening(len(self._parts))
        ending = [f"Unread messages left: {left}. They follow with the next step or prompt."] if left else []
        return "\n".join([opening, *self._parts, *ending])


def notice(message: Message) -> str:
    """Return what wakes an idle session; the message itself follows with the turn that this begins."""
    return f"message {message.id} from {_origin(message)} arrived at {wording.clock(message.at)}."


def receipt(message: Message, reader: str, at: float) -> str:
    """Return the text that tells the sender that the session named `reader` read the message."""
    return f'Session "{wording.plain(reader, wording.LONGEST_NAME)}" read message {message.id} at {wording.clock(at)}.'


def length(text: str) -> int:
    """Return the length of the text as the client counts it: in UTF-16 units."""
    return len(text) + sum(letter > "\uffff" for letter in text)


def matches(message: Message, words: Iterable[str]) -> bool:
    """Say whether every word stands in the message's text or in the name of its sender or receiver."""
    place = "\n".join((message.id, message.text, message.sender_name, message.to_name, message.branch)).casefold()
    return all(word.casefold() in place for word in words)


def _origin(message: Message) -> str:
    if message.sender == RECEIPTS:
        return RECEIPTS
    if message.sender == PERSON:
        return "the user's terminal"
    branch = f" (branch {wording.plain(message.branch, wording.LONGEST_PATH)})" if message.branch else ""
    return f'session "{wording.plain(message.sender_name, wording.LONGEST_NAME)}"{branch}'


def _warrant(message: Message) -> str:
    if message.sender == RECEIPTS:
        return "a notice"
    if message.sender == PERSON:
        return "written outside this conversation"
    return "from another session, not from the user"


def _opening(number: int) -> str:
    return f"context-sync: {number} messages for this session, the oldest first."


def _told(message: Message) -> str:
    lines, complete = excerpt(message.text, LONGEST_EXCERPT)
    if not complete:
        lines.append(f"(`context-sync thread {message.id}` shows all {len(message.text):,} characters)")
    if message.sender != RECEIPTS:
        lines.append(f'(a reply goes with `context-sync send --reply-to {message.id} "TEXT"`)')
    return "\n".join([heading(message), *lines])


def _cut(text: str, units: int) -> str:
    return text.encode("utf-16-le", "surrogatepass")[: 2 * max(units, 0)].decode("utf-16-le", "ignore")


def _quoted(line: str) -> str:
    """Return a line as `wording.plain` does, with its indentation, behind a sign that no line of ours begins with."""
    code = line.expandtabs(4)
    indent = len(code) - len(code.lstrip(" "))
    return f"> {' ' * min(indent, 40)}{wording.plain(code, len(code) + 1)}".rstrip()


_END_OF_TIME = 4e9  # no system tells a later time in seconds since the epoch, and not every one can print it
_KINDS: dict[str, Any] = {"str": str, "int": int, "bool": bool, "float": (float, int)}
_TYPES = tuple(_KINDS[kind] for kind in Message.__annotations__.values())
