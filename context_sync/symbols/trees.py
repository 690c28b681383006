"""The types of tree-sitter, from its compiled half, without the package around it, which takes 5 ms of a denial."""

from __future__ import annotations

import sys

from context_sync.hotpath import extensions
from context_sync.hotpath.namedtuples import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

_COMPILED = "tree_sitter._binding"


def _loaded() -> ModuleType:
    """Return the module with tree-sitter's types: the package if it is already loaded or has no compiled half.

    When the package is imported later, it takes the half that is already loaded, so its types are the same.
    """
    found = None if "tree_sitter" in sys.modules else sys.modules.get(_COMPILED) or _load()
    if found is None:
        import tree_sitter

        return tree_sitter
    return sys.modules.setdefault(_COMPILED, found)


def _load() -> ModuleType | None:
    """Load the compiled half, with a stand-in for `re`: of that it keeps `compile`, for the patterns of a query."""
    if "re" in sys.modules:
        return extensions.load(_COMPILED)
    sys.modules["re"] = _LateRe  # type: ignore[assignment]
    try:
        return extensions.load(_COMPILED)
    finally:
        del sys.modules["re"]


class _LateRe:
    """Stands in for `re`, which takes 5 ms to load, until a pattern is to be compiled: no query of ours has one."""

    @staticmethod
    def compile(pattern: str, flags: int = 0) -> object:
        import re

        return re.compile(pattern, flags)


if TYPE_CHECKING:
    from tree_sitter import Language as Language
    from tree_sitter import Node as Node
    from tree_sitter import Parser as Parser
    from tree_sitter import Point as Point
    from tree_sitter import Query as Query
    from tree_sitter import QueryCursor as QueryCursor
    from tree_sitter import Range as Range
    from tree_sitter import Tree as Tree
else:
    _trees = _loaded()
    Language, Node, Parser, Point = _trees.Language, _trees.Node, _trees.Parser, _trees.Point
    Query, QueryCursor, Range, Tree = _trees.Query, _trees.QueryCursor, _trees.Range, _trees.Tree
