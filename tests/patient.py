"""Runs the script of a hook so that its time passes while it works, and hardly while the machine stands still.

Starts as that script does, with its path and its arguments behind the own one. The time that it gives itself first is
that of the processor; by the clock it has `PATIENCE` times as much.
"""

import _signal
import sys

PATIENCE = 60

real = _signal.setitimer


def patient(which: int, seconds: float, interval: float = 0.0) -> None:
    _signal.setitimer = real
    _signal.signal(_signal.SIGPROF, _signal.getsignal(_signal.SIGALRM))
    real(_signal.ITIMER_PROF, seconds)
    real(which, PATIENCE * seconds, PATIENCE * interval)


_signal.setitimer = patient
del sys.argv[0]
with open(sys.argv[0], "rb") as stream:
    exec(compile(stream.read(), sys.argv[0], "exec"), {"__name__": "__main__", "__file__": sys.argv[0]})
