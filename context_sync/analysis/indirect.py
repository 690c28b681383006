"""Indirect uses: a new call of a definition that neither side touched and that calls a changed one."""

from __future__ import annotations

from context_sync.analysis.changes import Edit
from context_sync.analysis.readers import Reader
from context_sync.analysis.touched import touched_names
from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple
from context_sync.references.definition_lookup import definitions_of, last_name
from context_sync.references.inheritance import Ancestry
from context_sync.references.resolution import resolve
from context_sync.references.scopes import scope_of
from context_sync.references.signatures import Signature, signatures_of
from context_sync.references.syntax import family_of
from context_sync.references.textual import may_name
from context_sync.references.uses import Use, uses
from context_sync.symbols.languages import CALLABLES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

_MAX_STEPS = 200


class Step(NamedTuple):
    """An untouched callable of the base, and the uses in it."""

    signature: Signature
    path: str
    text: bytes
    uses: tuple[Use, ...]


def steps(read: Reader, sides: Collection[Mapping[str, Edit]], types: Ancestry) -> Iterator[tuple[Use, Step]]:
    """Yield the new calls of callables of the base that neither side touched, with what those use."""
    called = {use.name for use in read.new if use.called}
    known = list(_untouched(sides, called))[:_MAX_STEPS]
    scope = scope_of(read.edit.new_path, read.edit.after or b"") if known else None
    for use in read.new if scope else ():
        for step in known:
            if use.called and scope and resolve(use, step.signature, scope, types):
                yield use, step


def callables_with(names: Collection[str], sides: Collection[Mapping[str, Edit]]) -> set[str]:
    """Return the bare names of all callables that can be steps: those in base texts that may contain a name."""
    texts = {(edit.path, edit.before) for edits in sides for edit in edits.values() if edit.before is not None}
    return {
        last_name(symbol.name)
        for path, text in texts
        if family_of(path) and may_name(text, names)
        for symbol in definitions_of(path, text)
        if symbol.kind in CALLABLES
    }


def reaches(step: Step, target: Signature, types: Ancestry) -> bool:
    """Return whether the callable of a step calls the definition."""
    scope = scope_of(step.path, step.text)
    return any(use.called and resolve(use, target, scope, types) for use in step.uses)


def _untouched(sides: Collection[Mapping[str, Edit]], names: Collection[str]) -> Iterator[Step]:
    for path in sorted({path for edits in sides for path in edits}):
        edits = [each[path] for each in sides if path in each]
        text = edits[0].before
        if text is None or not names or not family_of(path):
            continue
        touched = {name for edit in edits for name in touched_names(edit)}
        found = [
            symbol
            for symbol in definitions_of(path, text)
            if symbol.kind in CALLABLES and last_name(symbol.name) in names and symbol.name not in touched
        ]
        made = signatures_of(path, text, [symbol.name for symbol in found])
        for symbol in found:
            yield Step(made[symbol.name], path, text, uses(path, text, [(symbol.start, symbol.end)]))
