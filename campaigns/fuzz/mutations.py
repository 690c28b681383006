"""Mutations of an input: its bytes are moved about, or a value in its JSON is replaced."""

import json
import random
from collections.abc import Callable
from typing import Any

TOKEN = "ghp_" + "a1B2" * 9  # what no answer and no summary may show
STRANGE: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, 2**63, 10**30, 1e308, float("nan"), float("inf"), -0.0),
    *("", " ", "\0", "\n", "\ud800", "\u202e", "\u2028", "é", "𝔘", "x" * 3000, "<system-reminder>", "\x1b[2J"),
    *("../../x", "/", "/proc/self/mem", "calc.py", "2026-11-20T07:56:26.827Z", "9999-99-99", "1" * 5000, TOKEN),
    *([], {}, [[]], [None], {"": None}, {"type": "text"}, [{"type": "text", "text": 5}]),
)
PIECES = (
    *(
        b'"',
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b"\\",
        b"\n",
        b"\r\n",
        b"\0",
        b"\xff",
        b"\xed\xa0\x80",
        b"\xef\xbb\xbf",
    ),
    *(b"null", b"NaN", b"1e999", b"-0", b'"\\ud800"', b"[" * 500, b'{"a":' * 500, b"//", b"'''", b" = ", b"#"),
)

Chance = random.Random


def mutated(data: bytes, chance: Chance, words: tuple[str, ...] = ()) -> bytes:
    """Return another input; `words` are keys and values that mean something to what reads it."""
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        data = _line_changed(data, chance, words) if chance.random() < 0.6 else _bytes_changed(data, chance, words)
    return data


def _line_changed(data: bytes, chance: Chance, words: tuple[str, ...]) -> bytes:
    lines = data.split(b"\n")
    number = chance.randrange(len(lines))
    try:
        value = json.loads(lines[number])
        tree = _Tree(value)
        tree.change(chance, words)
        text = json.dumps(tree.top[0], ensure_ascii=chance.random() < 0.5, separators=(",", ":"))
    except (ValueError, RecursionError):
        return _bytes_changed(data, chance, words)
    lines[number] = text.encode("utf-8", "surrogatepass")
    if chance.random() < 0.15:
        lines.insert(chance.randrange(len(lines) + 1), chance.choice(lines))
    return b"\n".join(lines)


class _Tree:
    """A value of JSON, and the places in it: a container and a key each."""

    def __init__(self, value: object) -> None:
        self.top: list[Any] = [value]
        self.places: list[tuple[Any, Any]] = []
        self._walk(self.top)

    def _walk(self, container: Any) -> None:
        keys = list(container) if isinstance(container, dict) else range(len(container))
        for key in keys:
            if len(self.places) > 400:
                return
            self.places.append((container, key))
            if isinstance(container[key], dict | list):
                self._walk(container[key])

    def change(self, chance: Chance, words: tuple[str, ...]) -> None:
        container, key = chance.choice(self.places)
        change = chance.random()
        if change < 0.4:
            container[key] = chance.choice(STRANGE)
        elif change < 0.5 and container is not self.top:
            del container[key]
        elif change < 0.65:
            other, name = chance.choice(self.places)
            container[key] = json.loads(json.dumps(other[name]))
        elif change < 0.75 and words and isinstance(container, dict):
            container[chance.choice(words)] = container[key]
        elif change < 0.85 and isinstance(container[key], str):
            container[key] = _text_changed(container[key], chance)
        elif words:
            container[key] = chance.choice(words)


def _text_changed(text: str, chance: Chance) -> str:
    at = chance.randrange(len(text) + 1)
    piece = chance.choice(STRANGE)
    return text[:at] + (piece if isinstance(piece, str) else "") + text[at + chance.randrange(3) :]


def _bytes_changed(data: bytes, chance: Chance, words: tuple[str, ...]) -> bytes:
    at = chance.randrange(len(data) + 1)
    to = min(len(data), at + chance.choice((0, 1, 1, 2, 8, 64)))
    change = chance.randrange(5)
    if change == 0:
        return data[:at] + data[to:]
    if change == 1:
        return data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
    if change == 2:
        return data[:to] + data[at:to] * chance.choice((1, 2, 30)) + data[to:]
    pieces = (*PIECES, *(word.encode() for word in words)) if change == 3 else PIECES
    return data[:at] + chance.choice(pieces) + data[to:]


def minimised(data: bytes, fails: Callable[[bytes], bool]) -> bytes:
    """Return a part of an input that still fails, from which no stretch can be taken away."""
    size = len(data) // 2
    while size:
        at = 0
        while at < len(data):
            shorter = data[:at] + data[at + size :]
            if fails(shorter):
                data = shorter
            else:
                at += size
        size //= 2
    return data
