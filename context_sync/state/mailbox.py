"""Mailboxes: `mail/<id>/{tmp,new,cur}` as in a Maildir, and the list of what each session sent.

A message is one file: its first line is the message, each later one a mark of what became of it. It is written in
`tmp`, renamed into `new`, and renamed into `cur` when it was read, or when nothing more can be done for it: there are
many writers, no locks, and never a partial message. What was stored survives the death of every process. The name
begins with the time in microseconds and the id; one that wakes an idle session has `WAKE` in it, so that its listener
need not read it. Next to them `sent.jsonl` lists what the session sent to whom. When `/clear` ended the session, its
unread messages move into the mailbox of the session that sits in its seat now (see `state/seats.py`).
"""

from __future__ import annotations

import os
from _thread import get_ident  # threading itself takes 2 ms

from context_sync.domain import messages
from context_sync.domain.messages import Message
from context_sync.hotpath import json_codec
from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple
from context_sync.state import files, seats

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

WAKE = ".wake"
MAX_BYTES = 8 * messages.LARGEST  # bytes of a file that is read


class Mark(NamedTuple):
    """What became of a message, and when, in seconds since the epoch.

    `kind` is one of `messages.STATES` after the first, or `woken`. An `injected` one has the receiver's transcript
    and its size in bytes at that time.
    """

    kind: str
    at: float
    transcript: str = ""
    position: int = 0


class Delivery(NamedTuple):
    """A message as it lies in the mailbox of `box`, in `file`, with what became of it so far."""

    message: Message
    box: str
    file: str
    marks: tuple[Mark, ...]

    @property
    def state(self) -> str:
        """The last of `messages.STATES` that the message reached."""
        return next((state for state in reversed(messages.STATES) if self.at(state)), messages.STATES[0])

    @property
    def is_unread(self) -> bool:
        """Whether the message is still to be shown."""
        return os.path.basename(os.path.dirname(self.file)) == "new"

    def at(self, state: str) -> float:
        """Return when the message last reached one of `messages.STATES`, 0 when it did not."""
        if state == messages.STATES[0]:
            return self.message.at
        return max((mark.at for mark in self.marks if mark.kind == state), default=0.0)

    def injections(self) -> list[Mark]:
        """Return when and where the message was handed to Claude Code, oldest first."""
        return [mark for mark in self.marks if mark.kind == "injected"]


class SentEntry(NamedTuple):
    """An entry in the list of what a session sent: which message to whom, and when."""

    id: str
    to: str
    at: float


def store(message: Message, wakes: bool = False) -> str:
    """Put the message into the mailbox of its receiver and into the list of what its sender sent.

    Once this returns, the message is there whatever happens, in the mailbox whose id is returned: another one where
    `/clear` has ended the receiver meanwhile. Raises OSError when it could not be stored.
    """
    if message.sender != messages.RECEIPTS:
        sent = {"id": message.id, "to": message.to, "at": message.at}
        files.append_lines(files.path("mail", message.sender, "sent.jsonl"), [sent])
    name = f"{int(message.at * 1e6):016d}-{message.id}{WAKE if wakes else ''}.jsonl"
    # A receipt that is stored again has the same name, under which a killed writer may have left a part of it.
    draft = files.path("mail", message.to, "tmp", f"{os.getpid()}-{get_ident()}-{name}")
    files.write_json(draft, message._asdict())
    target = files.path("mail", message.to, "new", name)
    files.folder_of(target)
    os.rename(draft, target)
    return _deliver(message.to, name)


def unread_names(box: str) -> list[str]:
    """Return the names of the files in the mailbox that are still to be shown, oldest first."""
    return sorted(name for name in files.names(files.path("mail", box, "new")) if not name.startswith("."))


def unread(box: str) -> Iterator[Delivery]:
    """Yield the messages that are still to be shown, oldest first; a file that is no message is set aside."""
    return _read(box, "new", unread_names(box), set_aside=True)


def waking(box: str) -> Iterator[Delivery]:
    """Yield those of the unread messages that wake an idle session."""
    return _read(box, "new", [name for name in unread_names(box) if WAKE in name], set_aside=True)


def everything(box: str) -> list[Delivery]:
    """Return every message in the mailbox, read or not, oldest first; a file that is no message is passed over."""
    # In this order: a message that is read meanwhile is then seen twice, and not missed.
    found = [*_read(box, "new", unread_names(box)), *_read(box, "cur", files.names(files.path("mail", box, "cur")))]
    return _in_order(found)


def everywhere() -> list[Delivery]:
    """Return the messages of all mailboxes, read or not, oldest first."""
    return _in_order([each for box in boxes() for each in everything(box)])


def latest(most: int) -> list[Delivery]:
    """Return the `most` latest messages of all mailboxes, oldest first; no other one is read."""
    places = [(box, folder) for box in boxes() for folder in ("cur", "new")]
    known = {name: place for place in places for name in files.names(files.path("mail", *place)) if name[:1] != "."}
    return [each for name in sorted(known)[-most:] for each in _read(*known[name], [name])]


