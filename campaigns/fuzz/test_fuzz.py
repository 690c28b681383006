import os
import platform
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from campaigns.fuzz import __main__ as fuzz
from campaigns.fuzz import fuzzing
from campaigns.fuzz.entering import entering
from campaigns.fuzz.findings import Findings, tried
from campaigns.fuzz.mutations import minimised, mutated
from campaigns.fuzz.properties import PROPERTIES
from campaigns.fuzz.targets import CORPUS, TARGETS, corpus
from context_sync.events import dispatch
from tests.rehearse import CHECKOUT

INPUTS = 50  # of each share of a target
PATIENCE = 600.0  # seconds for what takes less than one
EXAMPLES = 25  # of each property


@pytest.fixture(autouse=True)
def folder(isolated_home: Path) -> Path:
    Path(os.environ["CLAUDE_CONFIG_DIR"]).mkdir()
    return isolated_home


@pytest.mark.parametrize("name", TARGETS)
def test_what_is_kept_breaks_nothing(name: str):
    assert [tried(TARGETS[name].check, data) for data in corpus(name)] == [None] * len(corpus(name))


@pytest.mark.parametrize("name", TARGETS)
def test_no_input_breaks_a_reader(name: str):
    inputs = INPUTS * TARGETS[name].share
    found = fuzzing.by_chance(name, inputs, PATIENCE)
    assert [each for each in found.findings if each.where not in TARGETS[name].known] == []
    assert found.inputs == inputs > len(corpus(name))


@pytest.mark.parametrize("name", PROPERTIES)
def test_what_makes_sense_is_read_as_it_was_meant(name: str):
    assert fuzz.property_fails(PROPERTIES[name], EXAMPLES) == []


def test_no_payload_breaks_a_hook(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(
        dispatch, "HANDLERS", {name: (module, PATIENCE) for name, (module, _) in dispatch.HANDLERS.items()}
    )
    with entering(folder) as enter:
        assert fuzz.property_fails(enter, EXAMPLES) == []


def test_coverage_guides_where_it_can(tmp_path: Path):
    has_wheel = (sys.platform, platform.machine()) == ("linux", "x86_64") and sys.version_info < (3, 14)
    if not fuzzing.is_guided():
        assert not (has_wheel and "CI" in os.environ), "atheris is not installed"
        pytest.skip("atheris is not installed, or not made for this Python or this system")
    found = fuzzing.guided("payloads", 2000, PATIENCE, tmp_path)
    assert (found.findings, found.inputs >= 2000) == ([], True)
    assert found.coverage > 50


def test_every_target_has_a_corpus_and_nothing_else_is_kept():
    assert sorted(folder.name for folder in CORPUS.iterdir()) == sorted(TARGETS)


def fails_at(letter: bytes) -> Callable[[bytes], None]:
    def check(data: bytes) -> None:
        assert letter not in data, "it is there"

    return check


def test_a_violation_is_found_once_and_made_short():
    findings, chance = Findings(fails_at(b"\0")), random.Random(1)
    for _ in range(500):
        findings.meets(mutated(b'{"session_id":"s"}', chance))
    (found,) = findings.shortened()
    assert found.data == b"\0"
    assert found.where == ("AssertionError", "campaigns/fuzz/test_fuzz.py", "it")


def test_an_input_is_shortened_to_what_it_takes():
    assert minimised(b"xxaxxxxbxx", lambda data: b"a" in data and b"b" in data) == b"ab"


def test_a_violation_ends_with_1_and_is_kept(tmp_path: Path):
    broken = (
        "import sys; from campaigns.fuzz import __main__ as fuzz, readers, targets\n"
        "def check(data):\n    assert b'cwd' not in data, 'broken'\n"
        "targets.TARGETS['payloads'] = targets.TARGETS['payloads']._replace(check=check)\n"
        "fuzz.fuzzing.is_guided = lambda: False\n"
        "sys.argv = ['fuzz', 'payloads', '--inputs', '30', '--jobs', '1']\nsys.exit(fuzz.main())"
    )
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    command = [sys.executable, "-c", broken]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "30 inputs, 1 violations, kept in fuzz-finds." in done.stdout
    assert "| payloads | chance | 30 |" in done.stdout
    (kept,) = (tmp_path / "fuzz-finds" / "payloads").iterdir()
    assert kept.read_bytes() == b"cwd"
