"""Owns the dependency conflicts: one side altered a definition, and the other side's edit uses it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from context_sync.collisions.alterations import Alteration, alterations, touched_names
from context_sync.collisions.ancestry import Ancestry, ancestry, provider
from context_sync.collisions.changes import Edit, hunks_of
from context_sync.collisions.excerpts import excerpt
from context_sync.collisions.fitting import breaks
from context_sync.collisions.resolving import CONSTRUCTORS, meaning
from context_sync.collisions.scopes import Scope, scope_of, user_at
from context_sync.collisions.shapes import last_name, outline, owner_of
from context_sync.collisions.syntax import Span, family_of
from context_sync.collisions.uses import Use, uses
from context_sync.collisions.verdicts import Confidence, Dependency, Side, Verdict
from context_sync.symbols.languages import CALLABLES

_TYPED = ("typescript", "tsx", "go", "rust")


class _Reader(NamedTuple):
    """One edited file of the side that may use what the other side altered."""

    edit: Edit
    scope: Scope
    changed: tuple[Span, ...]
    new: tuple[Use, ...]
    old: tuple[Use, ...]
    kept: tuple[Use, ...]
    other_lines: frozenset[bytes]


def dependencies(mine: Mapping[str, Edit], theirs: Mapping[str, Edit]) -> tuple[Verdict, ...]:
    """Return the dependencies between two sides' edits in either direction, one for each definition and user."""
    texts = [
        (path, text)
        for edit in (*mine.values(), *theirs.values())
        for path, text in ((edit.path, edit.before), (edit.new_path, edit.after))
        if text is not None
    ]
    found = (*_depends(mine, theirs, "mine", texts), *_depends(theirs, mine, "theirs", texts))
    return tuple(found)


def _depends(
    altering: Mapping[str, Edit], using: Mapping[str, Edit], side: Side, texts: Sequence[tuple[str, bytes]]
) -> Iterator[Verdict]:
    altered = [each for each in alterations(altering) if not _also_touched(each, using)]
    altered = [each for each in altered if any(_mentions(edit, each) for edit in using.values())]
    if not altered:
        return
    types = ancestry(texts)
    for edit in using.values():
        if edit.after is None or not family_of(edit.new_path):
            continue
        relevant = [each for each in altered if _mentions(edit, each)]
        if relevant:
            reader = _reader(edit, altering.get(edit.path))
            for each in relevant:
                yield from _first_per_user(_found(each, reader, types, side))


def _also_touched(alteration: Alteration, using: Mapping[str, Edit]) -> bool:
    edit = using.get(alteration.before.path)
    return edit is not None and alteration.before.name in touched_names(edit)


def _mentions(edit: Edit, alteration: Alteration) -> bool:
    shape = alteration.before
    names = {shape.owner} if shape.last in CONSTRUCTORS or shape.last.startswith("__") else {shape.last}
    return edit.after is not None and any(name.encode() in edit.after for name in names if name)


def _reader(edit: Edit, other: Edit | None) -> _Reader:
    after = edit.after or b""
    hunks = hunks_of(edit)
    changed = tuple((start, start + count - 1) for _, _, start, count in hunks if count)
    removed = tuple((start, start + count - 1) for start, count, _, _ in hunks if count)
    names = () if edit.before is None else touched_names(edit)
    edited = tuple((symbol.start, symbol.end) for symbol in outline(edit.new_path, after) if symbol.name in names)
    new = uses(edit.new_path, after, changed)
    lines = {use.line for use in new}
    return _Reader(
        edit=edit,
        scope=scope_of(edit.new_path, after),
        changed=changed,
        new=new,
        old=uses(edit.path, edit.before, removed) if edit.before else (),
        kept=tuple(use for use in uses(edit.new_path, after, edited) if use.line not in lines) if other is None else (),
        other_lines=_added_lines(other) if other else frozenset(),
    )


def _added_lines(edit: Edit) -> frozenset[bytes]:
    lines = (edit.after or b"").split(b"\n")
    spans = ((start - 1, start - 1 + count) for _, _, start, count in hunks_of(edit))
    return frozenset(line.strip() for start, end in spans for line in lines[max(start, 0) : end])


def _found(alteration: Alteration, reader: _Reader, types: Ancestry, side: Side) -> Iterator[Verdict]:
    lines = (reader.edit.after or b"").split(b"\n")
    for use in reader.new:
        if lines[use.line - 1].strip() in reader.other_lines:
            continue
        sure = meaning(use, alteration.before, reader.scope, types)
        if sure:
            if _contract(alteration, use, reader.scope):
                yield _verdict("contract", alteration, use.line, reader, side, sure)
            elif _behaviour(alteration, use) and _is_new(use, reader):
                yield _verdict("behaviour", alteration, use.line, reader, side, sure)
    for use in reader.kept:
        sure = meaning(use, alteration.before, reader.scope, types)
        if sure and _contract(alteration, use, reader.scope):
            yield _verdict("contract", alteration, use.line, reader, side, sure)
    yield from _overrides(alteration, reader, types, side)


def _contract(alteration: Alteration, use: Use, scope: Scope) -> bool:
    if alteration.way in ("renamed", "moved", "removed"):
        return True
    before, after = alteration.before.parameters, alteration.after.parameters if alteration.after else None
    if use.arguments is None or before is None or after is None:
        return False
    return breaks(use.arguments, before, after, scope.family in _TYPED)


def _behaviour(alteration: Alteration, use: Use) -> bool:
    if alteration.after is None or alteration.before.kind not in CALLABLES:
        return False
    called = use.called or alteration.before.kind == "property"
    return called and _body(alteration.before) != _body(alteration.after)


def _body(shape) -> tuple[str, ...]:
    return shape.code


def _is_new(use: Use, reader: _Reader) -> bool:
    return True


def _overrides(alteration: Alteration, reader: _Reader, types: Ancestry, side: Side) -> Iterator[Verdict]:
    shape = alteration.before
    if alteration.way == "body" or not shape.owner or shape.last in CONSTRUCTORS:
        return
    names = touched_names(reader.edit)
    for symbol in reader.scope.symbols:
        owner = owner_of(symbol)
        if symbol.name in names and owner and owner != shape.owner and last_name(symbol.name) == shape.last:
            bases = types.bases.get(owner, ())
            if any(provider(types, base, shape.last) == shape.owner for base in bases):
                yield _verdict("contract", alteration, symbol.start, reader, side, "certain")


def _first_per_user(found: Iterator[Verdict]) -> Iterator[Verdict]:
    told: set[tuple[str, str]] = set()
    for verdict in found:
        if verdict.dependency:
            key = (verdict.dependency.kind, verdict.dependency.user)
            if key not in told:
                told.add(key)
                yield verdict


def _verdict(
    kind: str, alteration: Alteration, line: int, reader: _Reader, side: Side, sure: Confidence
) -> Verdict:
    before, after = alteration.before, alteration.after
    became = ""
    if after is not None and alteration.way in ("renamed", "moved"):
        became = after.name if after.path == before.path else f"{after.path}::{after.name}"
    dependency = Dependency(
        kind=kind,
        way=alteration.way,
        altered_by=side,
        definition=before.name,
        definition_path=before.path,
        became=became,
        signature_before=before.signature,
        signature_after=after.signature if after else "",
        excerpt=excerpt(before.lines, after.lines if after else ()),
        user=user_at(reader.scope, line),
        line=line,
        confidence=sure,
    )
    return Verdict(reader.edit.path, "dependency", (before.name,), (), dependency)
