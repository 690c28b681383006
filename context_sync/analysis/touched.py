"""The definitions that an edit touches, computed once per edit."""

from __future__ import annotations

from functools import lru_cache

from context_sync.analysis.changes import Edit, hunks_of
from context_sync.domain.records import Symbol
from context_sync.hotpath.namedtuples import TYPE_CHECKING
from context_sync.references.definition_lookup import around, definitions_of
from context_sync.references.tokens import is_comment
from context_sync.symbols.languages import CALLABLES, TYPES
from context_sync.symbols.resolver import touched

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_CONTAINERS = TYPES | {"module"}


@lru_cache(maxsize=512)
def innermost(edit: Edit) -> tuple[Symbol, ...]:
    """Return the innermost definitions that an edit touches, those of the new text first; each name once."""
    return touched(edit.new_path, edit.before, edit.after, hunks_of(edit))


@lru_cache(maxsize=512)
def touched_names(edit: Edit) -> tuple[str, ...]:
    """Return the names of the innermost definitions that an edit touches and of the callables around them."""
    names = [symbol.name for symbol in innermost(edit)]
    return tuple(dict.fromkeys((*names, *_callables_around(edit, names))))


def _callables_around(edit: Edit, names: list[str]) -> Iterator[str]:
    nested = {outer for name in names if (outer := name.rpartition(".")[0])}
    if not nested:
        return
    texts = (text for text in (edit.before, edit.after) if text is not None)
    known = {symbol.name for text in texts for symbol in definitions_of(edit.path, text) if symbol.kind in CALLABLES}
    for outer in sorted(nested):
        while outer:
            if outer in known:
                yield outer
            outer = outer.rpartition(".")[0]


def shared_definitions(mine: Edit, theirs: Edit) -> tuple[str, ...]:
    """Return the names of the innermost definitions that both edits touch.

    A type or module counts when both changed code of its own, outside the definitions in it: a comment there may
    belong to any of its members.
    """
    others = {symbol.name for symbol in innermost(theirs)}
    both = [symbol for symbol in innermost(mine) if symbol.name in others]
    return tuple(
        symbol.name
        for symbol in both
        if symbol.kind not in _CONTAINERS or (_has_own_code(mine, symbol.name) and _has_own_code(theirs, symbol.name))
    )


def _has_own_code(edit: Edit, name: str) -> bool:
    hunks = hunks_of(edit)
    new = ((start, count) for _, _, start, count in hunks)
    old = ((start, count) for start, count, _, _ in hunks)
    return _own_code(edit.new_path, edit.after, name, new) or _own_code(edit.path, edit.before, name, old)


def _own_code(path: str, text: bytes | None, name: str, spans: Iterable[tuple[int, int]]) -> bool:
    if text is None:
        return False
    symbols = definitions_of(path, text)
    rows = (row for start, count in spans for row in range(start, start + count))
    return any(not is_comment(path, text, row) for row in rows if [s.name for s in around(symbols, row)[:1]] == [name])
