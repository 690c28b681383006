"""Owns the SHA-256 of a text, without `hashlib`, which loads OpenSSL (2 ms)."""

from importlib import import_module


def sha256(text: bytes) -> str:
    """Return the digest in hexadecimal digits."""
    for name in ("_sha2", "_sha256"):  # CPython's own since 3.12, and before
        try:
            return str(import_module(name).sha256(text).hexdigest())
        except (ImportError, AttributeError):
            continue
    import hashlib

    return hashlib.sha256(text).hexdigest()
