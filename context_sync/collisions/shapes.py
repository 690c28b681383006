"""Owns a definition as its callers see it: owner, signature, parameters, and the code without comments."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from tree_sitter import Node

from context_sync.collisions.syntax import captured, family_of, tree, written
from context_sync.records import Symbol
from context_sync.symbols.languages import CALLABLES, TYPES
from context_sync.symbols.resolver import definitions

_REST = ("list_splat_pattern", "rest_pattern", "variadic_parameter_declaration", "variadic_parameter")
_KEYWORDS = ("dictionary_splat_pattern",)
_MARKS = {"keyword_separator": "keyword", "positional_separator": "plain"}
_RECEIVERS = ("self_parameter",)
_WHOLE = ("string", "template_string", "interpreted_string_literal", "raw_string_literal", "string_literal")
_MEMBERS = ("method", "property", "field")
_SIGNATURE_LIMIT = 300


class Parameter(NamedTuple):
    """One parameter; `default` is its text, "" when it may be left out without one, None when it may not."""

    name: str
    type: str
    default: str | None
    form: Literal["plain", "keyword", "rest", "keywords"]


class Shape(NamedTuple):
    """A definition, all its overloads together.

    `owner` is the type that it is a member of and `outer` the function that it is local to, both "" when there
    is none. `parameters` is None when they are not known, or differ between overloads. `code` is its source
    without comments and doc strings, token by token.
    """

    path: str
    name: str
    last: str
    kind: str
    owner: str
    outer: str
    signature: str
    parameters: tuple[Parameter, ...] | None
    code: tuple[str, ...]
    lines: tuple[str, ...]


@lru_cache(maxsize=64)
def outline(path: str, text: bytes) -> tuple[Symbol, ...]:
    """Return the text's definitions in source order."""
    return definitions(path, text)


def shapes(path: str, text: bytes, names: Sequence[str]) -> dict[str, Shape]:
    """Return the shapes of the named definitions that the text has."""
    wanted: dict[str, list[Symbol]] = {}
    for symbol in outline(path, text):
        if symbol.name in names:
            wanted.setdefault(symbol.name, []).append(symbol)
    return {name: _shape(path, text, symbols) for name, symbols in wanted.items()}


def around(symbols: Sequence[Symbol], line: int) -> tuple[Symbol, ...]:
    """Return the definitions that hold a line, innermost first."""
    holding = [symbol for symbol in symbols if symbol.start <= line <= symbol.end]
    return tuple(sorted(holding, key=lambda symbol: (symbol.end - symbol.start, -symbol.start)))


def owner_of(symbol: Symbol) -> str:
    """Return the bare name of the type that a member belongs to, "" for what is no member."""
    if symbol.kind not in _MEMBERS:
        return ""
    return type_name(symbol.name[: -len(last_name(symbol.name)) - 1])


def last_name(name: str) -> str:
    """Return a definition's own name, without those around it."""
    return name.rpartition(".")[2]


def type_name(name: str) -> str:
    """Return the bare name of a type: the last part, of `<Type as Trait>` that of the type."""
    return last_name(name.rpartition("<")[2].partition(" as ")[0].rstrip(">")) if " as " in name else last_name(name)


def _shape(path: str, text: bytes, symbols: list[Symbol]) -> Shape:
    first = symbols[0]
    lines = text.split(b"\n")
    callables = [_callable(path, text, symbol) for symbol in symbols]
    parameters = {parameters for _, parameters in callables}
    return Shape(
        path=path,
        name=first.name,
        last=last_name(first.name),
        kind=first.kind,
        owner=owner_of(first),
        outer=_outer(path, text, first),
        signature=callables[0][0] or _first_code(lines, first),
        parameters=parameters.pop() if len(parameters) == 1 else None,
        code=tuple(token for symbol in symbols for token in _code(path, text, symbol)),
        lines=tuple(
            line.decode("utf-8", "replace").rstrip("\r")
            for symbol in symbols
            for line in lines[symbol.start - 1 : symbol.end]
        ),
    )


