"""SHA-256 without `hashlib`, which loads OpenSSL (2 ms)."""

import sys

COMPILED = "_sha2" if sys.version_info >= (3, 12) else "_sha256"  # CPython's own


def sha256(text: bytes) -> str:
    """Return the digest in hexadecimal."""
    try:
        return str(__import__(COMPILED).sha256(text).hexdigest())
    except (ImportError, AttributeError):
        import hashlib

        return hashlib.sha256(text).hexdigest()
