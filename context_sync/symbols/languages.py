"""The table of languages: their file names, grammars and queries, and how their syntax trees spell definitions."""

from __future__ import annotations

from os.path import basename, splitext

from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

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
    - `properties`: decorators that make a property of a function; one with a dot is that of another decorator.
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
    properties: frozenset[str] = _NONE
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


def _types(names: str) -> frozenset[str]:
    return frozenset(names.split())


_SCRIPT_VALUES = {
    "arrow_function": "function",
    "function_expression": "function",
    "generator_function": "function",
    "class": "class",
}

# What the languages of a family have in common.
_SCRIPT: dict[str, Any] = {
    "unwrap": {"object_assignment_pattern": "left", "assignment_pattern": "left"},
    "spread": _types("object_pattern array_pattern pair_pattern rest_pattern"),
    "leaves": _types("identifier shorthand_property_identifier_pattern"),
    "nameless": _types("subscript_expression"),
    "calls": _types("call_expression"),
    "kinds": (
        ("value", _SCRIPT_VALUES),
        ("right", _SCRIPT_VALUES | {"assignment_expression": "skip"}),
        ("", {"get": "property", "set": "property"}),
    ),
    "spelling": (("module.exports.", ""), ("exports.", ""), (".prototype", ""), ("this.", "")),
}

_C: dict[str, Any] = {
    "unwrap": {
        "init_declarator": "declarator",
        "pointer_declarator": "declarator",
        "function_declarator": "declarator",
        "array_declarator": "declarator",
        "attributed_declarator": "",
        "parenthesized_declarator": "",
        "reference_declarator": "",
        "block_pointer_declarator": "declarator",
        "struct_declarator": "",
        "template_type": "name",
        "template_function": "name",
        "template_method": "name",
    },
    "qualified": _types("qualified_identifier nested_namespace_specifier"),
    "bodies": {
        "struct_specifier": "body",
        "union_specifier": "body",
        "enum_specifier": "body",
        "class_specifier": "body",
    },
    "narrow": _types("type_definition"),
    "kinds": (
        ("declaration/declarator", {"function_declarator": "declared", "parenthesized_declarator": "variable"}),
        ("field_declaration/declarator", {"function_declarator": "declared", "parenthesized_declarator": "field"}),
        (
            "type_definition/type",
            {"struct_specifier": "struct", "union_specifier": "struct", "enum_specifier": "enum"},
        ),
    ),
    "spelling": (("::", "."), (", ", ".")),
}

