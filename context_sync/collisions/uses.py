"""Owns the uses of names in a text: calls with their arguments, references, imported names."""

from collections.abc import Iterable
from typing import NamedTuple

from tree_sitter import Node

from context_sync.collisions.imports import imports
from context_sync.collisions.syntax import Captures, Span, captured, family_of, written

_SPREAD = ("list_splat", "dictionary_splat", "spread_element", "variadic_argument")
_RECEIVER_LIMIT = 120


class Arguments(NamedTuple):
    """What a call passes; `spread` when it passes a sequence or mapping whose length is not written."""

    plain: int
    keywords: tuple[str, ...]
    spread: bool


class Use(NamedTuple):
    """A name as it is used at one place.

    `receiver` is what stands before the dot, "" for a bare name. `arguments` is None when it is not called, or
    not with arguments that are written there. `imported` is the module for a name in an import statement.
    """

    name: str
    receiver: str
    line: int
    offset: int
    called: bool
    arguments: Arguments | None
    imported: str


def uses(path: str, text: bytes, lines: Iterable[Span]) -> tuple[Use, ...]:
    """Return the uses in the given 1-based inclusive lines, in source order, each once."""
    family = family_of(path)
    spans = tuple(lines)
    if not family or not spans:
        return ()
    best: dict[int, Use] = {}
    for captures in captured(family, "uses", text, spans):
        use = _use(captures)
        known = best.get(use.offset)
        if (known is None or _weight(use) > _weight(known)) and _inside(use.line, spans):
            best[use.offset] = use
    for local, entry in imports(path, text).items():
        if entry.name and _inside(entry.line, spans):
            name = local if entry.name in ("default", "*") else entry.name
            best[-1 - len(best)] = Use(name, "", entry.line, -1, False, None, entry.module)
    return tuple(sorted(best.values(), key=lambda use: (use.line, use.offset, use.name)))


def _use(captures: Captures) -> Use:
    name = captures["name"][0]
    receiver = " ".join(written(captures["receiver"][0]).split()) if "receiver" in captures else ""
    arguments = _arguments(captures["arguments"][0]) if "arguments" in captures else None
    return Use(
        name=written(name),
        receiver=receiver.replace("::", ".") if len(receiver) <= _RECEIVER_LIMIT else "?",
        line=name.start_point.row + 1,
        offset=name.start_byte,
        called=arguments is not None or "wrapped" in captures,
        arguments=arguments,
        imported="",
    )


def _weight(use: Use) -> int:
    return 4 * (use.arguments is not None) + 2 * use.called + bool(use.receiver)


def _inside(line: int, spans: tuple[Span, ...]) -> bool:
    return any(start <= line <= end for start, end in spans)


def _arguments(node: Node) -> Arguments:
    given = [child for child in node.named_children if "comment" not in child.type]
    keywords = tuple(_keyword(child) for child in given if child.type == "keyword_argument")
    spread = any(child.type in _SPREAD for child in given) or node.text is not None and node.text.endswith(b"...)")
    if node.type == "generator_expression":
        return Arguments(1, (), False)
    return Arguments(sum(child.type not in ("keyword_argument", *_SPREAD) for child in given), keywords, spread)


def _keyword(node: Node) -> str:
    name = node.child_by_field_name("name")
    return written(name) if name else ""
