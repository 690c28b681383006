"""Lookup of a file's definitions: those around a line, and the type or function that one belongs to."""

from __future__ import annotations

from functools import lru_cache

from context_sync.domain.records import Symbol
from context_sync.hotpath.namedtuples import TYPE_CHECKING
from context_sync.symbols.languages import CALLABLES
from context_sync.symbols.resolver import definitions

if TYPE_CHECKING:
    from collections.abc import Sequence

_MEMBERS = ("method", "property", "field")


@lru_cache(maxsize=1024)  # two texts for each file that two sessions touched
def definitions_of(path: str, text: bytes) -> tuple[Symbol, ...]:
    """Return the text's definitions in source order."""
    return definitions(path, text)


def around(symbols: Sequence[Symbol], line: int) -> tuple[Symbol, ...]:
    """Return the definitions that contain a line, innermost first."""
    holding = [symbol for symbol in symbols if symbol.start <= line <= symbol.end]
    return tuple(sorted(holding, key=lambda symbol: (symbol.end - symbol.start, -symbol.start)))


def owner_of(symbol: Symbol) -> str:
    """Return the bare name of the type that a definition is a member of, "" when it is not a member."""
    if symbol.kind not in _MEMBERS:
        return ""
    return type_name(symbol.name[: -len(last_name(symbol.name)) - 1])


def outer_of(symbols: Sequence[Symbol], symbol: Symbol) -> str:
    """Return the name of the function that a definition is local to, "" when there is none."""
    for other in around(symbols, symbol.start):
        if other.name != symbol.name and symbol.name.startswith(other.name + "."):
            return other.name if other.kind in CALLABLES else ""
    return ""


def last_name(name: str) -> str:
    """Return a definition's own name, without those that enclose it."""
    return name.rpartition(".")[2]


def type_name(name: str) -> str:
    """Return the bare name of a type: its last part, and for `<Type as Trait>` that of the type."""
    if " as " in name:
        name = name.rpartition("<")[2].partition(" as ")[0].rstrip(">")
    return last_name(name)