LANGUAGES = (
    Language(
        "Python",
        "python",
        ("python",),
        (".py", ".pyi", ".pyw"),
        ("SConstruct", "SConscript", "wscript"),
        unwrap={"type": "", "generic_type": ""},
        spread=_types("pattern_list tuple_pattern list_pattern"),
        properties=_types("property cached_property .setter .deleter .getter .cached_property"),
        leaves=_types("identifier"),
    ),
    Language(
        "JavaScript",
        "javascript",
        ("javascript", "ecmascript"),
        (".js", ".jsx", ".mjs", ".cjs", ".es6"),
        ("Jakefile",),
        **_SCRIPT,
    ),
    Language("TypeScript", "typescript", ("ecmascript", "typescript"), (".ts", ".mts", ".cts"), **_SCRIPT),
    Language("TSX", "tsx", ("ecmascript", "typescript"), (".tsx",), **_SCRIPT),
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
        spread=_types("pattern"),
        leaves=_types("simple_identifier"),
        kinds=(
            ("declaration_kind", {"struct": "struct", "enum": "enum", "extension": "extension"}),
            ("computed_value", {"computed_property": "property"}),
        ),
    ),
    Language("Java", "java", ("java",), (".java",), unwrap={"variable_declarator": "name"}),
    Language(
        "Kotlin",
        "kotlin",
        ("kotlin",),
        (".kt", ".kts"),
        heads=_types("type_identifier simple_identifier variable_declaration multi_variable_declaration"),
        unwrap={"receiver_type": "", "user_type": "", "variable_declaration": ""},
        spread=_types("multi_variable_declaration"),
        leaves=_types("simple_identifier"),
        tail=_types("getter setter"),
        receivers=True,
        kinds=(("", {"interface": "interface", "enum": "enum"}),),
    ),
    Language("C", "c", ("c",), (".c",), **_C),
    Language(
        "C++",
        "cpp",
        ("cpp", "c"),
        (".cpp", ".cc", ".cxx", ".c++", ".hpp", ".hh", ".hxx", ".h++", ".h", ".ipp", ".inl", ".tpp"),
        calls=_types("function_definition"),
        **_C,
    ),
    Language(
        "Objective-C",
        "objc",
        ("objc", "c"),
        (".m", ".mm"),
        **_C,
        heads=_types("identifier struct_declaration"),
        spread=_types("struct_declaration"),
        leaves=_types("struct_declarator"),
        selectors={
            "method_definition": {"identifier": "", "method_parameter": ":"},
            "method_declaration": {"identifier": "", "method_parameter": ":"},
        },
    ),
    Language(
        "C#",
        "csharp",
        ("csharp",),
        (".cs",),
        heads=_types("variable_declaration"),
        unwrap={"variable_declarator": "name"},
        spread=_types("variable_declaration"),
        leaves=_types("variable_declarator"),
    ),
    Language(
        "Ruby",
        "ruby",
        ("ruby",),
        (".rb", ".rake", ".gemspec", ".ru"),
        ("Rakefile", "Gemfile", "Guardfile", "Podfile", "Fastfile", "Vagrantfile"),
        spread=_types("left_assignment_list argument_list"),
        leaves=_types("constant identifier global_variable class_variable simple_symbol"),
        nameless=_types("instance_variable call element_reference"),
        calls=_types("call"),
        spelling=(("::", "."), (":", "")),
    ),
    Language(
        "PHP",
        "php",
        ("php",),
        (".php", ".phtml"),
        heads=_types("name"),
        unwrap={"argument": ""},
        nameless=_types("member_access_expression subscript_expression scoped_property_access_expression list_literal"),
        calls=_types("function_call_expression"),
        bodies={"namespace_definition": "body"},
        kinds=(("right", {"anonymous_function": "function", "arrow_function": "function"}),),
    ),
    Language(
        "Scala",
        "scala",
        ("scala",),
        (".scala", ".sc", ".sbt"),
        spread=_types("tuple_pattern"),
        leaves=_types("identifier"),
    ),
    Language(
        "Lua",
        "lua",
        ("lua",),
        (".lua",),
        kinds=(("value", {"function_definition": "function"}),),
        spelling=((":", "."), ("[", ""), ("]", ""), ('"', "")),
    ),
    Language(
        "Elixir",
        "elixir",
        ("elixir",),
        (".ex", ".exs"),
        unwrap={"call": "target", "binary_operator": "left"},
        calls=_types("call"),
        joins=_types("function macro"),
    ),
    Language(
        "Haskell",
        "haskell",
        ("haskell",),
        (".hs",),
        heads=_types("infix record prefix"),
        unwrap={"infix": "operator", "record": "name", "prefix": "name"},
        joins=_types("function constant method field"),
    ),
    Language(
        "OCaml",
        "ocaml",
        ("ocaml",),
        (".ml",),
        heads=_types(
            "constructor_name constructor_declaration field_name module_name module_type_name class_name "
            "method_name instance_variable_name value_name"
        ),
        unwrap={"constructor_declaration": ""},
        spread=_types("tuple_pattern"),
        leaves=_types("value_name"),
        nameless=_types("unit string"),
        kinds=(("body", {"fun_expression": "function", "function_expression": "function"}),),
    ),
    Language(
        "Dart",
        "dart",
        ("dart",),
        (".dart",),
        heads=_types("identifier type_identifier"),
        unwrap={
            "getter_signature": "name",
            "setter_signature": "name",
            "function_signature": "name",
            "operator_signature": "",
        },
        selectors={
            "constructor_signature": {"identifier": "", ".": "."},
            "constant_constructor_signature": {"identifier": "", ".": "."},
            "factory_constructor_signature": {"identifier": "", ".": "."},
        },
        tail=_types("function_body"),
    ),
    Language("Bash", "bash", ("bash",), (".sh", ".bash", ".zsh", ".ksh"), (".bashrc", ".zshrc", ".profile")),
    Language("SQL", "sql", ("sql",), (".sql",), heads=_types("object_reference identifier")),
    Language("HCL", "hcl", ("hcl",), (".tf", ".tfvars", ".hcl")),
    Language("JSON", "json", ("json",), (".json", ".jsonc", ".webmanifest"), (".babelrc",), depth=6),
    Language("YAML", "yaml", ("yaml",), (".yml", ".yaml"), (".clang-format",), depth=13),
    Language("Notebook", "json", ("notebook",), (".ipynb",), reader="cells"),
    Language("Markdown", "markdown", ("markdown",), (".md", ".markdown"), separator=" / ", reader="headings"),
    Language("Vue", "vue", ("component",), (".vue",), reader="scripts"),
    Language("Svelte", "svelte", ("component",), (".svelte",), reader="scripts"),
    Language("TOML", "toml", ("toml",), (".toml",), ("Pipfile",), depth=4),
)

_BY_SUFFIX = {suffix: language for language in LANGUAGES for suffix in language.suffixes}
_BY_FILENAME = {filename: language for language in LANGUAGES for filename in language.filenames}


def language_of(path: str) -> Language | None:
    """Return the language of a file by its name alone, None for a file that is not read for definitions."""
    name = basename(path)
    return _BY_FILENAME.get(name) or _BY_SUFFIX.get(splitext(name)[1].lower())
