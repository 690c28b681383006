"""Verdicts of the merge analysis: how two sides conflict, in which lines, and the facts of a dependency."""

from __future__ import annotations

from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Literal, TypeAlias

Level: TypeAlias = 'Literal["file", "symbol", "merge", "dependency"]'
Side: TypeAlias = 'Literal["mine", "theirs"]'
Confidence: TypeAlias = 'Literal["certain", "likely"]'
Kind: TypeAlias = 'Literal["contract", "behaviour"]'
Way: TypeAlias = 'Literal["parameters", "renamed", "moved", "removed", "body"]'


class Range(NamedTuple):
    """Lines of one text, 1-based and inclusive; an empty range between two lines has an `end` of `start - 1`."""

    start: int
    end: int


class ConflictRange(NamedTuple):
    """Where a merge conflicts: the lines on each side and the definitions that they lie in."""

    mine: Range
    theirs: Range
    symbols: tuple[str, ...]


class Dependency(NamedTuple):
    """A definition that one side changed and the other side's edit uses.

    `kind` is contract when the use can no longer work as written, behaviour when it now does something else.
    `way` says how the definition was changed, `altered_by` by which side. `signature_before` and `signature_after`
    are on one line, the latter "" when the definition is gone; `became` is the new name, `path::name` when it
    moved to another file, "" otherwise. `excerpt` is the change in a few lines, each with its + or -. `user` is the
    definition around the use, "" outside any; `line` is a line of the using side's file at `path` of the verdict.
    `through` is an untouched definition by which the use reaches the changed one, "" when it names that itself.
    """

    kind: Kind
    way: Way
    altered_by: Side
    definition: str
    definition_path: str
    became: str
    signature_before: str
    signature_after: str
    excerpt: str
    user: str
    line: int
    confidence: Confidence
    through: str = ""


class Verdict(NamedTuple):
    """The judgement on one file.

    `path` is the file's path in the base, or, for a dependency, that of the file with the use. `symbols` are
    the definitions that both sides changed or that a merge conflicts in; for a dependency, the changed one.
    `places` is empty unless the level is merge, and also when the file conflicts as a whole.
    """

    path: str
    level: Level
    symbols: tuple[str, ...]
    places: tuple[ConflictRange, ...]
    dependency: Dependency | None
