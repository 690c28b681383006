"""The storm on the mailboxes: processes that send and read at once, and are killed at any moment."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from context_sync.domain.messages import Message, identifier
from context_sync.state import inspection, mailbox

CHECKOUT = Path(__file__).resolve().parents[1]
WITHOUT_REPLY = {"reply_to": "", "urgent": False, "ack": False, "everyone": False}


class Outcome(NamedTuple):
    """What came of a storm: how many messages were stored, how they were read, and how many processes were killed."""

    stored: int
    lost: int
    read_twice: int
    unread: int
    broken: int
    kills: int
    seconds: float


def storm(log: Path, senders: int, readers: int, boxes: int, count: int, seed: int = 1) -> Outcome:
    """Send `count` messages from `senders` processes to `boxes` mailboxes while `readers` read and all are killed.

    Each process writes to a file in `log` what it did: a sender the ids that were stored, a reader those that it read.
    A process that is killed is replaced until the work is done. A sender is killed once it has sent something, or on a
    busy machine none would ever come so far.
    """
    began = time.monotonic()
    chance = random.Random(seed)
    names = [f"box-{number}" for number in range(boxes)]
    share = count // senders
    sending = {number: _start("sender", log, number, share, *names) for number in range(senders)}
    reading = {number: _start("reader", log, number, 0, *names) for number in range(readers)}
    reached = dict.fromkeys(sending, 0)
    kills = 0
    while sending:
        time.sleep(0.02)
        for number, process in list(sending.items()):
            if process.poll() == 0:
                del sending[number]
            elif process.poll() is not None:
                reached[number] = _sent(log, number)
                sending[number] = _start("sender", log, number, share - reached[number], *names)
        for number, process in list(reading.items()):
            if process.poll() is not None:
                reading[number] = _start("reader", log, number, 0, *names)
        begun = [process for number, process in sending.items() if _sent(log, number) > reached[number]]
        victims = [*begun, *reading.values()]
        if chance.random() < 0.5 and victims:
            chance.choice(victims).send_signal(signal.SIGKILL)
            kills += 1
    for process in reading.values():
        process.kill()
        process.wait()
    read_all(names, log / "last")
    return _judge(log, names, kills, time.monotonic() - began)


def read_all(names: list[str], log: Path) -> None:
    """Read what is unread in the mailboxes, as a reader does: whoever moves a message has read it."""
    with log.open("a") as stream:
        for name in names:
            for delivery in mailbox.unread(name):
                if mailbox.archive(delivery):
                    stream.write(delivery.message.id + "\n")
                    stream.flush()


def _judge(log: Path, names: list[str], kills: int, seconds: float) -> Outcome:
    context = [line for file in log.glob("sender-*") for line in file.read_text().split()]
    read = Counter(line for file in (*log.glob("reader-*"), log / "last") for line in file.read_text().split())
    kept = [each for name in names for each in mailbox.everything(name)]
    there = Counter(each.message.id for each in kept)
    return Outcome(
        stored=len(there),
        lost=len(set(context) - there.keys()),
        read_twice=sum(number > 1 for number in (*read.values(), *there.values())),
        unread=sum(each.is_unread for each in kept),
        broken=len(inspection.broken()),
        kills=kills,
        seconds=seconds,
    )


def _sent(log: Path, number: int) -> int:
    file = log / f"sender-{number}"
    return len(file.read_text().split()) if file.exists() else 0


def _start(role: str, log: Path, number: int, share: int, *names: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.storm", role, str(log / f"{role}-{number}"), str(share), *names]
    return subprocess.Popen(command, cwd=CHECKOUT)


def _send(log: Path, share: int, names: list[str]) -> None:
    with log.open("a") as stream:
        for number in range(share):
            name = names[number % len(names)]
            message = Message(
                id=identifier(os.urandom(10)),
                at=time.time(),
                sender=f"sender-{os.getpid()}",
                sender_name="storm",
                branch="main",
                to=name,
                to_name=name,
                text="x" * (number % 200),
                **WITHOUT_REPLY,
            )
            mailbox.store(message)
            stream.write(message.id + "\n")
            stream.flush()


def main() -> None:
    role, log, share, *names = sys.argv[1:]
    if role == "sender":
        _send(Path(log), int(share), names)
        return
    while True:
        read_all(random.sample(names, len(names)), Path(log))
        time.sleep(0.002)


if __name__ == "__main__":
    main()
