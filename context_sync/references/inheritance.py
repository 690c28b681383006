"""Inheritance: the types of a set of texts, their bases and members, and the definitions of each name."""

from __future__ import annotations

from functools import cached_property

from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple
from context_sync.references.definition_lookup import definitions_of, last_name, owner_of, type_name
from context_sync.references.scopes import declared_type
from context_sync.references.syntax import captured, family_of, written
from context_sync.symbols.languages import TYPES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


class Ancestry:
    """Types by bare name. The texts, each a path and its bytes, are read when any of the properties is first used."""

    def __init__(self, texts: Iterable[tuple[str, bytes]]) -> None:
        self._texts = texts

    @property
    def bases(self) -> Mapping[str, tuple[str, ...]]:
        """The types that each type inherits from, in order."""
        return self._known.bases

    @property
    def members(self) -> Mapping[str, frozenset[str]]:
        """The own members of each type."""
        return self._known.members

    @property
    def named(self) -> Mapping[str, frozenset[str]]:
        """The definitions of each bare name, as `owner.name` for a member."""
        return self._known.named

    @cached_property
    def _known(self) -> _Known:
        return _read(self._texts)


class _Known(NamedTuple):
    bases: Mapping[str, tuple[str, ...]]
    members: Mapping[str, frozenset[str]]
    named: Mapping[str, frozenset[str]]


def _read(texts: Iterable[tuple[str, bytes]]) -> _Known:
    """Return the types in the texts; what several texts say about one type is merged."""
    bases: dict[str, dict[str, None]] = {}
    members: dict[str, set[str]] = {}
    named: dict[str, set[str]] = {}
    for path, text in texts:
        for name, base in _inherited(path, text):
            bases.setdefault(name, {})[base] = None
        for symbol in definitions_of(path, text):
            owner, last = owner_of(symbol), last_name(symbol.name)
            named.setdefault(last, set()).add(f"{owner}.{last}" if owner else symbol.name)
            if symbol.kind in TYPES:
                members.setdefault(type_name(symbol.name), set())
            elif owner:
                members.setdefault(owner, set()).add(last)
    return _Known({name: tuple(found) for name, found in bases.items()}, _frozen(members), _frozen(named))


def linearize(types: Ancestry, name: str) -> Iterator[str]:
    """Yield a type and all that it inherits from, nearest first, each once."""
    waiting, seen = [name], set()
    while waiting:
        current = waiting.pop(0)
        if current not in seen:
            seen.add(current)
            yield current
            waiting.extend(types.bases.get(current, ()))


def find_member(types: Ancestry, name: str, member: str) -> str:
    """Return the type that provides a member of the type `name`, "" when no known type does."""
    return next((each for each in linearize(types, name) if member in types.members.get(each, ())), "")


def _inherited(path: str, text: bytes) -> Iterator[tuple[str, str]]:
    family = family_of(path)
    for captures in captured(family, "signatures", text) if family else ():
        if "class" in captures:
            name = declared_type(written(text, captures["class"][0]))
            for node in captures["base"]:
                base = declared_type(written(text, node))
                if base:
                    yield name, base


def _frozen(sets: Mapping[str, set[str]]) -> dict[str, frozenset[str]]:
    return {name: frozenset(found) for name, found in sets.items()}
