"""SHA-256 without `hashlib`, which loads OpenSSL (2 ms)."""

from __future__ import annotations

import sys

from context_sync.hotpath.namedtuples import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

COMPILED = "_sha2" if sys.version_info >= (3, 12) else "_sha256"  # CPython's own


def sha256(text: bytes) -> str:
    """Return the digest in hexadecimal."""
    try:
        return str(__import__(COMPILED).sha256(text).hexdigest())
    except (ImportError, AttributeError):
        import hashlib

        return hashlib.sha256(text).hexdigest()


def beginnings(texts: Iterable[bytes], length: int) -> Iterator[bytes]:
    """Yield the first `length` bytes of the SHA-256 of each text."""
    try:
        digest = __import__(COMPILED).sha256
    except (ImportError, AttributeError):
        from hashlib import sha256 as digest
    for text in texts:
        yield digest(text).digest()[:length]
