"""Owns what a side did to the definitions of the base: parameters, renamed, moved, removed, or another body."""

from __future__ import annotations

from difflib import SequenceMatcher

from context_sync.analysis.changes import Edit
from context_sync.analysis.touched import touched_names
from context_sync.domain.verdicts import Way
from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple
from context_sync.references.imports import imports
from context_sync.references.outlines import last_name
from context_sync.references.parameters import Parameter
from context_sync.references.signatures import Shape, shapes
from context_sync.references.syntax import family_of
from context_sync.symbols.hunks import hunks_between
from context_sync.symbols.languages import CALLABLES, TYPES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_VALUES = ("constant", "field")
_ALIKE = 0.6
_SAME_NAME = 0.2
_TOKENS = 1_500
_MOST_PAIRS = 1_000  # a comparison takes up to 5 ms
_VALUE_LINES = 3  # a longer value is a table, whose users read other entries than the one that changed


class Alteration(NamedTuple):
    """A definition of the base that one side altered; `after` is None when it has no successor.

    `way` is parameters when these differ at all: whether a use breaks is for `fitting` to say. `behaves` says
    that who calls the definition as before gets something else.
    """

    way: Way
    before: Shape
    after: Shape | None
    behaves: bool


def alterations(edits: Mapping[str, Edit]) -> tuple[Alteration, ...]:
    """Return the definitions that a side altered, by path and in source order.

    Comments and doc strings do not count. A definition that is gone but whose name its file still imports is
    not altered: it works as before for all who use it.
    """
    kept: list[Alteration] = []
    gone: list[Shape] = []
    added: list[Shape] = []
    for edit in edits.values():
        old, new = _both(edit)
        kept.extend(_kept(old, new))
        gone.extend(shape for name, shape in old.items() if name not in new and not _reachable(edit, shape))
        added.extend(shape for name, shape in new.items() if name not in old)
    return (*kept, *_gone(gone, added))


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
        known = before.parameters is not None and after.parameters is not None
        if known and before.parameters != after.parameters:
            yield Alteration("parameters", before, after, not _only_by_new(before, after))
        elif before.kind in CALLABLES or _is_small_value(before, after):
            yield Alteration("body", before, after, True)


def _is_small_value(before: Shape, after: Shape) -> bool:
    long = max(len(before.lines), len(after.lines)) > _VALUE_LINES
    return before.kind in _VALUES and not long and before.last.strip("_") != ""


def _only_by_new(before: Shape, after: Shape) -> bool:
    """Return whether all that changed is reached by new parameters alone, which who calls as before leaves out.

    Each changed run of lines begins with one that names such a parameter. Where the body stands beside the
    signature, on one line, that is not known.
    """
    old_names = {parameter.name for parameter in before.parameters or ()}
    new = [parameter for parameter in after.parameters or () if parameter.name not in old_names]
    if not new or any(_is_required(parameter) for parameter in new):
        return False
    if tuple(each for each in after.parameters or () if each.name in old_names) != before.parameters:
        return False
    joined = ("\n".join(lines).encode("utf-8", "surrogatepass") for lines in (before.body, after.body))
    return bool(after.body) and all(
        count and any(parameter.name in after.body[start - 1] for parameter in new)
        for _, _, start, count in hunks_between(*joined)
    )


def _is_required(parameter: Parameter) -> bool:
    return parameter.default is None and parameter.form in ("plain", "keyword")


def _reachable(edit: Edit, shape: Shape) -> bool:
    if edit.after is None or shape.owner or shape.outer or not family_of(edit.new_path):
        return False
    return shape.last in imports(edit.new_path, edit.after)


def _gone(gone: list[Shape], added: list[Shape]) -> Iterator[Alteration]:
    taken: set[tuple[str, str]] = set()
    many = len(gone) * len(added) > _MOST_PAIRS
    for shape in gone:
        free = (new for new in added if (new.path, new.name) not in taken)
        after = _successor(shape, (new for new in free if not many or new.last == shape.last))
        if after is None:
            yield Alteration("removed", shape, None, True)
        else:
            taken.add((after.path, after.name))
            yield Alteration("moved" if last_name(after.name) == shape.last else "renamed", shape, after, True)


def _successor(shape: Shape, added: Iterable[Shape]) -> Shape | None:
    best, best_score = None, _ALIKE
    for new in added:
        if _sort(new) != _sort(shape) or (new.path != shape.path and new.last != shape.last):
            continue
        score = _similarity(shape, new) + (_SAME_NAME if new.last == shape.last else 0.0)
        if score >= best_score:
            best, best_score = new, score
    return best


def _sort(shape: Shape) -> str:
    return "callable" if shape.kind in CALLABLES else "type" if shape.kind in TYPES else "value"


def _similarity(one: Shape, other: Shape) -> float:
    a = [token for token in one.code[:_TOKENS] if token != one.last]
    b = [token for token in other.code[:_TOKENS] if token != other.last]
    matcher = SequenceMatcher(None, a, b, False)
    possible = min(matcher.real_quick_ratio(), matcher.quick_ratio())
    return matcher.ratio() if possible >= _ALIKE - _SAME_NAME else 0.0
