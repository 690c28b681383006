"""Scopes: what names refer to at a line of a file, by enclosing definitions, local names, types and imports."""

from __future__ import annotations

from functools import lru_cache

from context_sync.domain.records import Symbol
from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple
from context_sync.references.definition_lookup import around, definitions_of, last_name, owner_of, type_name
from context_sync.references.imports import Import, imports
from context_sync.references.syntax import captured, family_of, written
from context_sync.symbols.languages import CALLABLES, TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping

SELVES = ("self", "this", "cls", "Self")
_MAX_VALUE = 200  # bytes of a value or type that is read


class Binding(NamedTuple):
    """A name assigned in `holder`, the callable around it, "" at the top level; `type` is "" when unknown."""

    name: str
    holder: str
    type: str
    line: int


class Scope(NamedTuple):
    """What is known about one text. `fields` has those whose type is the same everywhere in the file."""

    path: str
    family: str
    symbols: tuple[Symbol, ...]
    imports: Mapping[str, Import]
    bindings: Mapping[str, tuple[Binding, ...]]
    fields: Mapping[str, str]


@lru_cache(maxsize=32)
def scope_of(path: str, text: bytes) -> Scope:
    """Return what the names of a text refer to; for a language without queries there are only its symbols."""
    family = family_of(path)
    symbols = definitions_of(path, text)
    if not family:
        return Scope(path, family, symbols, {}, {}, {})
    holders = _holders(symbols)
    bindings: dict[str, list[Binding]] = {}
    fields: dict[str, set[str]] = {}
    for captures in captured(family, "bindings", text):
        node = captures["type" if "type" in captures else "value"][0] if captures.keys() & {"type", "value"} else None
        source = written(text, node) if node is not None and node.end_byte - node.start_byte < _MAX_VALUE else ""
        kind = declared_type(source) if "type" in captures else constructed_type(source)
        for name in captures.get("bound", ()):
            line = name.start_point.row + 1
            bindings.setdefault(written(text, name), []).append(
                Binding(written(text, name), holders.get(line, ""), kind, line)
            )
        for name in captures.get("field", ()):
            fields.setdefault(written(text, name), set()).add(kind)
    known = {name: (types - {""}).pop() for name, types in fields.items() if len(types - {""}) == 1}
    return Scope(path, family, symbols, imports(path, text), {k: tuple(v) for k, v in bindings.items()}, known)


def binding_of(scope: Scope, name: str, line: int) -> Binding | None:
    """Return what a bare name is bound to at a line: in the callables around it, or else at the top level."""
    entries = scope.bindings.get(name, ())
    if not entries:
        return None
    for holder in _callables(scope, line):
        inside = [entry for entry in entries if entry.holder == holder]
        if inside:
            earlier = [entry for entry in inside if entry.line <= line and entry.type]
            return earlier[-1] if earlier else inside[0]
    return next((entry for entry in entries if not entry.holder), None)


def own_type(scope: Scope, line: int) -> str:
    """Return the type whose member contains a line, "" when none does."""
    for symbol in around(scope.symbols, line):
        if symbol.kind in TYPES:
            return type_name(symbol.name)
        if owner_of(symbol):
            return owner_of(symbol)
    return ""


def user_at(scope: Scope, line: int) -> str:
    """Return the name of the innermost definition at a line, "" outside any."""
    return next((symbol.name for symbol in around(scope.symbols, line)), "")


def local_definition(scope: Scope, name: str, line: int) -> str:
    """Return the qualified name of the local function that a bare name refers to at a line, "" when it is not local."""
    names = {symbol.name for symbol in scope.symbols}
    for holder in _callables(scope, line):
        if f"{holder}.{name}" in names:
            return f"{holder}.{name}"
    return ""


def declared_type(source: str) -> str:
    """Return the bare name of a type annotation: `*pkg.T`, `Optional[T]`, `T | None`, `&mut T<U>` are all `T`."""
    text = source.strip().strip("\"'").replace("::", ".")
    options = [part.strip() for part in text.split("|") if part.strip() not in ("None", "null", "undefined", "")]
    if len(options) != 1:
        return ""
    text = options[0]
    for opening, wrapper in (("[", "Optional"), ("<", "Option"), ("<", "Box"), ("<", "Rc"), ("<", "Arc")):
        if text.rpartition(".")[2].startswith(wrapper + opening):
            return declared_type(text[text.index(opening) + 1 : -1])
    text = text.lstrip("*&: ").removeprefix("mut ").removeprefix("dyn ").removeprefix("impl ")
    for end in ("[", "<", "{", "("):
        text = text.partition(end)[0]
    name = last_name(text.strip())
    return name if name.isidentifier() else ""


def constructed_type(source: str) -> str:
    """Return the type that an expression constructs: `T(...)`, `new T()`, `&T{}`, `T::new()`, `NewT()`."""
    text = source.strip().removeprefix("await ").lstrip("&*").removeprefix("mut ").removeprefix("new ")
    text = text.replace("::", ".")
    head = min((text.find(mark) for mark in "({" if mark in text), default=-1)
    if head <= 0 or not text.endswith((")", "}", ")?", ")!")):
        return ""
    parts = text[:head].partition("<")[0].strip().split(".")
    if not all(part.isidentifier() for part in parts) or _after_first(text[head:]):
        return ""
    last = parts[-1]
    if last.startswith("New") and last[3:4].isupper():
        return last[3:]
    named = [part for part in parts[-2:] if part.lstrip("_")[:1].isupper()]
    return named[-1] if named else ""


def _after_first(call: str) -> bool:
    """Return whether anything follows the closing bracket of the first one: `T(...).method()` is not a T."""
    depth = 0
    for at, sign in enumerate(call):
        depth += (sign in "({[") - (sign in ")}]")
        if depth == 0:
            return call[at + 1 :].strip("?! ") != ""
    return True


def _holders(symbols: tuple[Symbol, ...]) -> dict[int, str]:
    """Return the name of the innermost callable around each line that has one."""
    callables = [symbol for symbol in symbols if symbol.kind in CALLABLES]
    holders: dict[int, str] = {}
    for symbol in sorted(callables, key=lambda symbol: symbol.start - symbol.end):
        holders.update(dict.fromkeys(range(symbol.start, symbol.end + 1), symbol.name))
    return holders


def _callables(scope: Scope, line: int) -> list[str]:
    return [symbol.name for symbol in around(scope.symbols, line) if symbol.kind in CALLABLES]
