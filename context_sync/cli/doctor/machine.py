"""Checks of what context-sync needs: its configuration, git and the grammars."""

import re
from collections.abc import Iterator

from context_sync import config
from context_sync.cli.doctor.findings import Finding, find
from context_sync.git import runner

OLDEST = (2, 31)  # of git: the first with GIT_CONFIG_COUNT, which turns a repository's filters off


def examine() -> Iterator[Finding]:
    """Yield the findings."""
    yield from _config()
    yield _git()
    yield _grammars()


def _config() -> Iterator[Finding]:
    found = config.read()
    for problem in found.problems:
        yield find("config-wrong", problem=problem)
    if not found.problems:
        yield find("config", guard=found.guard)


def _git() -> Finding:
    version = runner.run("/", "version").decode("utf-8", "replace").strip()
    if not version:
        return find("git-missing")
    numbers = tuple(int(number) for number in re.findall(r"\d+", version)[:2])
    return find("git-old" if numbers < OLDEST else "git", version=version[:1].upper() + version[1:])


def _grammars() -> Finding:
    try:
        from context_sync.symbols import grammars, languages
    except ImportError as error:
        return find("tree-sitter-missing", reason=error)
    names = tuple(sorted({language.grammar for language in languages.LANGUAGES}))
    missing = grammars.missing(names)
    if missing:
        return find("grammars-missing", names=", ".join(missing))
    return find("grammars", number=len(names))
