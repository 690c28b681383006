"""The timing of a process: from its start to its end, and the processor time that it and its children took.

What is compared runs in turns (A B A B), as times on a busy machine drift by more than what is to be seen.
"""

import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

PIPE = 65_536  # bytes that a pipe takes before somebody reads it


class Case(NamedTuple):
    """A command with what it is given; `prepare` is called before each run and not timed."""

    name: str
    command: Sequence[str]
    folder: Path
    environment: Mapping[str, str]
    payload: bytes = b""
    prepare: Callable[[], None] | None = None


class Run(NamedTuple):
    """One run: seconds on the clock, and of the processor (user and system) for it and all it waited for."""

    wall: float
    cpu: float


class Figures(NamedTuple):
    """What many runs come to, in milliseconds."""

    runs: int
    wall: float
    wall_p95: float
    cpu: float
    cpu_p95: float


def in_turns(cases: Sequence[Case], rounds: int) -> dict[str, list[Run]]:
    """Run every case once in each round, in turns; a first round that fills the caches does not count."""
    found: dict[str, list[Run]] = {case.name: [] for case in cases}
    for number in range(rounds + 1):
        for case in cases:
            run = once(case)
            if number:
                found[case.name].append(run)
    return found


def figures(runs: Sequence[Run]) -> Figures:
    walls, cpus = sorted(run.wall * 1e3 for run in runs), sorted(run.cpu * 1e3 for run in runs)
    return Figures(len(runs), median(walls), _p95(walls), median(cpus), _p95(cpus))


def ratio(runs: Sequence[Run], others: Sequence[Run], field: str = "wall") -> float:
    """Return the median of the ratios between two cases that ran in turns, pair by pair."""
    pairs = zip(runs, others, strict=True)
    return median(getattr(one, field) / max(getattr(other, field), 1e-6) for one, other in pairs)


def once(case: Case) -> Run:
    """Run a case once; what it prints is thrown away."""
    if case.prepare:
        case.prepare()
    reading, writing = os.pipe()
    nothing = os.open(os.devnull, os.O_WRONLY)
    writer = _fill(writing, case.payload)
    actions = [(os.POSIX_SPAWN_DUP2, reading, 0), (os.POSIX_SPAWN_DUP2, nothing, 1), (os.POSIX_SPAWN_DUP2, nothing, 2)]
    before = os.getcwd()
    os.chdir(case.folder)
    try:
        began = time.perf_counter()
        pid = os.posix_spawn(case.command[0], case.command, dict(case.environment), file_actions=actions)
        if writer:
            os.close(reading)
        _, _, usage = os.wait4(pid, 0)
        wall = time.perf_counter() - began
    finally:
        os.chdir(before)
    if writer:
        writer.join()
    else:
        os.close(reading)
    os.close(nothing)
    return Run(wall, usage.ru_utime + usage.ru_stime)


def _fill(descriptor: int, payload: bytes) -> threading.Thread | None:
    if len(payload) <= PIPE:
        os.write(descriptor, payload)
        os.close(descriptor)
        return None
    os.set_inheritable(descriptor, False)
    writer = threading.Thread(target=_write, args=(descriptor, payload))
    writer.start()
    return writer


def _write(descriptor: int, payload: bytes) -> None:
    try:
        while payload:
            payload = payload[os.write(descriptor, payload) :]
    except BrokenPipeError:
        pass  # a hook need not read what it is given
    finally:
        os.close(descriptor)


def _p95(values: Sequence[float]) -> float:
    return quantiles(values, n=20)[-1] if len(values) > 1 else values[0]
