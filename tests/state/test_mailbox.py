import errno
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from context_sync.domain import messages
from context_sync.domain.messages import RECEIPTS, Message
from context_sync.state import inspection, mailbox
from context_sync.state.mailbox import Mark
from tests.rehearse import state
from tests.storm import storm

MESSAGE = Message(
    id="4kq7zt2xwh",
    at=1_800_000_000.25,
    sender="sender",
    sender_name="payments",
    branch="main",
    to="receiver",
    to_name="api",
    text="hello\nthere \ud800 \x1b[2J",
)


def other(message_id: str, at: float, **fields: object) -> Message:
    return MESSAGE._replace(id=message_id, at=at, **fields)


def mail(*parts: str) -> Path:
    return state("mail", "receiver", *parts)


def only() -> mailbox.Delivery:
    [found] = mailbox.everything("receiver")
    return found


def test_a_message_is_stored_marked_and_read():
    mailbox.store(MESSAGE)
    [delivery] = mailbox.unread("receiver")
    assert (delivery.message, delivery.state, delivery.is_unread) == (MESSAGE, "stored", True)

    marks = (Mark("injected", 2.5, "/transcript", 7), Mark("confirmed", 3.5))
    mailbox.note(delivery, *marks)
    assert (only().marks, only().state, only().at("injected")) == (marks, "confirmed", 2.5)
    assert only().injections() == [marks[0]]

    assert mailbox.archive(delivery)
    assert list(mailbox.unread("receiver")) == []
    assert (only().marks, only().is_unread) == (marks, False)
    assert not mailbox.archive(delivery)


def test_the_file_is_readable_line_by_line_and_private():
    before = os.umask(0)
    try:
        mailbox.store(MESSAGE)
        mailbox.note(only(), Mark("injected", 2.5))
    finally:
        os.umask(before)

    [file] = mail("new").iterdir()
    assert file.name == "1800000000250000-4kq7zt2xwh.jsonl"
    first, second = file.read_text().splitlines()
    assert json.loads(first)["text"] == MESSAGE.text
    assert json.loads(second) == {"kind": "injected", "at": 2.5}
    assert file.stat().st_mode & 0o077 == 0
    assert inspection.exposed() == []


def test_messages_come_in_the_order_in_which_they_were_sent():
    for number, at in ((2, 3.5), (3, 1.5), (4, 2.5)):
        mailbox.store(other(f"aaaaaaaaa{number}", at))

    assert [each.message.at for each in mailbox.unread("receiver")] == [1.5, 2.5, 3.5]
    assert [each.message.at for each in mailbox.everything("receiver")] == [1.5, 2.5, 3.5]


def test_only_what_wakes_is_read_by_the_waiter():
    mailbox.store(MESSAGE)
    mailbox.store(other("wwwwwwwwww", 5.5), wakes=True)

    assert [each.message.id for each in mailbox.waking("receiver")] == ["wwwwwwwwww"]


def test_what_was_sent_is_listed_latest_first_and_receipts_are_not():
    mailbox.store(other("aaaaaaaaaa", 1.5))
    mailbox.store(other("bbbbbbbbbb", 2.5, to="third"))
    mailbox.store(other("cccccccccc", 3.5, sender=RECEIPTS))

    assert [each.id for each in mailbox.sent_entries("sender")] == ["bbbbbbbbbb", "aaaaaaaaaa"]
    assert [each.id for each in mailbox.sent_entries("sender", since=1.5)] == ["bbbbbbbbbb"]
    assert mailbox.sent_entries(RECEIPTS) == []


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        pytest.param("4kq7zt2xwh", ["4kq7zt2xwh"], id="all of the id"),
        pytest.param("4kq7", ["4kq7zt2xwh"], id="its beginning"),
        pytest.param("kq7z", [], id="its middle"),
        pytest.param("../", [], id="a path"),
    ],
)
def test_a_message_is_found_by_its_id(wanted: str, found: list[str]):
    mailbox.store(MESSAGE)

    assert [each.message.id for each in mailbox.find(wanted, mailbox.boxes())] == found


def test_a_message_that_is_handed_over_keeps_its_marks_and_goes_once():
    mailbox.store(MESSAGE)
    mailbox.note(only(), Mark("injected", 2.5))
    delivery = only()

    assert mailbox.hand_over(delivery, "other")
    assert not mailbox.hand_over(delivery, "third")
    [handed] = mailbox.unread("other")
    assert (handed.message, handed.box, handed.marks) == (MESSAGE, "other", (Mark("injected", 2.5),))
    assert mailbox.everywhere() == [handed]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b'{"id": "4kq7', id="cut JSON"),
        pytest.param(b"[]\n", id="no object"),
        pytest.param(b"[" * 100_000, id="nesting without end"),
        pytest.param(json.dumps(MESSAGE._asdict() | {"at": "now"}).encode(), id="a field of another type"),
        pytest.param(json.dumps(MESSAGE._asdict() | {"id": "../../x"}).encode(), id="an id that is a path"),
        pytest.param(b"\xff\xfe\x00", id="no text"),
    ],
)
def test_a_planted_file_that_is_no_message_is_set_aside_and_can_be_reported(content: bytes):
    mailbox.store(MESSAGE)
    (mail("new") / "000-planted").write_bytes(content)

    assert [each.message.id for each in mailbox.unread("receiver")] == [MESSAGE.id]
    assert inspection.broken() == [str(mail("000-planted.broken"))]
    assert mailbox.unread_names("receiver") == ["1800000000250000-4kq7zt2xwh.jsonl"]


