"""The signature of a definition: what its callers depend on, and the code behind it."""

from __future__ import annotations

from context_sync.domain.records import Symbol
from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple
from context_sync.references.definition_lookup import definitions_of, last_name, outer_of, owner_of
from context_sync.references.parameters import Parameter, parameters_of, parameters_written
from context_sync.references.syntax import captured, family_of, grammar_of, tree, written
from context_sync.references.tokens import tokens
from context_sync.symbols.languages import CALLABLES
from context_sync.symbols.trees import Node

if TYPE_CHECKING:
    from collections.abc import Collection

_SIGNATURE_LIMIT = 300
_NO_CODE = ("#", "//", "/*", "*", "@", '"""')


class Signature(NamedTuple):
    """A definition with all its overloads.

    `last` is its own name. `owner` is the type that it is a member of and `outer` the function that it is local to,
    both "" when there is none. `header` is its source up to the body, on one line. `parameters` is None when they
    are unknown, or differ between overloads. `code` is its source token by token, without comments and docstrings;
    `lines` are the lines with code, `body` those of them after the header of the first overload.
    """

    path: str
    name: str
    last: str
    kind: str
    owner: str
    outer: str
    header: str
    parameters: tuple[Parameter, ...] | None
    code: tuple[str, ...]
    lines: tuple[str, ...]
    body: tuple[str, ...]


def signatures_of(path: str, text: bytes, names: Collection[str]) -> dict[str, Signature]:
    """Return the signatures of those named definitions that the text has."""
    wanted: dict[str, list[Symbol]] = {}
    for symbol in definitions_of(path, text):
        if symbol.name in names:
            wanted.setdefault(symbol.name, []).append(symbol)
    return {name: _signature(path, text, symbols) for name, symbols in wanted.items()}


def _signature(path: str, text: bytes, symbols: list[Symbol]) -> Signature:
    symbols = [symbol for symbol in symbols if symbol.kind in CALLABLES] or symbols  # `exports.f = f` is the same f
    first = symbols[0]
    headers = [_header(path, text, symbol) for symbol in symbols]
    parameters = {header.parameters for header in headers}
    code = [token for symbol in symbols for token in tokens(path, text, symbol)]
    held = dict.fromkeys(row for line, token in code for row in range(line, line + token.count("\n") + 1))
    lines = text.decode("utf-8", "replace").split("\n")
    rows = [row for row in held if row <= len(lines)]
    return Signature(
        path=path,
        name=first.name,
        last=last_name(first.name),
        kind=first.kind,
        owner=owner_of(first),
        outer=outer_of(definitions_of(path, text), first),
        header=headers[0].text or _first_code(lines, first),
        parameters=parameters.pop() if len(parameters) == 1 else None,
        code=tuple(token for _, token in code),
        lines=tuple(lines[row - 1].rstrip("\r") for row in rows),
        body=tuple(lines[row - 1].rstrip("\r") for row in rows if row > headers[0].end),
    )


class _Header(NamedTuple):
    text: str
    parameters: tuple[Parameter, ...] | None
    end: int


def _header(path: str, text: bytes, symbol: Symbol) -> _Header:
    """Return the header of a callable on one line, its parameters and its last line; empty for other kinds."""
    if symbol.kind in CALLABLES and not family_of(path):
        header = _before_body(path, text, symbol)
        return _Header(header, parameters_written(header), symbol.start)
    found = (
        captured(family_of(path), "signatures", text, [(symbol.start, symbol.end)]) if symbol.kind in CALLABLES else ()
    )
    for captures in found:
        node = captures.get("callable", [None])[0]
        if node is not None and _is(text, captures["name"][0], node, symbol):
            body = captures.get("body")
            source = text[node.start_byte : body[0].start_byte if body else node.end_byte].rstrip()
            end = node.start_point.row + 1 + source.count(b"\n")
            return _Header(_one_line(source), parameters_of(text, captures["parameters"][0]), end)
    return _Header("", None, symbol.start)


def _is(text: bytes, name: Node, node: Node, symbol: Symbol) -> bool:
    inside = symbol.start <= name.start_point.row + 1 and node.end_point.row + 1 <= symbol.end
    return inside and written(text, name) == last_name(symbol.name)


def _before_body(path: str, text: bytes, symbol: Symbol) -> str:
    """Return a definition's source up to the field `body` of the outermost node in its lines that has one."""
    parsed = tree(grammar_of(path), text)
    waiting = [parsed.root_node] if parsed else []
    while waiting:
        node = waiting.pop()
        start, end = node.start_point.row + 1, node.end_point.row + 1
        if end < symbol.start or start > symbol.end:
            continue
        body = node.child_by_field_name("body")
        if body is not None and start >= symbol.start and end <= symbol.end:
            return _one_line(text[node.start_byte : body.start_byte])
        waiting.extend(reversed(node.children))
    return ""


def _one_line(source: bytes) -> str:
    return " ".join(source.decode("utf-8", "replace").split()).rstrip("{=>: ")[:_SIGNATURE_LIMIT]


def _first_code(lines: list[str], symbol: Symbol) -> str:
    for line in lines[symbol.start - 1 : symbol.end]:
        code = line.strip()
        if code and not code.startswith(_NO_CODE):
            return code.rstrip("{: ")[:_SIGNATURE_LIMIT]
    return ""
