"""Owns that nobody is told a secret: names and lines of code may hold one, as a heading or a key of a file does."""

from __future__ import annotations

from context_sync.domain.conflicts import Conflict
from context_sync.hotpath.namedtuples import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

SHORTEST = 13  # characters of a name that may hold one, see `masking`


def names(told: Iterable[str]) -> tuple[str, ...]:
    """Return the names without secrets in them."""
    found = tuple(told)
    if all(len(name) < SHORTEST for name in found):
        return found
    from context_sync.domain.masking import masked

    return tuple(map(masked, found))


def conflict(told: Conflict) -> Conflict:
    """Return the conflict as it is to be told; what is remembered of it is the one as it was."""
    on = told.dependency
    if on:
        from context_sync.domain.masking import masked

        (definition, user, became) = names((on.definition, on.user, on.became))
        on = on._replace(
            definition=definition,
            user=user,
            became=became,
            signature_before=masked(on.signature_before),
            signature_after=masked(on.signature_after),
            excerpt=masked(on.excerpt),
        )
    places = tuple(place._replace(symbols=names(place.symbols)) for place in told.places)
    return told._replace(symbols=names(told.symbols), places=places, dependency=on)
