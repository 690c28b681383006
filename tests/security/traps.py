"""The program that must never be run, and whether it was."""

from pathlib import Path

import pytest


@pytest.fixture
def trap(tmp_path: Path) -> Path:
    """A program that must never be run; `sprung` says whether it was."""
    program = tmp_path / "trap"
    program.write_text(f'#!/bin/sh\n/usr/bin/touch "{tmp_path}/sprung"\n')
    program.chmod(0o755)
    return program


def sprung(trap: Path) -> bool:
    return (trap.parent / "sprung").exists()
