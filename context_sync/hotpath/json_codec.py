"""Owns JSON on the path of a hook: the compiled half of `json` alone, as the other loads `re` and `enum` (5 ms)."""

from __future__ import annotations


class _Options:
    """What `json.loads` tells its scanner."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}.__getitem__


def loads(text: bytes) -> object:
    """Return what `json.loads` does, and raise what it raises: ValueError, RecursionError."""
    if not text:  # as a fresh message has marks
        raise ValueError("nothing is no JSON")
    try:
        from _json import make_scanner

        told = text.decode("utf-8", "surrogatepass")
        value, end = make_scanner(_Options)(told, 0)  # type: ignore[arg-type]
    # What is no JSON, in another encoding, or read by another Python: `json` itself tells. Without its other half the
    # scanner of Python 3.11 fails with SystemError.
    except (ValueError, TypeError, AttributeError, ImportError, StopIteration, RecursionError, SystemError):
        return _loads(text)
    return value if not told[end:].strip(" \t\n\r") else _loads(text)


def dumps(value: object) -> bytes:
    """Return the ASCII that `json.dumps` makes of a value."""
    try:
        from _json import encode_basestring_ascii, make_encoder

        encode = make_encoder(None, _refuse, encode_basestring_ascii, None, ": ", ", ", False, False, True)
        return "".join(encode(value, 0)).encode()
    except (ImportError, TypeError):
        import json

        return json.dumps(value).encode()


def _loads(text: bytes) -> object:
    import json

    found: object = json.loads(text)
    return found


def _refuse(value: object) -> object:
    raise TypeError(f"{value!r} is not JSON")
