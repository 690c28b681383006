"""Conflicts as the commands show them: in words, in the colour of their level, and as JSON."""

from collections.abc import Mapping
from typing import Any

from context_sync.cli import output
from context_sync.domain import wording
from context_sync.domain.conflicts import Conflict
from context_sync.domain.records import Session
from context_sync.domain.verdicts import Dependency

LEVEL_COLOURS = {"file": "cyan", "symbol": "yellow", "merge": "red", "dependency": "magenta"}


def names_of(shown: list[Session]) -> dict[str, str]:
    """Return the name to show for each session, with the id added to names that occur twice."""
    plain = {each.id: wording.plain(each.name, wording.LONGEST_NAME) for each in shown}
    taken = list(plain.values())
    return {key: name if taken.count(name) == 1 else f"({key[:8]}) {name}" for key, name in plain.items()}


def sentence(conflict: Conflict, names: Mapping[str, str]) -> str:
    """Return what two sessions did to each other's work, by their names here."""
    if conflict.dependency:
        return _use(conflict.dependency, names[conflict.mine], names[conflict.theirs])
    shown = [wording.plain(name, wording.LONGEST_PATH) for name in conflict.symbols[: wording.MOST_LINES]]
    symbols = ", ".join(shown)
    return {
        "file": "Both edited this file",
        "symbol": f"Both changed {symbols}",
        "merge": f"Merging the two would conflict{' in ' if symbols else ''}{symbols}",
    }[conflict.level]


def outlook(conflict: Conflict) -> str:
    """Return the state of the two changes."""
    if conflict.mine_worktree == conflict.theirs_worktree:
        return "in the same checkout, not committed"
    return "in two worktrees, not merged"


def row(conflict: Conflict, settled: bool) -> dict[str, Any]:
    """Return a conflict as the JSON that `context-sync status --help` describes."""
    return {
        "sessions": [conflict.mine, conflict.theirs],
        "repository": conflict.repository,
        "path": conflict.path,
        "level": conflict.level,
        "symbols": list(conflict.symbols),
        "settled": settled,
        "worktrees": [conflict.mine_worktree, conflict.theirs_worktree],
        "changed": [output.timestamp(conflict.mine_at), output.timestamp(conflict.theirs_at)],
        "dependency": _dependency(conflict, conflict.dependency) if conflict.dependency else None,
    }


def _use(on: Dependency, mine: str, theirs: str) -> str:
    altered, used = (mine, theirs) if on.altered_by == "mine" else (theirs, mine)
    definition, path, user = (wording.plain(text, 80) for text in (on.definition, on.definition_path, on.user))
    where = f"{user}, line {on.line}" if user else f"line {on.line}"
    return f"“{used}” uses {definition} from {path} in {where}; “{altered}” {wording.WAYS[on.way]}"


def _dependency(conflict: Conflict, on: Dependency) -> dict[str, Any]:
    return {
        "definition": on.definition,
        "definition_path": on.definition_path,
        "altered_by": conflict.mine if on.altered_by == "mine" else conflict.theirs,
        "way": on.way,
        "user": on.user,
        "line": on.line,
        "confidence": on.confidence,
    }
