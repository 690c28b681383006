"""What is done where nobody says whether a process runs: as on macOS where `ps` is not allowed to look."""

import time
from pathlib import Path

import pytest

from context_sync.edits import recovery
from context_sync.state import gate, processes

NOBODY = 2**22 + 1


@pytest.fixture(autouse=True)
def without_proc(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    (tmp_path / "ps").write_text("#!/bin/sh\necho ps: Operation not permitted >&2\nexit 1\n")
    (tmp_path / "ps").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(processes, "PROC", str(tmp_path / "none"))
    monkeypatch.setattr(processes, "PS_TIMEOUT", 600.0)
    return tmp_path


def test_a_recorder_is_given_its_time(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(gate, "recording_since", lambda *_: time.time())
    assert not recovery.is_dead("one", NOBODY)


def test_a_recorder_that_had_its_time_is_dead(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(gate, "recording_since", lambda *_: time.time() - 2 * recovery.MAX_AGE)
    assert recovery.is_dead("one", NOBODY)
