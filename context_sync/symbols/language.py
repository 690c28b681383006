"""The description of a language: the kinds of its definitions, and how its syntax tree spells them."""

from __future__ import annotations

from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

# Kinds whose functions are methods and whose variables are fields.
TYPES = frozenset({"class", "struct", "interface", "trait", "enum", "impl", "extension"})

# Kinds whose variables are local, and so are not definitions.
CALLABLES = frozenset({"function", "method", "property", "macro", "test"})

# Every kind that a symbol can have.
KINDS = TYPES | CALLABLES | {"module", "type", "field", "constant", "table", "block", "key", "section", "cell"}

_NONE: frozenset[str] = frozenset()
_NOTHING: Mapping[str, str] = {}
_NO_SELECTORS: Mapping[str, Mapping[str, str]] = {}


class Language(NamedTuple):
    """One language: `grammar` parses files with these suffixes or names, `queries` are the names of its query files.

    The other fields describe, by node types, how its tree spells definitions.

    - `heads`: children that hold the name where no field does.
    - `unwrap`: maps a node around a name to the field with the actual name; "" is the first named child.
    - `spread`: patterns that name several variables, whose names are `leaves`.
    - `nameless`: nodes in the position of a name that are not names.
    - `qualified`: names with a scope. `receivers`: whether the field `receiver` scopes a name.
    - `selectors`: nodes whose name consists of pieces; a piece is its own text or the one given.
    - `calls`: calls that a keyword turns into a definition.
    - `bodies`: nodes that define something only if they have this field.
    - `narrow`: nodes that shrink to their name when their type is defined in place.
    - `tail`: nodes that follow a definition and belong to it.
    - `kinds`: refines a kind by the type of the node in a field; "" looks at the first three children,
      `node/field` applies to that node only.
    - `joins`: kinds for which adjacent definitions with the same name are one definition.
    - `spelling`: replacements in names. `separator` joins the parts of a qualified name.
    - `depth`: how deep in the tree a definition can start, None for anywhere.
    - `reader`: the reader in `symbols.resolver` for the file.
    """

    name: str
    grammar: str
    queries: tuple[str, ...]
    suffixes: tuple[str, ...]
    filenames: tuple[str, ...] = ()
    heads: frozenset[str] = _NONE
    unwrap: Mapping[str, str] = _NOTHING
    spread: frozenset[str] = _NONE
    leaves: frozenset[str] = _NONE
    nameless: frozenset[str] = _NONE
    qualified: frozenset[str] = _NONE
    selectors: Mapping[str, Mapping[str, str]] = _NO_SELECTORS
    calls: frozenset[str] = _NONE
    bodies: Mapping[str, str] = _NOTHING
    narrow: frozenset[str] = _NONE
    tail: frozenset[str] = _NONE
    receivers: bool = False
    kinds: tuple[tuple[str, Mapping[str, str]], ...] = ()
    joins: frozenset[str] = frozenset({"property"})
    spelling: tuple[tuple[str, str], ...] = ()
    separator: str = "."
    depth: int | None = None
    reader: str = "code"
