import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from campaigns.load import fortnight, rush
from campaigns.load.fortnight import EDITS, LASTING
from campaigns.load.session import Sent
from context_sync.domain.messages import Message, identifier
from context_sync.state import files, mailbox, touches
from tests.rehearse import CHECKOUT


def test_sessions_at_work_at_once_lose_and_mix_nothing(tmp_path: Path):
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    command = [sys.executable, "-m", "campaigns.load", "--sessions", "6", "--seconds", "6"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=1800)
    assert done.returncode == 0, done.stdout + done.stderr
    for what in ("edits", "messages"):
        (number,) = re.findall(rf"^\| {what} \| (\d+) \|", done.stdout, re.MULTILINE)
        assert int(number) > 0


def test_the_state_folder_does_not_grow_without_end():
    sizes = list(fortnight.pass_by(days=12, sessions_a_day=2, kept=4))
    assert sizes[3] > 1.5 * sizes[0], "nothing is kept at all"
    assert sum(sizes[9:]) < 1.05 * sum(sizes[6:9])
    assert EDITS <= len(touches.read(LASTING).touches) <= 5 * EDITS


def letter(number: int, to: str = "mine") -> Message:
    return Message(identifier(number.to_bytes(10)), 1.0, "sender", "", "", to, "", f"number {number}")


@pytest.mark.parametrize(
    ("line", "found", "broken"),
    [
        pytest.param(b'{"at": 1.0, "session": "one", "tool": "Edit", "tool_use": "t"}', 1, 0, id="a whole line"),
        pytest.param(b'{"at": 1.0, "session": "on', 0, 0, id="a line that was cut by a kill"),
        pytest.param(b'{"at": 1.0, "sess{"at": 1.0}', 0, 1, id="a line within another"),
        pytest.param(b'"session": "one"}', 0, 1, id="the end of a line"),
        pytest.param(b'{"at": 1.0, "session": "two", "tool": "Edit", "tool_use": "t"}', 1, 1, id="that of another"),
    ],
)
def test_a_mixed_line_is_seen(line: bytes, found: int, broken: int):
    file = Path(files.path("touches", "one.jsonl"))
    files.folder_of(str(file))
    file.write_bytes(line + b"\n")
    assert rush.recorded("one") == (Counter({"t": 1} if found else {}) + Counter(), broken)


class Heard:
    """What is asked of a worker when messages are counted."""

    def __init__(self, sent: list[int], heard: list[int]) -> None:
        self.sent = [Sent(number, "mine") for number in sent]
        self.heard = {"mine": Counter(heard)}


@pytest.mark.parametrize(
    ("sent", "heard", "kept", "lost", "twice"),
    [
        pytest.param([1, 2], [1, 2], [], 0, 0, id="each was heard"),
        pytest.param([1, 2], [1], [2], 0, 0, id="one waits for its receiver"),
        pytest.param([1, 2], [1], [], 1, 0, id="one is gone"),
        pytest.param([1, 2], [1, 2, 2], [], 0, 1, id="one was heard twice"),
    ],
)
def test_a_lost_message_is_seen(sent: list[int], heard: list[int], kept: list[int], lost: int, twice: int):
    for number in kept:
        mailbox.store(letter(number))
    assert rush.heard([Heard(sent, heard)]) == (len(sent), lost, twice)  # type: ignore[list-item]


def test_what_is_left_running_is_seen_and_ended():
    left = subprocess.Popen(["sleep", "3600"], stdin=subprocess.DEVNULL)
    assert [each for each in rush.left_running(1.0) if each.startswith(f"{left.pid} ")]
    assert left.wait() < 0
