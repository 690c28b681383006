"""A definition as one entry of an outline: without a parser, so that what was recorded can be read without one."""

from __future__ import annotations

from context_sync.domain.records import Symbol
from context_sync.hotpath.namedtuples import NamedTuple

TIME_LIMIT = 1.0  # seconds of the processor that one text may take to parse and query


class Definition(NamedTuple):
    """A symbol and the index in the same outline of the definition that encloses it, -1 at the top level."""

    symbol: Symbol
    parent: int
