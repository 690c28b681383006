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


class _LateRe:
    """Stands in for `re` until a pattern is to be compiled: no query of ours has one."""

    @staticmethod
    def compile(pattern: str, flags: int = 0) -> object:
        import re

        return re.compile(pattern, flags)


class _PlainEnum:
    """Stands in for `enum`, from which tree-sitter makes the types of its log messages: nobody reads those."""

    @staticmethod
    def IntEnum(name: str, _members: object) -> type[int]:
        return type(name, (int,), {})


_STAND_INS = {"re": _LateRe, "enum": _PlainEnum}


def _load() -> ModuleType | None:
    """Load the compiled half, with stand-ins for what it imports and no hook needs: 8 ms."""
    absent = {name: module for name, module in _STAND_INS.items() if name not in sys.modules}
    sys.modules.update(absent)  # type: ignore[arg-type]
    try:
        return extensions.load(_COMPILED)
    finally:
        for name in absent:
            del sys.modules[name]


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
