"""Owns a file's definitions as the judge asks for them: what is around a line, whose member a definition is."""

from __future__ import annotations

from functools import lru_cache

from context_sync.domain.records import Symbol
from context_sync.hotpath.namedtuples import TYPE_CHECKING
from context_sync.symbols.languages import CALLABLES
from context_sync.symbols.resolver import definitions

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_MEMBERS = ("method", "property", "field")


@lru_cache(maxsize=1024)  # two texts of each file that two sessions touched
def outline(path: str, text: bytes) -> tuple[Symbol, ...]:
    """Return the text's definitions in source order."""
    return definitions(path, text)


def may_name(text: bytes, names: Iterable[str]) -> bool:
    """Return whether one of the names may be used or defined in a text: False is sure, and costs no parsing.

    A name that is no plain identifier may be written otherwise, and `default` is what an import of ECMAScript means
    without writing it.
    """
    return any(
        name == "default" or not (name.isascii() and name.isidentifier()) or name.encode() in text for name in names
    )


def around(symbols: Sequence[Symbol], line: int) -> tuple[Symbol, ...]:
    """Return the definitions that hold a line, innermost first."""
    holding = [symbol for symbol in symbols if symbol.start <= line <= symbol.end]
    return tuple(sorted(holding, key=lambda symbol: (symbol.end - symbol.start, -symbol.start)))


def owner_of(symbol: Symbol) -> str:
    """Return the bare name of the type that a member belongs to, "" for what is no member."""
    if symbol.kind not in _MEMBERS:
        return ""
    return type_name(symbol.name[: -len(last_name(symbol.name)) - 1])


def outer_of(symbols: Sequence[Symbol], symbol: Symbol) -> str:
    """Return the name of the function that a definition is local to, "" when it is local to none."""
    for other in around(symbols, symbol.start):
        if other.name != symbol.name and symbol.name.startswith(other.name + "."):
            return other.name if other.kind in CALLABLES else ""
    return ""


def last_name(name: str) -> str:
    """Return a definition's own name, without those around it."""
    return name.rpartition(".")[2]


def type_name(name: str) -> str:
    """Return the bare name of a type: the last part, of `<Type as Trait>` that of the type."""
    if " as " in name:
        name = name.rpartition("<")[2].partition(" as ")[0].rstrip(">")
    return last_name(name)
