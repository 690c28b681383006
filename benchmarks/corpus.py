"""Reads a folder of real pairs of edits: `*.jsonl.xz`, one pair per line, whole texts."""

import json
import lzma
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from context_sync.analysis.changes import Change


class File(NamedTuple):
    path: str
    base: bytes | None
    mine: bytes | None
    theirs: bytes | None

    @property
    def shared(self) -> bool:
        return self.mine != self.base and self.theirs != self.base


class Pair(NamedTuple):
    name: str
    source: str
    files: tuple[File, ...]
    git_conflict: bool
    conflict_files: frozenset[str] | None
    hunks_overlap: bool
    breaks: bool | None

    def side(self, which: str) -> list[Change]:
        sides = ((file, file.mine if which == "mine" else file.theirs) for file in self.files)
        return [Change(file.path, file.base, after) for file, after in sides if after != file.base]


def pairs(folder: Path) -> Iterator[Pair]:
    """Yield every pair of the folder, the files in the order of their names."""
    for archive in sorted(folder.glob("*.jsonl.xz")):
        with lzma.open(archive, "rt", encoding="utf-8") as lines:
            for line in lines:
                yield _pair(json.loads(line))


def _pair(row: dict) -> Pair:
    label = row.get("label") or {}
    listed = row.get("conflict_files")
    return Pair(
        name=row["id"],
        source=row["source"],
        files=tuple(_file(entry) for entry in row["files"]),
        git_conflict=row["git_conflict"],
        conflict_files=None if listed is None else frozenset(listed),
        hunks_overlap=row["hunk_overlap"],
        breaks=label.get("breaks_together"),
    )


def _file(entry: dict) -> File:
    base = _text(entry["base"])
    sides = [base if entry[side] == "=base" else _text(entry[side]) for side in ("a", "b")]
    return File(entry["path"], base, *sides)


def _text(text: str | None) -> bytes | None:
    return None if text is None else text.encode("utf-8", "surrogatepass")
