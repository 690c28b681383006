"""Dependency conflicts: one side changed a definition, and the other side's edit uses it."""

from __future__ import annotations

from context_sync.analysis.call_compatibility import breaks
from context_sync.analysis.changes import Edit, hunks_of
from context_sync.analysis.definition_changes import DefinitionChange, definition_changes, excerpt
from context_sync.analysis.indirect import callables_with, reaches, steps
from context_sync.analysis.readers import Reader, reader
from context_sync.analysis.touched import touched_names
from context_sync.domain.verdicts import Confidence, Dependency, Kind, Side, Verdict
from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple
from context_sync.references.definition_lookup import definitions_of, last_name, owner_of
from context_sync.references.inheritance import Ancestry, find_member, linearize
from context_sync.references.resolution import CONSTRUCTORS, reached_by, resolve
from context_sync.references.scopes import scope_of, user_at
from context_sync.references.syntax import related
from context_sync.references.textual import may_name
from context_sync.references.uses import Use
from context_sync.symbols.languages import CALLABLES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from typing import TypeAlias

_TYPED = ("typescript", "tsx", "go", "rust")
_GONE = ("renamed", "moved", "removed")

_Edits: TypeAlias = "Mapping[str, Edit]"


class _Hit(NamedTuple):
    kind: Kind
    line: int
    confidence: Confidence
    through: str


def dependencies(mine: _Edits, theirs: _Edits) -> tuple[Verdict, ...]:
    """Return the dependencies between two sides' edits in both directions, one for each definition and user.

    Definitions that both sides changed are left out, as they conflict already.
    """
    return (*_depends(mine, theirs, "mine"), *_depends(theirs, mine, "theirs"))


def _depends(altering: _Edits, using: _Edits, side: Side) -> Iterator[Verdict]:
    altered = [each for each in definition_changes(altering) if not _also_touched(each, using)]
    types = Ancestry(_texts(altering, using))
    between = callables_with(_names(filter(_is_behaviour, altered)), (altering, using))
    for edit in using.values() if altered else ():
        candidates = [each for each in altered if related(each.before.path, edit.new_path)]
        is_near = bool(candidates) and _may_use(edit, candidates, between)
        read = reader(edit, altering.get(edit.path)) if is_near else None
        if read is not None:
            direct = {each: _direct(each, read, types) for each in candidates}
            waiting = [each for each, hits in direct.items() if not hits and _is_behaviour(each)]
            through = _through(waiting, read, (altering, using), types)
            for each in candidates:
                yield from _verdicts(each, read, direct[each] or through.get(each, []), side)


def _may_use(edit: Edit, altered: Iterable[DefinitionChange], between: Collection[str]) -> bool:
    """Return whether a text can contain a use: most do not, and need not be parsed.

    It names a changed definition, or an added line names a callable through which one is reached.
    """
    text = edit.after or b""
    if may_name(text, _names(altered)):
        return True
    if not between:
        return False
    lines = text.split(b"\n")
    added = [line for _, _, start, count in hunks_of(edit) for line in lines[start - 1 : start - 1 + count]]
    return may_name(b"\n".join(added), between)


def _names(altered: Iterable[DefinitionChange]) -> set[str]:
    return {name for each in altered for name in reached_by(each.before)}


def _also_touched(change: DefinitionChange, using: _Edits) -> bool:
    edit = using.get(change.before.path)
    return edit is not None and change.before.name in touched_names(edit)


def _texts(*sides: _Edits) -> Iterator[tuple[str, bytes]]:
    for edits in sides:
        for edit in edits.values():
            if edit.before is not None:
                yield edit.path, edit.before
            if edit.after is not None:
                yield edit.new_path, edit.after


def _direct(change: DefinitionChange, read: Reader, types: Ancestry) -> list[_Hit]:
    if _is_inherited(change, types):
        return []
    hits = list(_overrides(change, read, types))
    if reached_by(change.before) & read.names:
        hits.extend(_uses(change, read, types))
    return hits


def _is_inherited(change: DefinitionChange, types: Ancestry) -> bool:
    """Return whether a member only moved to a type that its own inherits from, which callers do not notice."""
    before, after = change.before, change.after
    if change.kind != "moved" or after is None or not before.owner:
        return False
    return after.owner != before.owner and after.owner in linearize(types, before.owner)


def _uses(change: DefinitionChange, read: Reader, types: Ancestry) -> Iterator[_Hit]:
    scope = scope_of(read.edit.new_path, read.edit.after or b"")
    new = frozenset(read.new)
    for use in (*read.new, *read.kept):
        confidence = resolve(use, change.before, scope, types)
        if confidence and _breaks(change, use, scope.family):
            yield _Hit("contract", use.line, confidence, "")
        elif confidence and use in new and scope.family and change.behaves and not use.imported:
            yield _Hit("behaviour", use.line, confidence, "")


def _breaks(change: DefinitionChange, use: Use, family: str) -> bool:
    if change.kind in _GONE or change.after is None:
        return True
    before, after = change.before.parameters, change.after.parameters
    if use.arguments is None or before is None or after is None:
        return False
    return breaks(use.arguments, before, after, family in _TYPED)


def _is_behaviour(change: DefinitionChange) -> bool:
    return change.behaves and change.kind not in _GONE and change.before.kind in CALLABLES


def _overrides(change: DefinitionChange, read: Reader, types: Ancestry) -> Iterator[_Hit]:
    signature = change.before
    if change.kind == "body" or not signature.owner or signature.last in CONSTRUCTORS:
        return
    names = touched_names(read.edit)
    for symbol in definitions_of(read.edit.new_path, read.edit.after or b""):
        owner = owner_of(symbol)
        if symbol.name in names and owner not in ("", signature.owner) and last_name(symbol.name) == signature.last:
            bases = types.bases.get(owner, ())
            if any(find_member(types, base, signature.last) == signature.owner for base in bases):
                yield _Hit("contract", symbol.start, "certain", "")


def _through(
    waiting: list[DefinitionChange], read: Reader, sides: tuple[_Edits, _Edits], types: Ancestry
) -> dict[DefinitionChange, list[_Hit]]:
    found: dict[DefinitionChange, list[_Hit]] = {}
    for use, step in steps(read, sides, types) if waiting else ():
        for each in waiting:
            if reaches(step, each.before, types):
                found.setdefault(each, []).append(_Hit("behaviour", use.line, "likely", step.signature.name))
    return found


def _verdicts(change: DefinitionChange, read: Reader, hits: Iterable[_Hit], side: Side) -> Iterator[Verdict]:
    seen: set[tuple[Kind, str]] = set()
    for hit in hits:
        user = user_at(scope_of(read.edit.new_path, read.edit.after or b""), hit.line)
        if (hit.kind, user) not in seen:
            seen.add((hit.kind, user))
            facts = _facts(hit, change, side, user)
            yield Verdict(read.edit.path, "dependency", (change.before.name,), (), facts)


def _facts(hit: _Hit, change: DefinitionChange, side: Side, user: str) -> Dependency:
    before, after = change.before, change.after
    became = after.name if after and change.kind in ("renamed", "moved") else ""
    return Dependency(
        kind=hit.kind,
        way=change.kind,
        altered_by=side,
        definition=before.name,
        definition_path=before.path,
        became=f"{after.path}::{became}" if after and became and after.path != before.path else became,
        signature_before=before.header,
        signature_after=after.header if after else "",
        excerpt=excerpt(before.lines, after.lines if after else ()),
        user=user,
        line=hit.line,
        confidence=hit.confidence,
        through=hit.through,
    )
