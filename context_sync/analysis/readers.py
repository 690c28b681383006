"""The edited code of one side that may use what the other side changed."""

from __future__ import annotations

from context_sync.analysis.changes import Edit, hunks_of
from context_sync.analysis.touched import touched_names
from context_sync.hotpath.namedtuples import NamedTuple
from context_sync.references.definition_lookup import definitions_of
from context_sync.references.imports import imports
from context_sync.references.syntax import Span, family_of, grammar_of
from context_sync.references.uses import Use, uses


class Reader(NamedTuple):
    """One edited file.

    `new` are the uses on lines that the edit added or changed, except lines that it only moved or indented, and
    lines that the other side added too. `kept` are the uses on the other lines of the definitions that it touches,
    empty when the other side edited the same file and so has seen them. `names` are all names that are used,
    including those behind import aliases.
    """

    edit: Edit
    new: tuple[Use, ...]
    kept: tuple[Use, ...]
    names: frozenset[str]


def reader(edit: Edit, other: Edit | None) -> Reader | None:
    """Return what an edit uses, or None when its file was removed or contains no code that is read.

    `other` is the other side's edit of the same file.
    """
    if edit.after is None or not grammar_of(edit.new_path):
        return None
    changed = [(start, start + count - 1) for _, _, start, count in hunks_of(edit) if count]
    removed = [(start, start + count - 1) for start, count, _, _ in hunks_of(edit) if count]
    known = _lines(edit.before, removed) | (_added(other) if other else frozenset())
    lines = edit.after.split(b"\n")
    found = uses(edit.new_path, edit.after, changed)
    new = tuple(use for use in found if lines[use.line - 1].strip() not in known)
    kept = () if other else _kept(edit, {use.line for use in found})
    return Reader(edit, new, kept, _names(edit, (*new, *kept)))


def _added(edit: Edit) -> frozenset[bytes]:
    return _lines(edit.after, [(start, start + count - 1) for _, _, start, count in hunks_of(edit) if count])


def _lines(text: bytes | None, spans: list[Span]) -> frozenset[bytes]:
    lines = (text or b"").split(b"\n")
    return frozenset(line.strip() for start, end in spans for line in lines[start - 1 : end])


def _kept(edit: Edit, changed: set[int]) -> tuple[Use, ...]:
    after = edit.after or b""
    names = touched_names(edit) if edit.before is not None else ()
    spans = [(symbol.start, symbol.end) for symbol in definitions_of(edit.new_path, after) if symbol.name in names]
    return tuple(use for use in uses(edit.new_path, after, spans) if use.line not in changed)


def _names(edit: Edit, found: tuple[Use, ...]) -> frozenset[str]:
    names = {use.name for use in found}
    known = imports(edit.new_path, edit.after or b"") if family_of(edit.new_path) else {}
    return frozenset(names | {known[name].name for name in names if name in known})