def boxes() -> list[str]:
    """Return the ids of all sessions that have a mailbox."""
    return sorted(files.names(files.path("mail")))


def find(message_id: str, among: Iterable[str]) -> list[Delivery]:
    """Return the messages in the mailboxes `among` whose id begins like this."""
    found: list[Delivery] = []
    for box in among:
        for folder in ("new", "cur"):
            names = [name for name in files.names(files.path("mail", box, folder)) if f"-{message_id}" in name]
            found += _read(box, folder, names)
    return [each for each in found if each.message.id.startswith(message_id)]


def note(delivery: Delivery, *marks: Mark) -> Delivery:
    """Add marks to a message, and return it with them; one that was moved meanwhile is left as it is."""
    try:
        descriptor = os.open(delivery.file, os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW)
    except OSError:
        return delivery
    try:
        lines = b"".join(_line(mark) for mark in marks)
        files.write_all(descriptor, b"\n" + lines if files.is_cut(descriptor) else lines, delivery.file)
    finally:
        os.close(descriptor)
    return delivery._replace(marks=(*delivery.marks, *marks))


def archive(delivery: Delivery) -> bool:
    """Move a message to those that need not be shown any more; False when another process already did so."""
    return _move(delivery.file, delivery.box, "cur")


def archived(delivery: Delivery) -> Delivery:
    """Return a message as it is where `archive` moves it to."""
    return delivery._replace(file=files.path("mail", delivery.box, "cur", os.path.basename(delivery.file)))


def hand_over(delivery: Delivery, box: str) -> bool:
    """Move an unread message into another mailbox; False when another process already moved it."""
    return _move(delivery.file, box, "new")


def sent_entries(sender: str, since: float = 0.0) -> list[SentEntry]:
    """Return what was sent after the time `since`, latest first; a line that makes no sense is left out."""
    found = []
    for line in reversed(files.read_bytes(files.path("mail", sender, "sent.jsonl")).split(b"\n")):
        entry = _entry(line) if line else None
        if entry and entry.at <= since:
            break
        if entry:
            found.append(entry)
    return found


def _in_order(found: list[Delivery]) -> list[Delivery]:
    """Return the messages oldest first, each once: one may be moved while mailboxes are looked at."""
    return sorted({each.message.id: each for each in found}.values(), key=lambda each: messages.order(each.message))


def _deliver(box: str, name: str) -> str:
    """Return where a message that was just stored is: in its mailbox, or in that of a cleared session's successor.

    The successor takes the seat, then looks for mail; a sender stores, then looks at the seat: one sees the other.
    """
    follower = seats.follower(box)
    if follower:
        _move(files.path("mail", box, "new", name), follower, "new")  # unless that one has just taken it
    return follower or box


def _move(file: str, box: str, folder: str) -> bool:
    target = files.path("mail", box, folder, os.path.basename(file))
    files.folder_of(target)
    try:
        os.rename(file, target)
    except FileNotFoundError:
        return False
    return True


def _read(box: str, folder: str, names: Iterable[str], *, set_aside: bool = False) -> Iterator[Delivery]:
    for name in names:
        file = files.path("mail", box, folder, name)
        try:
            first, *rest = _content(file).split(b"\n")
        except FileNotFoundError:
            continue  # another process read it
        except OSError as error:
            if not _is_no_file(error):
                continue  # it cannot be read now, and is shown later
            first, rest = b"", []
        message = messages.from_fields(files.object_of(first) or {})
        if message:
            yield Delivery(message, box, file, tuple(filter(None, map(_mark, rest))))
        elif set_aside:
            _set_aside(box, name, file)


def _content(file: str) -> bytes:
    descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)  # a pipe put there must not stop a hook
    with open(descriptor, "rb") as stream:
        return stream.read(MAX_BYTES)


def _is_no_file(error: OSError) -> bool:
    import errno

    return error.errno in (errno.ELOOP, errno.EISDIR, errno.ENXIO)  # a link, a folder, a socket


def _set_aside(box: str, name: str, file: str) -> None:
    try:
        os.rename(file, files.path("mail", box, name + ".broken"))
    except OSError:
        pass  # another process did, or the folder is read-only


def _line(mark: Mark) -> bytes:
    return json_codec.dumps({name: value for name, value in mark._asdict().items() if value}) + b"\n"


def _mark(line: bytes) -> Mark | None:
    match files.object_of(line):
        case {"kind": str(kind), "at": float(at), **more}:
            transcript, position = more.get("transcript", ""), more.get("position", 0)
            if isinstance(transcript, str) and isinstance(position, int):
                return Mark(kind, at, transcript, position)
    return None


def _entry(line: bytes) -> SentEntry | None:
    match files.object_of(line):
        case {"id": str(message_id), "to": str(to), "at": float(at)}:
            return SentEntry(message_id, to, at)
    return None
