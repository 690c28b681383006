import contextlib
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from fcntl import ioctl
from pathlib import Path
from typing import Any

import pytest

from tests.cli.stage import Stage, edit
from tests.rehearse import CHECKOUT, CommandLine

SECONDS = 60.0
PATIENCE = 2.0
OF_A_TERMINAL = ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "COLORTERM")  # that of who runs the tests
THE_SCREEN_OF_BEFORE = "\x1b[?1049l"


class Screen:
    """`context-sync watch` in a terminal of its own."""

    def __init__(self, master: int, terminal: int, before: list[Any], process: subprocess.Popen[bytes]) -> None:
        self.printed = b""
        self.process = process
        self.before = before
        self.terminal = terminal
        self._master = master

    def shows(self, words: str, seconds: float = SECONDS) -> None:
        end = time.monotonic() + seconds
        while words.encode() not in self.printed:
            assert time.monotonic() < end, f"{words!r} is not printed: {self.printed[-3000:]!r}"
            self.read()

    def press(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def choose(self, tab: str, words: str) -> None:
        """Press the key of a tab until it shows words: one that is pressed while the view begins is lost."""
        self.shows("2 live sessions")
        end = time.monotonic() + SECONDS
        while words.encode() not in self.printed and time.monotonic() < end:
            self.press(tab)
            with contextlib.suppress(AssertionError):
                self.shows(words, PATIENCE)
        self.shows(words, 0.0)

    def read(self) -> None:
        if select.select([self._master], [], [], 0.05)[0]:
            self.printed += os.read(self._master, 1 << 16)

    def ends(self, keys: str = "") -> int:
        """Return how it ended; the keys are pressed until then: one that is pressed while the view begins is lost."""
        end, due = time.monotonic() + SECONDS, 0.0
        while self.process.poll() is None:
            assert time.monotonic() < end, "the view does not end"
            if keys and time.monotonic() >= due:
                self.press(keys)
                due = time.monotonic() + PATIENCE
            self.read()
        return self.process.returncode


@contextlib.contextmanager
def screen(folder: Path, **environment: str) -> Iterator[Screen]:
    master, terminal = pty.openpty()
    ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    before = termios.tcgetattr(terminal)
    inherited = {name: value for name, value in os.environ.items() if name not in OF_A_TERMINAL}
    process = subprocess.Popen(
        [sys.executable, "-m", "context_sync.cli.main", "watch"],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        cwd=folder,
        env={**inherited, "TERM": "xterm-256color", "PYTHONPATH": str(CHECKOUT)} | environment,
        start_new_session=True,
    )
    try:
        yield Screen(master, terminal, before, process)
    finally:
        process.kill()
        process.wait()
        os.close(master)
        os.close(terminal)


@pytest.fixture
def conflict(the_stage: Stage, shop: Path) -> Path:
    one, two = the_stage.enter("discounts", shop), the_stage.enter("rounding", shop)
    edit(one, "invoice.py", "return 1", "return 10")
    edit(two, "invoice.py", "return 10", "return 11")
    return shop


def test_the_live_view_shows_what_is_there_and_leaves_the_terminal_as_it_was(conflict: Path):
    with screen(conflict) as view:
        view.shows("2 live sessions")
        view.shows("rounding")
        view.choose("2", "discounts ↔ rounding")
        view.shows("return 11")
        assert view.ends("q") == 0
        view.shows(THE_SCREEN_OF_BEFORE)
        assert termios.tcgetattr(view.terminal) == view.before


@pytest.mark.parametrize(
    ("ended_by", "code"),
    [
        pytest.param("\x03", 0, id="ctrl-c"),
        pytest.param(signal.SIGTERM, 143, id="SIGTERM"),
        pytest.param(signal.SIGHUP, 129, id="SIGHUP"),
    ],
)
def test_it_ends_when_it_is_asked_to_and_leaves_the_terminal_in_order(
    conflict: Path, ended_by: str | signal.Signals, code: int
):
    with screen(conflict) as view:
        view.shows("2 live sessions")
        if isinstance(ended_by, signal.Signals):
            view.process.send_signal(ended_by)
        assert view.ends(ended_by if isinstance(ended_by, str) else "") == code
        view.shows(THE_SCREEN_OF_BEFORE)


@pytest.mark.parametrize(("setting", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True)])
def test_only_the_terminals_own_colours_are_used_and_none_where_none_are_wanted(
    conflict: Path, setting: dict[str, str], coloured: bool
):
    with screen(conflict, **setting) as view:
        view.choose("2", "return 11")
        assert (b"\x1b[33m" in view.printed or b";33" in view.printed or b"[33;" in view.printed) == coloured
        assert b"38;2;" not in view.printed
        assert b"48;2;" not in view.printed


def test_a_bug_is_reported_as_every_command_tells_it(conflict: Path, tmp_path: Path):
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "sitecustomize.py").write_text(
        "import sys\n"
        "from context_sync.cli.watch import rows\n"
        "def headline(_):\n    raise ZeroDivisionError('nothing works')\n"
        "rows.headline = headline\n"
    )
    with screen(conflict, PYTHONPATH=f"{broken}:{CHECKOUT}") as view:
        assert view.ends() == 3
        view.shows("context-sync: a bug, recorded in ")
        assert b"Traceback" not in view.printed


def test_without_a_terminal_it_is_a_still_picture(command_line: CommandLine, conflict: Path):
    done = command_line("watch", cwd=conflict, stdin=subprocess.DEVNULL)
    once = command_line("watch", "--once", cwd=conflict)
    assert (done.returncode, done.stderr) == (0, "")
    assert ageless(done.stdout) == ageless(once.stdout)
    assert "\x1b" not in done.stdout
    assert done.stdout.startswith("2 live sessions · 1 conflict\n\n")
    assert "symbol      Invoice.total in invoice.py" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def ageless(picture: str) -> list[str]:
    """Return the words of a picture without those that tell how long ago something was."""
    return re.sub(r"\d+ min|\bnow\b", "", picture).split()


def test_no_other_command_loads_the_view(isolated_home: Path):
    code = (
        "import sys; from context_sync.cli.commands import status, watch, statusline; print('textual' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
    assert isolated_home.is_dir()
