"""What a matched node defines: the names it introduces, how they are written, and their kind."""

from __future__ import annotations

from context_sync.hotpath.namedtuples import TYPE_CHECKING
from context_sync.symbols.languages import Language

if TYPE_CHECKING:
    from typing import TypeAlias

    from tree_sitter import Node

MAX_NAME = 120  # characters of a definition's own name that are kept

MAX_NAMES = 64  # names that one pattern can define

Captures: TypeAlias = "dict[str, list[Node]]"

_FIELDS = ("name", "declarator", "left", "key", "pattern", "property", "column", "operator")
_PAIRS = {('"', '"'), ("'", "'"), ("`", "`"), ("(", ")")}
_CLIMB = 3


def names(language: Language, node: Node, captures: Captures) -> list[Node]:
    """Return the nodes that name what this node defines: the captured ones or its own, with patterns expanded."""
    heads = captures.get("name") or _own_names(language, node)
    found: list[Node] = []
    waiting = [head for head in reversed(heads) if head.type not in language.nameless]
    while waiting and len(found) < MAX_NAMES:
        head = waiting.pop()
        inner = head if head.type in language.leaves else unwrapped(language, head)
        if inner.type in language.spread:
            waiting.extend(reversed(inner.named_children))
        elif inner.type in language.leaves or head in heads:
            found.append(head)
    return found


def written(language: Language, source: bytes, name: Node, captures: Captures, outer: Node | None) -> str:
    """Return a definition's own name, including its scope, labels or trait."""
    if "trait" in captures:
        return f"<{spelt(language, source, name)} as {spelt(language, source, captures['trait'][0])}>"
    parts = [_own_name(language, source, name)]
    if scope := captures.get("scope"):
        parts.insert(0, _own_name(language, source, scope[0]))
    elif outer is not None:
        parts.insert(0, _own_name(language, source, outer))
    parts += [spelt(language, source, label) for label in captures.get("label", ())]
    return language.separator.join(parts) if parts[-1] else ""


def refined(language: Language, node: Node, kind: str) -> str:
    """Return the kind of a definition, refined by what the node contains; `skip` when it defines nothing."""
    body = language.bodies.get(node.type)
    if body is not None and node.child_by_field_name(body) is None:
        return "skip"
    for key, kinds in language.kinds:
        owner, _, field = key.rpartition("/")
        if owner and owner != node.type:
            continue
        for type_ in _refining(language, node, field):
            if type_ in kinds:
                return kinds[type_]
    return kind


def is_property(language: Language, source: bytes, captures: Captures) -> bool:
    """Return whether the decorator above a function is one of the language's `properties`."""
    owner, dot, name = spelt(language, source, captures["decorator"][0]).lstrip("@ ").rpartition(".")
    return (dot + name if owner else name) in language.properties


def called(language: Language, keyword: Node, kind: str) -> tuple[Node, Node] | None:
    """Return the definition that a keyword such as `describe` or `def` introduces, and the node of its name.

    None when the keyword is not called, or is called without anything that could be a name.
    """
    node: Node | None = keyword.parent
    arguments: Node | None = None
    for _ in range(_CLIMB):
        if node is None:
            return None
        arguments = arguments or _arguments(node)
        if node.type in language.calls:
            break
        node = node.parent
    else:
        return None
    if arguments is None or arguments.start_byte < keyword.end_byte:
        return None
    if kind == "test" and not _has_block(node, arguments):
        return None
    return node, _title(language, keyword, arguments, kind)


def spelt(language: Language, source: bytes, node: Node) -> str:
    """Return the text of a node on one line, unquoted, with the language's replacements applied."""
    text = source[node.start_byte : min(node.end_byte, node.start_byte + 4 * MAX_NAME)].decode("utf-8", "replace")
    if len(text) > 2 and (text[0], text[-1]) in _PAIRS:
        text = text[1:-1]
    text = " ".join(text.split())
    for old, new in language.spelling:
        text = text.replace(old, new)
    return text[:MAX_NAME]


def unwrapped(language: Language, node: Node) -> Node:
    """Return the actual name inside a node that wraps one, such as a declarator."""
    while node.type in language.unwrap:
        field = language.unwrap[node.type]
        inner = node.child_by_field_name(field) if field else _first(node)
        if inner is None:
            break
        node = inner
    return node


def _own_names(language: Language, node: Node) -> list[Node]:
    if node.type in language.selectors:
        return [node]
    for field in _FIELDS:
        first = node.child_by_field_name(field)
        if first is None:
            continue
        if (following := first.next_sibling) and following.type == ",":
            return [name for name in node.children_by_field_name(field) if name.is_named]
        return [first]
    if language.heads:
        return [child for child in node.children if child.type in language.heads][:1]
    return []


def _own_name(language: Language, source: bytes, node: Node) -> str:
    if node.type in language.selectors:
        return _selector(language, source, node)
    node = unwrapped(language, node)
    if node.type in language.selectors:
        return _selector(language, source, node)
    scope, name = node.child_by_field_name("scope"), node.child_by_field_name("name")
    if node.type in language.qualified and scope and name:
        return _own_name(language, source, scope) + language.separator + _own_name(language, source, name)
    return spelt(language, source, node)


def _selector(language: Language, source: bytes, node: Node) -> str:
    """Return the name that a node's pieces form together, as in `initWithName:age:`."""
    pieces = language.selectors[node.type]
    parts = [pieces[child.type] or spelt(language, source, child) for child in node.children if child.type in pieces]
    return "".join(parts)[:MAX_NAME]


def _refining(language: Language, node: Node, field: str) -> list[str]:
    """Return the types that can refine a kind, innermost first: in `int (*f)(int)` the parentheses decide."""
    if not field:
        return [child.type for child in node.children[:3]]
    types: list[str] = []
    child = node.child_by_field_name(field)
    while child is not None:
        types.append(child.type)
        inner = language.unwrap.get(child.type)
        child = None if inner is None else child.child_by_field_name(inner) if inner else _first(child)
    return types[::-1]


def _arguments(node: Node) -> Node | None:
    for field in ("arguments", "parameters"):
        if found := node.child_by_field_name(field):
            return found
    return next((child for child in node.children if child.type == "arguments"), None)


def _has_block(node: Node, arguments: Node) -> bool:
    if arguments.named_child_count > 1 or node.child_by_field_name("body"):
        return True
    return any(child.type in ("do_block", "block") for child in node.children)


def _title(language: Language, keyword: Node, arguments: Node, kind: str) -> Node:
    if arguments.type in language.spread and kind == "field":
        return arguments
    first = _first(arguments)
    if kind == "impl" or arguments.type == "parameter_list" or first is None:
        return arguments
    return keyword if first.type in ("list", "keywords") else first


def _first(node: Node) -> Node | None:
    return node.named_child(0) if node.named_child_count else None
