"""Grammars: the compiled parsers of tree-sitter-language-pack and its companion packages."""

from __future__ import annotations

from os.path import join

from context_sync.hotpath import extensions
from context_sync.symbols.trees import Language

_PACK = join("tree_sitter_language_pack", "bindings")
_OWN_WHEEL = {
    "csharp": (join("tree_sitter_c_sharp", "_binding"), "tree_sitter_c_sharp._binding"),
    "yaml": (join("tree_sitter_yaml", "_binding"), "tree_sitter_yaml._binding"),
}

_loaded: dict[str, Language] = {}


def grammar(name: str) -> Language:
    """Return the tree-sitter language of that name, loaded once per process.

    The compiled file is loaded by its path, which takes 0.5 ms; importing the pack's own package takes 11 ms.
    Raises LookupError when no installed package has the grammar or its file does not load.
    """
    if name not in _loaded:
        _loaded[name] = _load(name)
    return _loaded[name]


def missing(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names for which no grammar can be loaded, in the order given."""
    return tuple(name for name in names if not _loads(name))


def _loads(name: str) -> bool:
    try:
        grammar(name)
    except LookupError:
        return False
    return True


def _load(name: str) -> Language:
    stem, module = _OWN_WHEEL.get(name, (join(_PACK, name), f"tree_sitter_language_pack.bindings.{name}"))
    try:
        binding = extensions.load(module, stem)
        return Language(binding.language()) if binding else _from_pack(name)
    except (ImportError, AttributeError, ValueError) as exc:
        raise LookupError(f"the grammar {name!r} of {stem} does not load: {exc}") from exc


def _from_pack(name: str) -> Language:
    try:
        from tree_sitter_language_pack import get_language  # 11 ms: only when its files are elsewhere
    except ImportError as exc:
        raise LookupError(f"no grammar {name!r}: tree-sitter-language-pack is not installed") from exc
    try:
        return get_language(name)  # type: ignore[arg-type]
    except (LookupError, ImportError, ValueError) as exc:
        raise LookupError(f"tree-sitter-language-pack has no grammar {name!r}") from exc
