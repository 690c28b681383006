"""Measures the live view with 100 sessions: `python -m benchmarks.watch`.

It runs in a pseudo-terminal of 80 by 24: its share of a core while nothing happens, the time until a key is answered,
and the time until an edit, a new session and a message are on the screen.
"""

import fcntl
import os
import pty
import select
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.crowd import Crowd, gather

SESSIONS = 100
LARGEST_SHARE = 0.03  # of a core, idle
LONGEST_ANSWER = 100  # ms, to a key
IDLE = 20.0  # seconds
KEYS = (b"j", b"k", b"2", b"j", b"k", b"3", b"1") * 5


class Screen:
    """The view in a terminal of its own."""

    def __init__(self, folder: Path) -> None:
        self.seen = b""
        self.master, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "context_sync.cli.main", "watch"],
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            cwd=folder,
            env={**os.environ, "TERM": "xterm-256color", "PYTHONPATH": str(Path(__file__).resolve().parents[1])},
            start_new_session=True,
        )
        os.close(terminal)

    def read(self, seconds: float) -> bool:
        """Take what is printed within so many seconds; say whether anything was."""
        if not select.select([self.master], [], [], seconds)[0]:
            return False
        self.seen += os.read(self.master, 1 << 20)
        return True

    def quiet(self, seconds: float) -> None:
        """Wait until nothing was printed for so long."""
        while self.read(seconds):
            pass

    def shows(self, words: str, seconds: float = 30.0) -> float:
        """Return how long it takes until the words are printed."""
        began = time.perf_counter()
        while words.encode() not in self.seen:
            if time.perf_counter() - began > seconds:
                raise TimeoutError(f"{words!r} is not on the screen: {self.seen[-2000:]!r}")
            self.read(0.05)
        return time.perf_counter() - began

    def answer(self, key: bytes) -> float:
        """Press a key and return how long it takes until anything is printed."""
        self.quiet(0.2)
        began = time.perf_counter()
        os.write(self.master, key)
        if not self.read(5):
            raise TimeoutError(f"the key {key!r} is not answered")
        return time.perf_counter() - began

    def after(self, act: Callable[[], object], words: str) -> float:
        """Do something and return how long it takes from its end until the words are printed."""
        self.quiet(1.0)
        self.seen = b""
        act()
        return self.shows(words)

    def seconds(self) -> float:
        """Return the processor time used so far, children that ended included."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def main() -> int:
    """Print what was measured; return 1 when a target is missed."""
    with tempfile.TemporaryDirectory() as folder, gather(Path(folder), SESSIONS) as crowd:
        screen = Screen(crowd.project)
        try:
            return int(not _measure(screen, crowd))
        finally:
            screen.process.terminate()
            screen.process.wait()


def _measure(screen: Screen, crowd: Crowd) -> bool:
    print(f"processes that want to run beside this: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print(f"first picture of {SESSIONS} sessions: {screen.shows('100 live sessions'):.2f} s")
    screen.quiet(2.0)
    before, began = screen.seconds(), time.perf_counter()
    while time.perf_counter() - began < IDLE:
        screen.read(0.5)
    share = (screen.seconds() - before) / (time.perf_counter() - began)
    print(f"idle for {IDLE:.0f} s: {100 * share:.2f} % of a core (at most {100 * LARGEST_SHARE:.0f})")
    answers = [1000 * screen.answer(key) for key in KEYS]
    print(f"a key: median {statistics.median(answers):.0f} ms, worst {max(answers):.0f} ms (at most {LONGEST_ANSWER})")
    os.write(screen.master, b"1")
    crowd.busy(True)
    times = [1000 * screen.answer(key) for key in [b"j", b"k"] * 10]
    crowd.busy(False)
    print(f"a key while a session works: median {statistics.median(times):.0f} ms, worst {max(times):.0f} ms")
    print(f"a new session is shown after {screen.after(lambda: crowd.enter('newcomer'), '101 live sessions'):.2f} s")
    print(f"a message is shown after {screen.after(crowd.write, '1 unread message'):.2f} s")
    conflicts = f"{crowd.conflicts + 1} conflicts"
    print(f"a conflict is shown after {screen.after(crowd.make_conflict, conflicts):.2f} s")
    return share <= LARGEST_SHARE and max(answers) <= LONGEST_ANSWER


if __name__ == "__main__":
    sys.exit(main())
