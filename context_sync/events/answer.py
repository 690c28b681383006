"""Owns what a handler gives back."""

from collections.abc import Callable
from typing import NamedTuple


def _nothing() -> None:
    return None


class Answer(NamedTuple):
    """What is printed to the client, and what is noted once it was printed."""

    output: bytes
    printed: Callable[[], None] = _nothing
