"""Owns the mailboxes: `mail/<id>/{tmp,new,cur}` as Maildir has them, and who sent what.

A message is one file: its first line is the message, each later one a mark of what became of it. It is written in
`tmp`, renamed into `new`, and renamed into `cur` when it was read, or when nothing more can be done for it: there are
many writers, no locks, and never a part of a message. What was stored survives the death of every process. The name
begins with the time in microseconds and the id; one that wakes an idle session has `WAKE` in it, so that the waiter
need not read it. Beside them `sent.jsonl` tells what the session sent to whom, and `successor` holds the id of the
session that gets its mail after `/clear`, and of those that got some before.
"""

from __future__ import annotations

import os
from _thread import get_ident  # threading itself takes 2 ms

from context_sync.domain import messages
from context_sync.domain.messages import Message
from context_sync.hotpath import json_codec
from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple
from context_sync.state import files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

WAKE = ".wake"
LARGEST = 8 * messages.LARGEST  # bytes of a file that is read


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
        """Whether the message is still to be told."""
        return os.path.basename(os.path.dirname(self.file)) == "new"

    def at(self, state: str) -> float:
        """Return when the message last reached one of `messages.STATES`, 0 when it did not."""
        if state == messages.STATES[0]:
            return self.message.at
        return max((mark.at for mark in self.marks if mark.kind == state), default=0.0)

    def injections(self) -> list[Mark]:
        """Return when and where the message was handed to the client, oldest first."""
        return [mark for mark in self.marks if mark.kind == "injected"]


class Posting(NamedTuple):
    """A line of what a session sent: which message to whom, and when."""

    id: str
    to: str
    at: float


def store(message: Message, wakes: bool = False) -> str:
    """Put the message into the mailbox of its receiver and into the list of what its sender sent.

    Once this returns, the message is there whatever happens: in the mailbox whose id is returned, that of an heir where
    the receiver was cleared meanwhile. Raises OSError when it could not be stored.
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
    return _handed_on(message.to, name)


def unread_names(box: str) -> list[str]:
    """Return the names of the files in the mailbox that are still to be told, oldest first."""
    return sorted(name for name in files.names(files.path("mail", box, "new")) if not name.startswith("."))


def unread(box: str) -> Iterator[Delivery]:
    """Yield the messages that are still to be told, oldest first; a file that is no message is set aside."""
    return _read(box, "new", unread_names(box))


def waking(box: str) -> Iterator[Delivery]:
    """Yield those of the unread messages that wake an idle session."""
    return _read(box, "new", [name for name in unread_names(box) if WAKE in name])


def everything(box: str) -> list[Delivery]:
    """Return every message in the mailbox, read or not, oldest first."""
    # In this order: a message that is read meanwhile is then seen twice, and not missed.
    found = [*unread(box), *_read(box, "cur", files.names(files.path("mail", box, "cur")))]
    return sorted({each.message.id: each for each in found}.values(), key=lambda each: messages.order(each.message))


def latest(most: int) -> list[Delivery]:
    """Return the `most` latest messages of all mailboxes, oldest first; no other one is read."""
    places = [(box, folder) for box in boxes() for folder in ("cur", "new")]
    known = {name: place for place in places for name in files.names(files.path("mail", *place)) if name[:1] != "."}
    return [each for name in sorted(known)[-most:] for each in _read(*known[name], [name])]


def boxes() -> list[str]:
    """Return the ids of all who have a mailbox."""
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


def settle(delivery: Delivery) -> bool:
    """Move a message to those that need not be told any more; False when another process did so before."""
    target = files.path("mail", delivery.box, "cur", os.path.basename(delivery.file))
    files.folder_of(target)
    try:
        os.rename(delivery.file, target)
    except FileNotFoundError:
        return False
    return True


def offer(box: str, client: str) -> None:
    """Note that the mailbox goes to the next session of the client's process, which `client` names."""
    _succeed(box, "", client)


def offered(client: str) -> list[str]:
    """Return the mailboxes that were offered to the next session of this client's process, and are not handed over."""
    return [box for box in boxes() if _succession(box).get("client") == client]


def bequeath(box: str, heir: str, client: str) -> None:
    """Hand the unread messages of one mailbox, and those that come later, to another one of the client's process.

    The heir is noted first and looks for mail then, a sender stores and looks for an heir then: one of the two sees the
    other. It stays offered until all is handed over, in case this process dies on the way.
    """
    _succeed(box, heir, client)
    for name in unread_names(box):
        _hand_over(box, heir, name)
    _succeed(box, heir)


def withdraw(box: str) -> None:
    """Note that nobody gets the mail of the mailbox any more: its session is back."""
    if os.path.exists(files.path("mail", box, "successor")):
        _succeed(box, "")


def successor(box: str) -> str:
    """Return the id of the session that gets this one's mail since its `/clear`, "" when there is none."""
    found = _succession(box).get("session", "")
    return str(found) if messages.is_party(found) else ""


def heirs(box: str) -> list[str]:
    """Return the ids of the sessions that ever got mail of this one after `/clear`, oldest first."""
    found = _succession(box).get("heirs", [])
    known = [*(found if isinstance(found, list) else []), successor(box)]
    return list(dict.fromkeys(str(each) for each in known if messages.is_party(each)))


def postings(sender: str, since: float = 0.0) -> list[Posting]:
    """Return what was sent after the time `since`, latest first; a line that makes no sense is left out."""
    found = []
    for line in reversed(files.read_bytes(files.path("mail", sender, "sent.jsonl")).split(b"\n")):
        posting = _posting(line) if line else None
        if posting and posting.at <= since:
            break
        if posting:
            found.append(posting)
    return found


def _succeed(box: str, heir: str, client: str = "") -> None:
    value = {"session": heir, "client": client, "heirs": [each for each in heirs(box) if each != heir]}
    files.write_json(files.path("mail", box, "successor"), {name: each for name, each in value.items() if each})


def _succession(box: str) -> dict[str, Any]:
    return files.read_json(files.path("mail", box, "successor")) or {}


def _hand_over(box: str, heir: str, name: str) -> None:
    target = files.path("mail", heir, "new", name)
    files.folder_of(target)
    files.move(files.path("mail", box, "new", name), target)  # another process may have done it, or it was read


def _handed_on(box: str, name: str) -> str:
    """Hand a message that was just stored to the heir of the mailbox, if it has one by now; return where it is."""
    passed = {box}
    while (heir := successor(box)) and heir not in passed:
        _hand_over(box, heir, name)
        passed.add(heir)
        box = heir
    return box


def _read(box: str, folder: str, names: Iterable[str]) -> Iterator[Delivery]:
    for name in names:
        file = files.path("mail", box, folder, name)
        try:
            first, *rest = _content(file).split(b"\n")
        except FileNotFoundError:
            continue  # another process read it
        except OSError as error:
            if not _is_no_file(error):
                continue  # it cannot be read now, and is told later
            first, rest = b"", []
        message = messages.from_fields(files.object_of(first) or {})
        if message:
            yield Delivery(message, box, file, tuple(filter(None, map(_mark, rest))))
        else:
            _set_aside(box, name, file)


def _content(file: str) -> bytes:
    descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)  # a pipe put there must not stop a hook
    with open(descriptor, "rb") as stream:
        return stream.read(LARGEST)


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


def _posting(line: bytes) -> Posting | None:
    match files.object_of(line):
        case {"id": str(message_id), "to": str(to), "at": float(at)}:
            return Posting(message_id, to, at)
    return None