def test_planted_things_that_are_no_files_stop_nothing():
    mailbox.store(MESSAGE)
    os.mkfifo(mail("new", "pipe"))
    mail("new", "folder").mkdir()
    mail("new", "loop").symlink_to("loop")
    mail("new", ".hidden").write_text("x")

    assert [each.message.id for each in mailbox.unread("receiver")] == [MESSAGE.id]
    assert len(inspection.broken()) == 3


def test_marks_that_make_no_sense_are_left_out():
    mailbox.store(MESSAGE)
    [file] = mail("new").iterdir()
    with file.open("a") as stream:
        stream.write('{"kind": 1}\n[]\n{"kind": "read"\n{"kind": "injected", "at": 1.5, "position": "x"}\n')

    assert only().marks == ()


def test_a_message_that_was_moved_meanwhile_is_not_made_again():
    mailbox.store(MESSAGE)
    delivery = only()
    mailbox.archive(delivery)

    assert mailbox.note(delivery, Mark("read", 1.5)) == delivery
    assert list(mail("new").iterdir()) == []


def test_a_draft_that_was_cut_is_no_message():
    mail("tmp").mkdir(parents=True)
    (mail("tmp") / "1-draft").write_text('{"id":')

    assert mailbox.everything("receiver") == []
    assert inspection.broken() == []


def test_a_storm_of_senders_and_readers_killed_at_any_instant_loses_nothing(tmp_path: Path):
    outcome = storm(tmp_path, senders=4, readers=3, boxes=4, count=1_000)

    assert outcome.kills > 0
    assert outcome.stored >= 1_000
    assert (outcome.lost, outcome.read_twice, outcome.unread, outcome.broken) == (0, 0, 0, 0)


def test_states_are_those_that_the_user_reads_of():
    assert messages.STATES == ("stored", "injected", "confirmed", "read")


def test_what_another_process_moved_meanwhile_is_passed_over(monkeypatch: pytest.MonkeyPatch):
    mailbox.store(MESSAGE)
    mailbox.store(other("abcdefghjk", MESSAGE.at + 1))
    names = mailbox.unread_names("receiver")
    mailbox.archive(next(mailbox.unread("receiver")))
    with monkeypatch.context() as stale:
        stale.setattr(mailbox, "unread_names", lambda _: names)
        assert [each.message.id for each in mailbox.unread("receiver")] == ["abcdefghjk"]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("{", id="cut"),
        pytest.param("[]", id="a list"),
        pytest.param('{"id": "x", "to": "receiver", "at": "later"}', id="a time that is none"),
        pytest.param('{"id": "x", "at": 5.0}', id="without a receiver"),
    ],
)
def test_a_line_of_what_was_sent_that_makes_no_sense_is_left_out(line: str):
    mailbox.store(MESSAGE)
    with state("mail", "sender", "sent.jsonl").open("a") as stream:
        stream.write(line + "\n")
    assert [(posting.id, posting.to) for posting in mailbox.sent_entries("sender")] == [(MESSAGE.id, "receiver")]


def half_of(write: Callable[[int, bytes], int]) -> Callable[[int, bytes], int]:
    def full(descriptor: int, text: bytes) -> int:
        write(descriptor, text[: len(text) // 2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    return full


def test_what_was_cut_as_it_was_stored_is_stored_whole_the_next_time(monkeypatch: pytest.MonkeyPatch):
    receipt = MESSAGE._replace(sender=RECEIPTS)
    with monkeypatch.context() as patched:
        patched.setattr(os, "write", half_of(os.write))
        with pytest.raises(OSError, match="No space"):
            mailbox.store(receipt)
    mailbox.store(receipt)
    assert only().message == receipt
    assert inspection.broken() == []


def test_a_mark_after_one_that_was_cut_is_not_lost_with_it(monkeypatch: pytest.MonkeyPatch):
    mailbox.store(MESSAGE)
    with monkeypatch.context() as patched:
        patched.setattr(os, "write", half_of(os.write))
        with pytest.raises(OSError, match="No space"):
            mailbox.note(only(), Mark("injected", 2.5))
    mailbox.note(only(), Mark("injected", 3.5))
    assert only().marks == (Mark("injected", 3.5),)
