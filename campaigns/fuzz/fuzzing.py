"""How a target is fuzzed: guided by coverage where atheris is installed, else at random from the corpus.

atheris never returns, so it has a process of its own: `python -m campaigns.fuzz.fuzzing TARGET INPUTS SECONDS FOLDER`.
"""

import importlib.util
import json
import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from campaigns.fuzz.findings import ROOT, Finding, Findings, keep
from campaigns.fuzz.mutations import mutated
from tests import memory

LONGEST = 16_384  # bytes of an input
FOREIGN = ("CLAUDE", "CONTEXT_SYNC", "GIT_", "PYTHON", "XDG_")


class Outcome(NamedTuple):
    """What came of fuzzing a target; `coverage` are the edges of our code that were reached, 0 where nobody counts."""

    inputs: int
    seconds: float
    coverage: int
    findings: list[Finding]


def is_guided() -> bool:
    """Return whether atheris is installed."""
    return importlib.util.find_spec("atheris") is not None


def by_chance(name: str, inputs: int, seconds: float, seed: int = 1) -> Outcome:
    """Try the corpus and then what becomes of it by chance, in this process, until either limit is reached."""
    from campaigns.fuzz.targets import TARGETS, corpus

    target, kept, chance = TARGETS[name], corpus(name), random.Random(seed)
    findings, began, number = Findings(target.check), time.monotonic(), 0
    while number < inputs and time.monotonic() - began < seconds:
        data = kept[number] if number < len(kept) else mutated(chance.choice(kept), chance, target.words)[:LONGEST]
        findings.meets(data)
        number += 1
    return Outcome(number, time.monotonic() - began, 0, findings.shortened())


def guided(name: str, inputs: int, seconds: float, folder: Path) -> Outcome:
    """Let atheris look for inputs that reach what no other did, in a process of its own."""
    command = [sys.executable, "-m", "campaigns.fuzz.fuzzing", name, str(inputs), f"{seconds:.0f}", str(folder)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "1"}  # the same inputs each time
    began = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    context = re.search(r"stat::number_of_executed_units:\s*(\d+)", done.stderr)
    if context is None:
        raise RuntimeError(f"atheris failed: {done.stdout[-500:]}{done.stderr[-2000:]}")
    edges = [int(each) for each in re.findall(r"\bcov: (\d+)", done.stderr)]
    lines = (folder / "found").read_text().splitlines() if (folder / "found").exists() else []
    found = [
        Finding((kind, file, place), said, bytes.fromhex(data))
        for kind, file, place, said, data in map(json.loads, lines)
    ]
    return Outcome(int(context[1]), time.monotonic() - began, max(edges, default=0), found)


@contextmanager
def home() -> Iterator[Path]:
    """A home folder of its own, in memory where the system has that; the environment names it, and nothing else."""
    before = dict(os.environ)
    with memory.folder("fuzz") as folder:
        for name in [name for name in os.environ if name.startswith(FOREIGN)]:
            del os.environ[name]
        places = {"XDG_CONFIG_HOME": ".config", "XDG_STATE_HOME": ".local/state", "CLAUDE_CONFIG_DIR": ".claude"}
        os.environ |= {"HOME": folder, **{name: os.path.join(folder, place) for name, place in places.items()}}
        os.mkdir(os.environ["CLAUDE_CONFIG_DIR"])
        try:
            yield Path(folder)
        finally:
            os.environ.clear()
            os.environ.update(before)


def _fuzz(name: str, inputs: str, seconds: str, folder: str) -> None:
    import atheris  # type: ignore[import-not-found,unused-ignore]

    with atheris.instrument_imports(include=["context_sync"]):
        from campaigns.fuzz.targets import TARGETS, corpus
    target = TARGETS[name]
    findings = Findings(target.check)
    seeds = Path(folder, "seeds")
    seeds.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(corpus(name)):
        (seeds / str(number)).write_bytes(data)

    def try_one(data: bytes) -> None:
        if not findings.meets(data):
            _note(findings, Path(folder, "found"))

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        chance = random.Random(seed)
        if chance.random() < 0.3:
            return bytes(atheris.Mutate(data, most))
        return mutated(data, chance, target.words)[:most]

    limits = [f"-runs={inputs}", f"-max_total_time={seconds}", f"-max_len={LONGEST}", "-rss_limit_mb=0", "-timeout=300"]
    options = ["-print_final_stats=1", f"-artifact_prefix={folder}/", "-seed=1"]
    atheris.Setup([sys.argv[0], *limits, *options, str(seeds)], try_one, custom_mutator=mutate)
    atheris.Fuzz()


def _note(findings: Findings, file: Path) -> None:
    """Write down what was found, as this process ends without notice."""
    known = len(file.read_text().splitlines()) if file.exists() else 0
    if len(findings.found) == known:
        return
    shortened = findings.shortened()
    keep(shortened, file.parent / "finds")
    file.write_text("".join(json.dumps([*each.where, each.said, each.data.hex()]) + "\n" for each in shortened))


if __name__ == "__main__":
    with home():
        _fuzz(*sys.argv[1:])
