"""Owns the table of languages: which files are theirs, which grammar and which queries read them."""

from collections.abc import Mapping
from os.path import basename, splitext
from typing import NamedTuple

TYPES = frozenset({"class", "struct", "interface", "trait", "enum", "impl", "extension"})
"""Kinds whose functions are methods and whose variables are fields."""

CALLABLES = frozenset({"function", "method", "property", "macro", "test"})
"""Kinds whose variables are locals, and so no definitions."""

KINDS = TYPES | CALLABLES | {"module", "type", "field", "constant", "key", "section", "cell"}
"""Every kind that a symbol may have."""


Kinds = tuple[tuple[str, Mapping[str, str]], ...]

_NOTHING: Mapping[str, str] = {}


class Language(NamedTuple):
    """One language: `grammar` reads the files with these suffixes or names, `queries` name its query files.

    `separator` joins the parts of a qualified name. `unwrap` leads from a name's node of that type to the
    field that holds the name proper ("" is the first named child). `spread` lists the types of patterns that
    name several variables, and `leaves` the types of those names. `kinds` refines a kind by the type of the
    node in a field ("" looks at the first three children). `spelling` lists replacements made in a name.
    `depth` bounds how deep in the tree a definition may start; None means anywhere.
    """

    name: str
    grammar: str
    queries: tuple[str, ...]
    suffixes: tuple[str, ...]
    filenames: tuple[str, ...] = ()
    separator: str = "."
    unwrap: Mapping[str, str] = _NOTHING
    spread: frozenset[str] = frozenset()
    leaves: frozenset[str] = frozenset()
    kinds: Kinds = ()
    spelling: tuple[tuple[str, str], ...] = ()
    depth: int | None = None


_SCRIPT_VALUES = {
    "arrow_function": "function",
    "function_expression": "function",
    "generator_function": "function",
    "class": "class",
}

_SCRIPT = Language(
    "JavaScript",
    "javascript",
    ("javascript", "ecmascript"),
    (".js", ".jsx", ".mjs", ".cjs", ".es6"),
    ("Jakefile",),
    unwrap={"object_assignment_pattern": "left", "assignment_pattern": "left"},
    spread=frozenset({"object_pattern", "array_pattern", "pair_pattern", "rest_pattern"}),
    leaves=frozenset({"identifier", "shorthand_property_identifier_pattern"}),
    kinds=(
        ("value", _SCRIPT_VALUES),
        ("right", _SCRIPT_VALUES | {"assignment_expression": "skip"}),
        ("", {"get": "property", "set": "property"}),
    ),
    spelling=(("module.exports.", ""), ("exports.", ""), (".prototype", ""), ("this.", "")),
)

LANGUAGES = (
    Language(
        "Python",
        "python",
        ("python",),
        (".py", ".pyi", ".pyw"),
        ("SConstruct", "SConscript", "wscript"),
        unwrap={"type": "", "generic_type": ""},
        spread=frozenset({"pattern_list", "tuple_pattern", "list_pattern"}),
        leaves=frozenset({"identifier"}),
    ),
    _SCRIPT,
    _SCRIPT._replace(
        name="TypeScript",
        grammar="typescript",
        queries=("ecmascript", "typescript"),
        suffixes=(".ts", ".mts", ".cts"),
        filenames=(),
    ),
    _SCRIPT._replace(name="TSX", grammar="tsx", queries=("ecmascript", "typescript"), suffixes=(".tsx",), filenames=()),
    Language(
        "Go",
        "go",
        ("go",),
        (".go",),
        unwrap={"pointer_type": "", "generic_type": "type"},
        kinds=(("type", {"struct_type": "struct", "interface_type": "interface"}),),
    ),
    Language("Rust", "rust", ("rust",), (".rs",), unwrap={"generic_type": "type", "scoped_type_identifier": "name"}),
    Language(
        "Swift",
        "swift",
        ("swift",),
        (".swift",),
        spread=frozenset({"pattern"}),
        leaves=frozenset({"simple_identifier"}),
        kinds=(
            ("declaration_kind", {"struct": "struct", "enum": "enum", "extension": "extension"}),
            ("computed_value", {"computed_property": "property"}),
        ),
    ),
)

_BY_SUFFIX = {suffix: language for language in LANGUAGES for suffix in language.suffixes}
_BY_FILENAME = {filename: language for language in LANGUAGES for filename in language.filenames}


def language_of(path: str) -> Language | None:
    """Return the language of a file by its name alone; None for a file whose definitions are not read."""
    name = basename(path)
    return _BY_FILENAME.get(name) or _BY_SUFFIX.get(splitext(name)[1].lower())
