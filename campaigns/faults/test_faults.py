import subprocess
import sys

import pytest

from campaigns.faults import disks
from campaigns.faults.stories import STORIES
from tests.rehearse import CHECKOUT

NO_DISK = pytest.mark.skipif(bool(disks.why_not()), reason=disks.why_not() or "there is one")


@pytest.mark.parametrize(
    ("layer", "each"),  # faults of every story, which are others for each; `python -m campaigns.faults` takes all
    [
        pytest.param("clock", 1, id="a call of Python that writes, after the clock was set or not"),
        pytest.param("disk", 1, id="a disk that is full or read-only", marks=NO_DISK),
    ],
)
def test_nothing_is_lost_whatever_fails(layer: str, each: int):
    command = [sys.executable, "-m", "campaigns.faults", "--layer", layer, "--each", str(each), "--jobs", "1"]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=3600, check=False)
    assert f"{each * len(STORIES)} faults, 0 violations." in done.stdout, done.stdout + done.stderr
    assert done.returncode == 0
