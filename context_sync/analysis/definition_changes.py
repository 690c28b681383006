"""The definitions of the base that one side changed: other parameters or body, renamed, moved or removed."""

from __future__ import annotations

from difflib import SequenceMatcher

from context_sync.analysis.changes import Edit
from context_sync.analysis.touched import touched_names
from context_sync.domain.verdicts import Way
from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple
from context_sync.references.definition_lookup import last_name
from context_sync.references.imports import imports
from context_sync.references.parameters import Parameter
from context_sync.references.signatures import Signature, signatures_of
from context_sync.references.syntax import family_of
from context_sync.symbols import hunks
from context_sync.symbols.hunks import hunks_between
from context_sync.symbols.languages import CALLABLES, TYPES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

MAX_EXCERPT_LINES = 20
"""Lines of an excerpt, including the one that counts the lines left out."""

_VALUES = ("constant", "field")
_ALIKE = 0.6
_SAME_NAME = 0.2
_MAX_TOKENS = 1_500
_MAX_PAIRS = 1_000  # a comparison takes up to 5 ms
_MAX_VALUE_LINES = 3  # a longer value is a table, whose users read other entries than the one that changed


class DefinitionChange(NamedTuple):
    """A definition of the base that one side changed; `after` is None when it has no successor.

    `kind` is "parameters" when they differ at all; `call_compatibility` decides whether a use breaks.
    `behaves` is whether an unchanged call of the definition gets something else.
    """

    kind: Way
    before: Signature
    after: Signature | None
    behaves: bool


def definition_changes(edits: Mapping[str, Edit]) -> tuple[DefinitionChange, ...]:
    """Return the definitions that a side changed, by path and in source order.

    Comments and docstrings do not count. A definition that was removed but whose name its file now imports is
    unchanged: it works as before for everyone who uses it.
    """
    kept: list[DefinitionChange] = []
    gone: list[Signature] = []
    added: list[Signature] = []
    for edit in edits.values():
        old, new = _both(edit)
        kept.extend(_kept(old, new))
        gone.extend(each for name, each in old.items() if name not in new and not _reachable(edit, each))
        added.extend(each for name, each in new.items() if name not in old)
    return (*kept, *_gone(gone, added))


def excerpt(before: Sequence[str], after: Sequence[str]) -> str:
    """Return the lines that differ, removed ones with `-` and added ones with `+`, at most `MAX_EXCERPT_LINES`."""
    shown = [line for block in hunks.blocks(_joined(before), _joined(after)) for line in block.lines]
    if len(shown) > MAX_EXCERPT_LINES:
        left = len(shown) - MAX_EXCERPT_LINES + 1
        shown = [*shown[: MAX_EXCERPT_LINES - 1], f"({left} more changed lines)"]
    return "\n".join(shown)


def _joined(lines: Sequence[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogatepass")


def _both(edit: Edit) -> tuple[dict[str, Signature], dict[str, Signature]]:
    names = touched_names(edit)
    old = signatures_of(edit.path, edit.before, names) if edit.before is not None else {}
    new = signatures_of(edit.new_path, edit.after, names) if edit.after is not None else {}
    return old, new


def _kept(old: Mapping[str, Signature], new: Mapping[str, Signature]) -> Iterator[DefinitionChange]:
    for name, before in old.items():
        after = new.get(name)
        if after is None or before.code == after.code:
            continue
        known = before.parameters is not None and after.parameters is not None
        if known and before.parameters != after.parameters:
            yield DefinitionChange("parameters", before, after, not _only_by_new(before, after))
        elif before.kind in CALLABLES or _is_small_value(before, after):
            yield DefinitionChange("body", before, after, True)


def _is_small_value(before: Signature, after: Signature) -> bool:
    long = max(len(before.lines), len(after.lines)) > _MAX_VALUE_LINES
    return before.kind in _VALUES and not long and before.last.strip("_") != ""


def _only_by_new(before: Signature, after: Signature) -> bool:
    """Return whether only new parameters reach what changed, so that unchanged calls behave as before.

    Each changed run of lines then begins with one that names such a parameter. When the body is on the same line
    as the header, this is unknown.
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


def _reachable(edit: Edit, signature: Signature) -> bool:
    if edit.after is None or signature.owner or signature.outer or not family_of(edit.new_path):
        return False
    return signature.last in imports(edit.new_path, edit.after)


def _gone(gone: list[Signature], added: list[Signature]) -> Iterator[DefinitionChange]:
    taken: set[tuple[str, str]] = set()
    many = len(gone) * len(added) > _MAX_PAIRS
    for signature in gone:
        free = (new for new in added if (new.path, new.name) not in taken)
        after = _successor(signature, (new for new in free if not many or new.last == signature.last))
        if after is None:
            yield DefinitionChange("removed", signature, None, True)
        else:
            taken.add((after.path, after.name))
            kind: Way = "moved" if last_name(after.name) == signature.last else "renamed"
            yield DefinitionChange(kind, signature, after, True)


def _successor(signature: Signature, added: Iterable[Signature]) -> Signature | None:
    best, best_score = None, _ALIKE
    for new in added:
        if _sort(new) != _sort(signature) or (new.path != signature.path and new.last != signature.last):
            continue
        score = _similarity(signature, new) + (_SAME_NAME if new.last == signature.last else 0.0)
        if score >= best_score:
            best, best_score = new, score
    return best


def _sort(signature: Signature) -> str:
    return "callable" if signature.kind in CALLABLES else "type" if signature.kind in TYPES else "value"


def _similarity(one: Signature, other: Signature) -> float:
    a = [token for token in one.code[:_MAX_TOKENS] if token != one.last]
    b = [token for token in other.code[:_MAX_TOKENS] if token != other.last]
    matcher = SequenceMatcher(None, a, b, False)
    possible = min(matcher.real_quick_ratio(), matcher.quick_ratio())
    return matcher.ratio() if possible >= _ALIKE - _SAME_NAME else 0.0
