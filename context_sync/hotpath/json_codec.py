"""JSON for hooks, from the compiled half of `json` alone, as the other half imports `re` and `enum` (5 ms)."""

from __future__ import annotations

from context_sync.hotpath.namedtuples import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any


class _Options:
    """The options that `json.loads` gives its scanner."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}.__getitem__


def loads(text: bytes) -> object:
    """Return what `json.loads` returns, and raise what it raises: ValueError, RecursionError."""
    if not text:  # as in the marks of a new message
        raise ValueError("an empty text is not JSON")
    try:
        from _json import make_scanner

        decoded = text.decode("utf-8", "surrogatepass")
        value, end = make_scanner(_Options)(decoded, 0)  # type: ignore[arg-type]
    # Invalid JSON, another encoding or another Python: `json` itself decides. Without its other half, the scanner of
    # Python 3.11 fails with SystemError.
    except (ValueError, TypeError, AttributeError, ImportError, StopIteration, RecursionError, SystemError):
        return _loads(text)
    return value if not decoded[end:].strip(" \t\n\r") else _loads(text)


def objects(lines: Iterable[bytes]) -> list[dict[str, Any]]:
    """Return the objects that lines of JSON hold; a line that holds anything else is left out."""
    found = []
    for line in lines:
        try:
            value = loads(line) if line else None
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            found.append(value)
    return found


def dumps(value: object) -> bytes:
    """Return a value as `json.dumps` writes it, in ASCII."""
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
