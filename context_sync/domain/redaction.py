"""Redaction of conflicts: names and lines of code may contain a secret, such as a heading or a key of a file."""

from __future__ import annotations

from context_sync.domain.conflicts import Conflict
from context_sync.hotpath.namedtuples import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

SHORTEST = 13  # characters of a name that may contain a secret, see `masking`


def names(shown: Iterable[str]) -> tuple[str, ...]:
    """Return the names without secrets in them."""
    found = tuple(shown)
    if all(len(name) < SHORTEST for name in found):
        return found
    from context_sync.domain.masking import masked

    return tuple(map(masked, found))


def conflict(found: Conflict) -> Conflict:
    """Return the conflict without secrets, for display; the original is what is remembered."""
    on = found.dependency
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
    places = tuple(place._replace(symbols=names(place.symbols)) for place in found.places)
    return found._replace(symbols=names(found.symbols), places=places, dependency=on)
