"""Commits for the tests of git."""

from pathlib import Path

from tests.rehearse import git as run

CALC = "one\ntwo\nthree\nfour\nfive\n"


def commit(folder: Path, message: str) -> str:
    run(folder, "add", "--all")
    run(folder, "commit", "--quiet", "--allow-empty", f"--message={message}")
    return run(folder, "rev-parse", "HEAD").strip()
