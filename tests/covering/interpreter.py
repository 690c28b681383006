"""The stand-in for the tests' interpreter that measures coverage in every process they start.

The hooks run Python with -I -S, in environments of their own, so neither a .pth file nor a variable reaches them.
"""

import shlex
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]

# Keeps the interpreter's options, and hands over to start.py what comes after them.
PYTHON = """#!/bin/sh
case " $* " in
*" importtime "*) exec {real} "$@" ;; # it is the loaded modules that are looked at
esac
options=
while :; do
    case ${{1-}} in
    -X) options="$options -X $2" && shift 2 ;;
    -[ABIOPSdEsuvx]) options="$options $1" && shift ;;
    -c | -m | [!-]*) exec {real} $options {start} {stand_in} "$@" ;;
    *) exec {real} $options "$@" ;;
    esac
done
"""

COMMAND = """#!/bin/sh
exec {stand_in} {command} "$@"
"""


def make(folder: Path) -> Path:
    """Make an environment like that of the tests in `folder`, whose Python measures coverage, and return the Python."""
    real = Path(sys.executable)
    stand_in = folder / "bin" / real.name
    stand_in.parent.mkdir(parents=True)
    quoted = {
        "real": shlex.quote(str(real)),
        "start": shlex.quote(str(Path(__file__).with_name("start.py"))),
        "stand_in": shlex.quote(str(stand_in)),
        "command": shlex.quote(str(real.parent / "context-sync")),
    }
    _write(stand_in, PYTHON.format(**quoted))
    _write(stand_in.with_name("context-sync"), COMMAND.format(**quoted))
    (folder / "lib").symlink_to(real.parents[1] / "lib")
    return stand_in


def _write(file: Path, text: str) -> None:
    file.write_text(text)
    file.chmod(0o755)