def _outer(path: str, text: bytes, symbol: Symbol) -> str:
    for other in around(outline(path, text), symbol.start):
        if other.name != symbol.name and symbol.name.startswith(other.name + "."):
            return other.name if other.kind in CALLABLES else ""
    return ""


def _first_code(lines: list[bytes], symbol: Symbol) -> str:
    for line in lines[symbol.start - 1 : symbol.end]:
        code = line.strip().decode("utf-8", "replace")
        if code and not code.startswith(("#", "//", "/*", "*", "@", '"""')):
            return code.rstrip("{: ")[:_SIGNATURE_LIMIT]
    return ""


def _callable(path: str, text: bytes, symbol: Symbol) -> tuple[str, tuple[Parameter, ...] | None]:
    family = family_of(path)
    if not family or symbol.kind in TYPES:
        return "", None
    for captures in captured(family, "shapes", text, [(symbol.start, symbol.end)]):
        if "callable" not in captures:
            continue
        name, node = captures["name"][0], captures["callable"][0]
        row = name.start_point.row + 1
        if written(name) == last_name(symbol.name) and symbol.start <= row and node.end_point.row < symbol.end:
            body = captures.get("body")
            end = body[0].start_byte if body else node.end_byte
            header = text[node.start_byte : end].decode("utf-8", "replace")
            return _one_line(header), tuple(_parameters(captures["parameters"][0]))
    return "", None


def _one_line(header: str) -> str:
    return " ".join(header.split()).rstrip("{=>: ")[:_SIGNATURE_LIMIT]


def _parameters(node: Node) -> Iterator[Parameter]:
    if not node.named_children and node.type == "identifier":
        yield Parameter(written(node), "", None, "plain")
        return
    keyword_only = False
    for child in node.named_children:
        if "comment" in child.type or child.type in _RECEIVERS:
            continue
        if child.type in _MARKS:
            keyword_only = keyword_only or _MARKS[child.type] == "keyword"
            continue
        for parameter in _declared(child):
            keyword_only = keyword_only or parameter.form == "rest"
            plain = parameter.form == "plain"
            yield parameter._replace(form="keyword") if keyword_only and plain else parameter


def _declared(node: Node) -> Iterator[Parameter]:
    names = node.children_by_field_name("name")
    pattern = node.child_by_field_name("pattern") or node.child_by_field_name("left")
    if not names and pattern is None:
        typed = node.named_child(0) if node.type in ("typed_parameter", *_REST, *_KEYWORDS) else None
        pattern = typed if node.type == "typed_parameter" else node
    kind = node.child_by_field_name("type")
    value = node.child_by_field_name("value") or node.child_by_field_name("right")
    default = written(value) if value else "" if node.type == "optional_parameter" else None
    for name in names or [pattern]:
        if name is None or node.type == "parameter_declaration" and not names:
            yield Parameter("", _one_line(written(node)), None, "plain")
            continue
        types = (node.type, name.type)
        form: Literal["plain", "rest", "keywords"] = "plain"
        if any(each in _REST for each in types):
            form = "rest"
        elif any(each in _KEYWORDS for each in types):
            form = "keywords"
        yield Parameter(written(name).lstrip("*. "), _one_line(written(kind).lstrip(": ")) if kind else "", default, form)


def _code(path: str, text: bytes, symbol: Symbol) -> Iterator[str]:
    family = family_of(path)
    parsed = tree(family, text) if family else None
    if parsed is None:
        yield from text.decode("utf-8", "replace").split("\n")[symbol.start - 1 : symbol.end]
        return
    waiting = [parsed.root_node]
    while waiting:
        node = waiting.pop()
        start, end = node.start_point.row + 1, node.end_point.row + 1
        if end < symbol.start or start > symbol.end or "comment" in node.type or _is_doc(node):
            continue
        if start >= symbol.start and end <= symbol.end and (not node.child_count or node.type in _WHOLE):
            yield written(node)
        else:
            waiting.extend(reversed(node.children))


def _is_doc(node: Node) -> bool:
    if node.type != "expression_statement" or node.child_count != 1:
        return False
    only = node.child(0)
    return only is not None and only.type == "string"
