import os
import pty
import subprocess
import sys

import pytest

from tests.cli.stage import output_on
from tests.rehearse import CHECKOUT

CODE = "from context_sync.cli import progress\nwith progress.shown('Looking'):\n    print('found')"


def run(terminal: bool, **environment: str) -> tuple[str, str]:
    """Return what stands on standard output, and on standard error, which may be a terminal."""
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        env={**os.environ, "PYTHONPATH": str(CHECKOUT), "TERM": "xterm", **environment},
        stdout=subprocess.PIPE,
        stderr=theirs if terminal else subprocess.PIPE,
        check=True,
    )
    os.close(theirs)
    on_terminal = output_on(ours)
    return done.stdout.decode(), (on_terminal if terminal else done.stderr).decode()


def test_on_a_terminal_it_is_shown_and_taken_away_again():
    assert run(terminal=True) == ("found\n", "Looking …\r\x1b[K")


@pytest.mark.parametrize(
    ("terminal", "name"), [pytest.param(False, "xterm", id="a pipe"), pytest.param(True, "dumb", id="a dumb terminal")]
)
def test_nothing_is_shown_where_it_could_not_be_taken_away(terminal: bool, name: str):
    assert run(terminal, TERM=name) == ("found\n", "")
