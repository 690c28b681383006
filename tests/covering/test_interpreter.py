import subprocess
import sys
from pathlib import Path

import pytest

from tests.covering import interpreter

TELL = "import os, sys; print(__name__, sys.argv, sys.path[0], sys.flags); sys.stdout.flush(); {end}"

CALLS = [
    pytest.param(["-c", TELL.format(end="pass"), "a", "-m"], 0, id="code"),
    pytest.param(["-I", "-S", "-X", "utf8", "-c", TELL.format(end="os._exit(3)")], 3, id="code, as isolated as a hook"),
    pytest.param(["-m", "tell", "two words"], 0, id="a module"),
    pytest.param(["tell.py", "-c"], 0, id="a script"),
    pytest.param(["-I", "-S", "tell.py"], 0, id="a script, as isolated as a hook"),
    pytest.param(["-c", TELL.format(end="sys.exit(4)")], 4, id="an end with a status"),
    pytest.param(["-c", TELL.format(end="1 / 0")], 1, id="an error"),
    pytest.param(["-X", "utf8", "--version"], 0, id="nothing to measure"),
]


@pytest.mark.parametrize(("arguments", "status"), CALLS)
def test_what_is_measured_runs_as_it_would_without(tmp_path: Path, arguments: list[str], status: int):
    (tmp_path / "tell.py").write_text(TELL.format(end="pass"))
    stand_in = interpreter.make(tmp_path / "it's covered")
    real, measured = (
        subprocess.run([python, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False)
        for python in (Path(sys.executable), stand_in)
    )
    assert (measured.returncode, measured.stdout) == (status, real.stdout)
    assert measured.stderr.splitlines()[-1:] == real.stderr.splitlines()[-1:]


def test_a_measured_process_takes_itself_for_the_stand_in(tmp_path: Path):
    stand_in = interpreter.make(tmp_path / "covered")
    context = subprocess.run([stand_in, "-c", "import sys; print(sys.executable)"], capture_output=True, text=True)
    assert context.stdout == f"{stand_in}\n"
