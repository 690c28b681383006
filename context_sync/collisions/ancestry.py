"""Owns which types inherit from which, and which members each has, over all texts at hand."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from context_sync.collisions.scopes import declared_type
from context_sync.collisions.shapes import last_name, outline, owner_of, type_name
from context_sync.collisions.syntax import captured, family_of, written
from context_sync.symbols.languages import TYPES


class Ancestry(NamedTuple):
    """Types by bare name: what each inherits from, in order, and its own members."""

    bases: Mapping[str, tuple[str, ...]]
    members: Mapping[str, frozenset[str]]


def ancestry(texts: Iterable[tuple[str, bytes]]) -> Ancestry:
    """Return the types of the texts, each a path and its bytes; what several say of one type is joined."""
    bases: dict[str, dict[str, None]] = {}
    members: dict[str, set[str]] = {}
    for path, text in texts:
        family = family_of(path)
        for captures in captured(family, "shapes", text) if family else ():
            if "class" in captures:
                name = declared_type(written(captures["class"][0]))
                found = (declared_type(written(node)) for node in captures["base"])
                bases.setdefault(name, {}).update(dict.fromkeys(base for base in found if base))
        for symbol in outline(path, text):
            if symbol.kind in TYPES:
                members.setdefault(type_name(symbol.name), set())
            elif owner_of(symbol):
                members.setdefault(owner_of(symbol), set()).add(last_name(symbol.name))
    return Ancestry(
        {name: tuple(found) for name, found in bases.items()},
        {name: frozenset(found) for name, found in members.items()},
    )


def line_of(types: Ancestry, name: str) -> Iterator[str]:
    """Yield a type and those that it inherits from, nearest first, each once."""
    waiting, seen = [name], set()
    while waiting:
        current = waiting.pop(0)
        if current not in seen:
            seen.add(current)
            yield current
            waiting.extend(types.bases.get(current, ()))


def provider(types: Ancestry, name: str, member: str) -> str:
    """Return the type from which `name` has a member, "" when none that is known has it."""
    return next((each for each in line_of(types, name) if member in types.members.get(each, ())), "")
