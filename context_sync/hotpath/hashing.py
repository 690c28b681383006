"""SHA-256 without `hashlib`, which loads OpenSSL (2 ms)."""

from __future__ import annotations

import sys

from context_sync.hotpath.namedtuples import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

COMPILED = "_sha2" if sys.version_info >= (3, 12) else "_sha256"  # CPython's own


def _constructor() -> Callable[[bytes], Any]:
    try:
        found: Callable[[bytes], Any] = __import__(COMPILED).sha256
    except (ImportError, AttributeError):
        from hashlib import sha256 as found
    return found


# The constructor itself and no function around it: hooks hash a lot.
sha256 = _constructor()
