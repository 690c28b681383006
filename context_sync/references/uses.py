"""The uses of names in a text: calls with their arguments, references, imported names."""

from __future__ import annotations

from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple
from context_sync.references.imports import imports
from context_sync.references.syntax import Captures, Span, captured, family_of, written
from context_sync.references.textual import arguments_of, names_in
from context_sync.references.tokens import is_comment
from context_sync.symbols.trees import Node

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SPREAD = ("list_splat", "dictionary_splat", "spread_element", "variadic_argument")
_MAX_RECEIVER = 120  # characters
_UNKNOWN = "?"


class Arguments(NamedTuple):
    """What a call passes; `spread` when it passes a sequence or mapping of unknown length."""

    plain: int
    keywords: tuple[str, ...]
    spread: bool


class Use(NamedTuple):
    """One use of a name.

    `receiver` is the expression before the dot, "" for a bare name and "?" when it is too long to be useful.
    `arguments` is None when the name is not called, or its arguments are not written there. `imported` is the
    module for a name in an import statement.
    """

    name: str
    receiver: str
    line: int
    offset: int
    called: bool
    arguments: Arguments | None
    imported: str


def uses(path: str, text: bytes, lines: Iterable[Span]) -> tuple[Use, ...]:
    """Return the uses in the given 1-based inclusive lines, in source order, each once.

    In a language without queries these are all identifiers, without receivers.
    """
    spans = tuple(lines)
    rows = {row for start, end in spans for row in range(start, end + 1)}
    if not rows:
        return ()
    kinds = (_queried, _imported) if family_of(path) else (_plain,)
    found = (use for kind in kinds for use in kind(path, text, spans))
    best: dict[tuple[int, str], Use] = {}
    for use in found:
        key = (use.offset, use.name)
        if use.line in rows and (key not in best or _weight(use) > _weight(best[key])):
            best[key] = use
    return tuple(sorted(best.values(), key=lambda use: (use.line, use.offset, use.name)))


def _queried(path: str, text: bytes, spans: tuple[Span, ...]) -> Iterator[Use]:
    for captures in captured(family_of(path), "uses", text, spans):
        yield _use(text, captures)


def _imported(path: str, text: bytes, spans: tuple[Span, ...]) -> Iterator[Use]:
    first, last = min(start for start, _ in spans), max(end for _, end in spans)
    for local, entry in imports(path, text).items():
        if entry.name and first <= entry.line <= last:
            name = local if entry.name in ("default", "*") else entry.name
            yield Use(name, "", entry.line, -1, False, None, entry.module)


def _plain(path: str, text: bytes, spans: tuple[Span, ...]) -> Iterator[Use]:
    lines = text.decode("utf-8", "replace").split("\n")
    for start, end in spans:
        for row in range(start, min(end, len(lines)) + 1):
            if is_comment(path, text, row):
                continue
            source = "\n".join(lines[row - 1 : row + 39])
            for column, name in names_in(lines[row - 1]):
                opening = column + len(name)
                given = arguments_of(source, opening) if source[opening : opening + 1] == "(" else None
                arguments = None if given is None else Arguments(len(given), (), any("..." in each for each in given))
                yield Use(name, "", row, column, arguments is not None, arguments, "")


def _use(text: bytes, captures: Captures) -> Use:
    name = captures["name"][0]
    receiver = " ".join(written(text, captures["receiver"][0]).split()) if "receiver" in captures else ""
    arguments = _arguments(text, captures["arguments"][0]) if "arguments" in captures else None
    return Use(
        name=written(text, name),
        receiver=receiver.replace("::", ".") if len(receiver) <= _MAX_RECEIVER else _UNKNOWN,
        line=name.start_point.row + 1,
        offset=name.start_byte,
        called=arguments is not None or "wrapped" in captures,
        arguments=arguments,
        imported="",
    )


def _weight(use: Use) -> int:
    return 4 * (use.arguments is not None) + 2 * use.called + bool(use.receiver)


def _arguments(text: bytes, node: Node) -> Arguments:
    if node.type == "generator_expression":
        return Arguments(1, (), False)
    given = [child for child in node.named_children if "comment" not in child.type]
    keywords = tuple(_keyword(text, child) for child in given if child.type == "keyword_argument")
    spread = text[: node.end_byte].endswith(b"...)") or any(child.type in _SPREAD for child in given)
    return Arguments(sum(child.type not in ("keyword_argument", *_SPREAD) for child in given), keywords, spread)


def _keyword(text: bytes, node: Node) -> str:
    name = node.child_by_field_name("name")
    return written(text, name) if name else ""
