"""Mentions: which files can depend on a fresh edit, or it on them, as one has a name that the other touched."""

from __future__ import annotations

import os
import stat

from context_sync.domain.records import Touch
from context_sync.hotpath.namedtuples import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TypeAlias

Place: TypeAlias = "tuple[str, str]"  # a worktree, and the path of a file in it

SEARCHED = 4 << 20  # bytes of a file in which names are looked for
MOST_WORDS = 10_000  # of this session's files: a longer one is no code, and each name would be looked for in each word
MOST_PAIRS = 1_000_000  # of a name and a word in which it is looked for: 40 ms
_PART = 1 << 16  # bytes to ask the kernel for at once: room for more takes longer to get than most files to read
_NOTHING: frozenset[str] = frozenset()
_DIGITS = "0123456789"
_BETWEEN_WORDS = {code: " " for code in range(128) if not (chr(code).isalnum() or chr(code) == "_")}


class Mentions:
    """The names that one session just touched and the words of the files that it touched, to look for among others.

    `names` are also the words of these files that hold such a name.
    A file of the others is read once, by however many of them it was touched. That is cheap, and keeps the judge,
    which is not, from most of the files that sessions have touched.
    """

    def __init__(self, made: Iterable[Touch]) -> None:
        """Read the files of these touches."""
        touched = _by_place(made)
        self._parts: dict[str, frozenset[str]] = {}
        self._around: dict[str, frozenset[str]] = {}
        self._mentions: dict[Place, bool] = {}
        self.words = _NOTHING.union(*(_words(_text(place)) for place in touched))
        self._joined = " ".join(self.words) if len(self.words) <= MOST_WORDS else ""
        self._names = _NOTHING.union(*map(self._parts_of, _NOTHING.union(*touched.values())))
        self.names = self._names.union(*map(self._around_of, self._names))

    def among(self, theirs: Iterable[Touch]) -> set[str]:
        """Return the paths of those of another session's touches whose files may depend on ours, or ours on them.

        That a name is a part of a longer word counts only when both files have that word: what stands between the
        two may be named like that: `parse_lines` calls `parse_line`. It does not count beyond `MOST_WORDS`.
        """
        return {place[1] for place, names in _by_place(theirs).items() if self._is_near(place, names)}

    def _is_near(self, place: Place, names: Iterable[str]) -> bool:
        parts = _NOTHING.union(*map(self._parts_of, names))
        if not parts.isdisjoint(self.words) or self._mentions.get(place):
            return True
        around = _NOTHING.union(*map(self._around_of, parts))
        if not around and (place in self._mentions or not self.names):
            return False
        text = _text(place)
        if place not in self._mentions:
            self._mentions[place] = _has(text, self._names, self.names)
        return self._mentions[place] or _has(text, parts, around)

    def _around_of(self, part: str) -> frozenset[str]:
        """Return the words of this session's files that hold a part of a name."""
        if part not in self._around:
            held = part in self._joined
            self._around[part] = frozenset(word for word in self.words if part in word) if held else _NOTHING
        return self._around[part]

    def _parts_of(self, name: str) -> frozenset[str]:
        if name not in self._parts:
            self._parts[name] = _parts(name)
        return self._parts[name]


def named(made: Iterable[Touch]) -> Iterator[tuple[Place, frozenset[str], frozenset[str]]]:
    """Yield the files of touches with what `Mentions` finds each of them by, whatever the other side is.

    The names that were touched with the words that hold one, and all words. A file with too many of either is left out.
    """
    for place, names in _by_place(made).items():
        words, parts = _words(_text(place)), _NOTHING.union(*map(_parts, names))
        if len(words) <= MOST_WORDS and len(words) * len(parts) <= MOST_PAIRS:
            yield place, parts | {word for part in parts for word in words if part in word}, words


def _parts(name: str) -> frozenset[str]:
    """Return the names of a definition and of those around it, each by itself."""
    return frozenset(each for each in _runs(name) if len(each) > 1 and not each.startswith("__"))


def _by_place(made: Iterable[Touch]) -> dict[Place, set[str]]:
    """Return the names of the definitions that were touched in each file."""
    found: dict[Place, set[str]] = {}
    for touch in made:
        found.setdefault((touch.worktree, touch.path), set()).update([symbol.name for symbol in touch.symbols])
    return found


def _has(text: bytes, names: frozenset[str], words: frozenset[str]) -> bool:
    """Return whether a text has one of the words, each of which holds one of the names; most have not even these."""
    for some in (names, words):
        if not any(each.encode() in text for each in some):
            return False
    return not words.isdisjoint(_words(text))


def _words(text: bytes) -> frozenset[str]:
    """Return the words of a text, and what a word is behind digits and letters beyond ASCII that begin it."""
    found = frozenset(_runs(text.decode("utf-8", "replace")))
    odd = [word for word in found if word < "A" or word > "\x7f"]
    if text.isascii():
        return found.union(filter(None, [word.lstrip(_DIGITS) for word in odd]))
    import re

    return found.union(re.findall(r"[A-Za-z_]\w*", " ".join(odd)))


def _runs(text: str) -> list[str]:
    """Return what `\\w+` matches."""
    if text.isascii():
        return text.translate(_BETWEEN_WORDS).split()
    import re  # 5 ms

    return re.findall(r"\w+", text)


def _text(place: Place) -> bytes:
    """Return what git keeps of a file, empty when there is none; a fifth of the time of `regular_files`."""
    path = f"{place[0]}/{place[1]}"
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    except OSError:
        return os.fsencode(os.readlink(path)) if os.path.islink(path) else b""
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return b""
        parts = [os.read(descriptor, _PART)]
        while len(parts[-1]) == _PART and len(parts) * _PART < SEARCHED:
            parts.append(os.read(descriptor, _PART))
        return b"".join(parts)
    except OSError:
        return b""
    finally:
        os.close(descriptor)
