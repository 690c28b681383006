"""Owns what a language is: the kinds of its definitions, and how its tree spells them."""

from __future__ import annotations

from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

# Kinds whose functions are methods and whose variables are fields.
TYPES = frozenset({"class", "struct", "interface", "trait", "enum", "impl", "extension"})

# Kinds whose variables are locals, and so no definitions.
CALLABLES = frozenset({"function", "method", "property", "macro", "test"})

# Every kind that a symbol may have.
KINDS = TYPES | CALLABLES | {"module", "type", "field", "constant", "table", "block", "key", "section", "cell"}

_NONE: frozenset[str] = frozenset()
_NOTHING: Mapping[str, str] = {}
_NO_SELECTORS: Mapping[str, Mapping[str, str]] = {}


class Language(NamedTuple):
    """One language: `grammar` reads the files with these suffixes or names, `queries` name its query files.

    The rest says how its tree spells definitions, by the types of nodes.

    - `heads`: children that hold the name where no field does.
    - `unwrap`: from a node around a name to the field with the name proper; "" is the first named child.
    - `spread`: patterns that name several variables, whose names are `leaves`.
    - `nameless`: what stands in a name's place without being one.
    - `qualified`: names with a scope. `receivers`: the field `receiver` scopes a name.
    - `selectors`: nodes whose name is made of pieces; a piece is its own text or the one given.
    - `calls`: calls that a keyword turns into a definition.
    - `bodies`: nodes that define only with this field.
    - `narrow`: nodes that shrink to their name when their type is defined in place.
    - `tail`: what follows a definition and belongs to it.
    - `kinds`: refines a kind by the type of the node in a field; "" looks at the first three children,
      `node/field` holds for that node alone.
    - `joins`: kinds of which neighbours with one name are one definition.
    - `spelling`: replacements in names. `separator` joins the parts of a qualified name.
    - `depth`: how deep in the tree a definition may start, None for anywhere.
    - `reader`: which reader of `symbols.resolver` takes the file.
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
