"""Owns what a side did to the definitions of the base: parameters, renamed, moved, removed, or another body."""

from collections.abc import Iterable, Iterator, Mapping
from difflib import SequenceMatcher
from typing import NamedTuple

from context_sync.collisions.changes import Edit, hunks_of
from context_sync.collisions.imports import imports
from context_sync.collisions.shapes import Shape, last_name, outline, shapes
from context_sync.collisions.syntax import family_of
from context_sync.collisions.verdicts import Way
from context_sync.symbols.languages import CALLABLES, TYPES
from context_sync.symbols.resolver import touched

_ALIKE = 0.6
_TOKENS = 1_500


class Alteration(NamedTuple):
    """A definition of the base that one side altered; `after` is None when it has no successor.

    `way` is parameters when these differ at all: whether a use breaks is for `fitting` to say.
    """

    way: Way
    before: Shape
    after: Shape | None


def alterations(edits: Mapping[str, Edit]) -> tuple[Alteration, ...]:
    """Return the definitions that a side altered, by path and in source order.

    Comments and doc strings do not count. A definition that is gone but whose name its file still imports is
    not altered: it works as before for all who use it.
    """
    kept: list[Alteration] = []
    gone: list[tuple[Edit, Shape]] = []
    added: list[Shape] = []
    for edit in edits.values():
        old, new = _both(edit)
        kept.extend(_kept(old, new))
        gone.extend((edit, shape) for name, shape in old.items() if name not in new and not _reachable(edit, shape))
        added.extend(shape for name, shape in new.items() if name not in old)
    return (*kept, *_gone(gone, added))


def touched_names(edit: Edit) -> tuple[str, ...]:
    """Return the innermost definitions that an edit touches and the callables around them."""
    names = dict.fromkeys(symbol.name for symbol in touched(edit.new_path, edit.before, edit.after, hunks_of(edit)))
    return tuple(dict.fromkeys((*names, *_callables_around(edit, names))))


def _callables_around(edit: Edit, names: Iterable[str]) -> Iterator[str]:
    known = {
        symbol.name
        for text in (edit.before, edit.after)
        if text is not None
        for symbol in outline(edit.path, text)
        if symbol.kind in CALLABLES
    }
    for name in names:
        outer = name.rpartition(".")[0]
        while outer:
            if outer in known:
                yield outer
            outer = outer.rpartition(".")[0]


def _both(edit: Edit) -> tuple[dict[str, Shape], dict[str, Shape]]:
    names = touched_names(edit)
    old = shapes(edit.path, edit.before, names) if edit.before is not None else {}
    new = shapes(edit.new_path, edit.after, names) if edit.after is not None else {}
    return old, new


def _kept(old: Mapping[str, Shape], new: Mapping[str, Shape]) -> Iterator[Alteration]:
    for name, before in old.items():
        after = new.get(name)
        if after is None or before.code == after.code:
            continue
        if before.parameters is not None and after.parameters is not None and before.parameters != after.parameters:
            yield Alteration("parameters", before, after)
        elif before.kind in CALLABLES:
            yield Alteration("body", before, after)


def _reachable(edit: Edit, shape: Shape) -> bool:
    if edit.after is None:
        return False
    if shape.owner or shape.outer:
        return False
    return bool(family_of(edit.new_path)) and shape.last in imports(edit.new_path, edit.after)


def _gone(gone: list[tuple[Edit, Shape]], added: list[Shape]) -> Iterator[Alteration]:
    taken: set[tuple[str, str]] = set()
    for _, shape in gone:
        after = _successor(shape, [new for new in added if (new.path, new.name) not in taken])
        if after is None:
            yield Alteration("removed", shape, None)
        else:
            taken.add((after.path, after.name))
            moved = last_name(after.name) == shape.last
            yield Alteration("moved" if moved else "renamed", shape, after)


def _successor(shape: Shape, added: Iterable[Shape]) -> Shape | None:
    best, best_score = None, _ALIKE
    for new in added:
        if _sort(new) != _sort(shape) or (new.path != shape.path and new.last != shape.last):
            continue
        score = _similarity(shape, new) + (new.last == shape.last) * 0.2
        if score >= best_score:
            best, best_score = new, score
    return best


def _sort(shape: Shape) -> str:
    return "callable" if shape.kind in CALLABLES else "type" if shape.kind in TYPES else "value"


def _similarity(one: Shape, other: Shape) -> float:
    a = [token for token in one.code[:_TOKENS] if token != one.last]
    b = [token for token in other.code[:_TOKENS] if token != other.last]
    matcher = SequenceMatcher(None, a, b, False)
    return matcher.ratio() if matcher.real_quick_ratio() >= _ALIKE / 2 and matcher.quick_ratio() >= _ALIKE / 2 else 0.0
