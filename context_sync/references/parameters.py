"""The parameters of a callable: names, types, defaults and how each is passed."""

from __future__ import annotations

from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple
from context_sync.references.syntax import written
from context_sync.references.textual import arguments_of
from context_sync.symbols.trees import Node

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal, TypeAlias

_REST = ("list_splat_pattern", "rest_pattern", "variadic_parameter_declaration", "variadic_parameter")
_KEYWORDS = ("dictionary_splat_pattern",)
_MARKS = ("keyword_separator", "positional_separator")
_RECEIVERS = ("self_parameter",)

Form: TypeAlias = 'Literal["plain", "keyword", "rest", "keywords"]'


class Parameter(NamedTuple):
    """One parameter; `default` is its text, "" when it is optional without a default, None when it is required."""

    name: str
    type: str
    default: str | None
    form: Form


def parameters_of(text: bytes, node: Node) -> tuple[Parameter, ...]:
    """Return the parameters that a node of a language with queries declares, without the receiver in Rust."""
    if node.type == "identifier":
        return (Parameter(written(text, node), "", None, "plain"),)
    return tuple(_in_order(text, node))


def parameters_written(header: str) -> tuple[Parameter, ...] | None:
    """Return the parameters between the first brackets of a header in any language; each name is the text as written.

    None when there are no brackets, or they are not closed.
    """
    opening = header.find("(")
    listed = arguments_of(header, opening) if opening >= 0 else None
    if listed is None:
        return None
    return tuple(_from_text(each) for each in listed if each not in ("void", "self", "&self", "&mut self"))


def _from_text(source: str) -> Parameter:
    head, sign, default = source.partition("=")
    rest = "..." in head or head.startswith(("*", "vararg ", "params "))
    return Parameter(" ".join(head.split()), "", default.strip() if sign else None, "rest" if rest else "plain")


def _in_order(text: bytes, node: Node) -> Iterator[Parameter]:
    keyword_only = False
    for child in node.named_children:
        if "comment" in child.type or child.type in _RECEIVERS:
            continue
        if child.type in _MARKS:
            keyword_only = keyword_only or child.type == "keyword_separator"
            continue
        for parameter in _declared(text, child):
            keyword_only = keyword_only or parameter.form == "rest"
            plain = parameter.form == "plain"
            yield parameter._replace(form="keyword") if keyword_only and plain else parameter


def _declared(text: bytes, node: Node) -> Iterator[Parameter]:
    value = node.child_by_field_name("value") or node.child_by_field_name("right")
    default = written(text, value) if value else "" if node.type == "optional_parameter" else None
    kind = node.child_by_field_name("type")
    type_ = _one_line(written(text, kind).lstrip(": ")) if kind else ""
    names = _names(node)
    if not names:
        yield Parameter("", type_ or _one_line(written(text, node)), None, "plain")
    for name in names:
        yield Parameter(written(text, name).lstrip("*. "), type_, default, _form((node.type, name.type)))


def _names(node: Node) -> list[Node]:
    named = node.children_by_field_name("name")
    if named:
        return named
    pattern = node.child_by_field_name("pattern") or node.child_by_field_name("left")
    if pattern is not None:
        return [pattern]
    if node.type == "parameter_declaration":
        return []
    inner = node.named_child(0) if node.type == "typed_parameter" else None
    return [inner or node]


def _form(types: tuple[str, ...]) -> Form:
    if any(each in _REST for each in types):
        return "rest"
    return "keywords" if any(each in _KEYWORDS for each in types) else "plain"


def _one_line(source: str) -> str:
    return " ".join(source.split())
