"""The cells of a notebook, read as its definitions."""

from __future__ import annotations

from context_sync.domain.records import Definition, Symbol
from context_sync.hotpath.namedtuples import TYPE_CHECKING
from context_sync.symbols.languages import Language
from context_sync.symbols.names import spelt
from context_sync.symbols.parsing import matches

if TYPE_CHECKING:
    from tree_sitter import Node


def read_cells(language: Language, text: bytes, seconds: float) -> tuple[Definition, ...]:
    """Return the cells of the notebook, named `cell <id>`, or `cell <number>` from 1 where there is no id."""
    nodes = [captures["cell"][0] for _, captures in matches(language, text, seconds)]
    return tuple(
        Definition(
            Symbol(
                f"cell {_id(language, text, node) or number}", "cell", node.start_point[0] + 1, node.end_point[0] + 1
            ),
            -1,
        )
        for number, node in enumerate(sorted(nodes, key=lambda node: node.start_byte), 1)
    )


def _id(language: Language, text: bytes, cell: Node) -> str | None:
    for pair in cell.named_children:
        key, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
        if key and value and value.type == "string" and spelt(language, text, key) == "id":
            return spelt(language, text, value)
    return None
