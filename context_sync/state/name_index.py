"""The name index: `names/<id>`, hashes of the words and names in the files that a session touched.

A line of JSON says how much of the session's touch file is covered. After it come the hashes of all names and of all
words, each once, and then file by file a key, two numbers, and so many hashes of names and of words. What is in the
touch file beyond that is read from there, so that nothing is missed when an index is old, missing or makes no sense.
"""

from __future__ import annotations

import errno
import os
import sys

from context_sync.hotpath import hashing, json_codec
from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple
from context_sync.state import files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any, TypeAlias

Place: TypeAlias = "tuple[str, str]"  # a worktree, and the path of a file in it

LARGEST = 4 << 20  # bytes of an index; nothing is known of files that would make it larger
FEW = 20  # words to look for one by one: looking at each hash takes as long as searching for this many
_HASH, _KEY = 4, 8  # bytes
EVERYTHING = b"\xff" * _HASH  # instead of the hashes of a file of which nothing is known: it has every word


class Entry(NamedTuple):
    """The hashes of a file: of the names that a session touched in it with the words around them, and of its words."""

    names: bytes
    words: bytes


class Extent(NamedTuple):
    """A touch file as it was at a time: which one it was, and its size in bytes; zeros for none."""

    inode: int
    size: int


class Wanted:
    """The words and the names of a fresh edit, as searched for in the indexes of others."""

    def __init__(self, names: Iterable[str], words: Iterable[str]) -> None:
        self._names = EVERYTHING + hashes(names)
        self._some = [self._names[at : at + _HASH] for at in range(0, len(self._names), _HASH)]
        self._words = frozenset(_numbers(EVERYTHING + hashes(words)))

    def may_be_in(self, entry: Entry) -> bool:
        """Return whether one of the words is among the entry's names, or one of the names among its words."""
        if not self._words.isdisjoint(_numbers(entry.names)):
            return True
        if len(self._some) <= FEW:
            return any(each in entry.words for each in self._some)
        return not frozenset(_numbers(self._names)).isdisjoint(_numbers(entry.words))


class Header(NamedTuple):
    """The first line of an index: what it covers, the bytes of all names' and words' hashes, and how many files."""

    covered: Extent
    names: int
    words: int
    files: int


class Index(NamedTuple):
    """What is known of a session's files: the touch file as far as it is covered, all hashes once, and each file's."""

    covered: Extent
    together: Entry
    entries: dict[bytes, Entry]


class Update(NamedTuple):
    """What is missing in an index: the files that were touched since, and how far it reaches with them."""

    known: Index
    until: Extent
    places: set[Place]


def near(session_id: str, wanted: Wanted) -> set[bytes] | None:
    """Return the keys of the session's files that may have what is wanted, None when there is no index of them."""
    now = extent(session_id)
    if not now.size:
        return set()
    try:
        with open(_file(session_id), "rb") as stream:
            header = _header(stream.readline())
            if not _is_covering(header.covered, now):
                return None
            together = _whole(Entry(stream.read(header.names), stream.read(header.words)), header)
            found = set()
            if wanted.may_be_in(together):
                entries = _entries(stream.read(), header)
                found = {each for each, entry in entries.items() if wanted.may_be_in(entry)}
        return found | {key(place) for place in _touched(session_id, header.covered.size, now)}
    except (OSError, ValueError, KeyError, TypeError):
        return None


def key(place: Place) -> bytes:
    """Return the key of a file in an index."""
    return bytes(hashing.sha256(os.fsencode("\0".join(place))).digest()[:_KEY])


def hashes(words: Iterable[str]) -> bytes:
    """Return the hashes of words, one after the other."""
    return b"".join([hashing.sha256(word.encode("utf-8", "replace")).digest()[:_HASH] for word in words])


def missing(session_id: str) -> Update | None:
    """Return what the session's index lacks, None when it is up to date. Raises OSError when that cannot be read."""
    now = extent(session_id)
    known = _read(session_id, now)
    if known.covered == now:
        return None
    return Update(known, now, set(_touched(session_id, known.covered.size, now)))


def write(session_id: str, update: Update, made: Mapping[Place, Entry]) -> None:
    """Replace the index by what is known with the entries of the files that were missing."""
    fresh = {key(place): entry for place, entry in made.items()}
    room = LARGEST - sum(map(_size, update.known.entries.values()))
    for each, entry in fresh.items():
        room -= _size(entry)
        if room < 0:
            fresh[each] = Entry(EVERYTHING, EVERYTHING)
    names = _united(update.known.together.names, [entry.names for entry in fresh.values()])
    words = _united(update.known.together.words, [entry.words for entry in fresh.values()])
    entries = update.known.entries | fresh
    sizes: dict[str, Any] = {"names": len(names), "words": len(words), "files": len(entries)}
    header = {**update.until._asdict(), **sizes}
    parts = [_encoded(each, entry) for each, entry in entries.items()]
    files.write_bytes(_file(session_id), b"".join([json_codec.dumps(header), b"\n", names, words, *parts]))


def forget(session_id: str, *, outdated: bool = False) -> None:
    """Delete the index of a session, or only one that is `outdated`, as after its touch file was written again."""
    if not outdated or not _read(session_id, extent(session_id)).covered.inode:
        files.remove(_file(session_id))


def extent(session_id: str) -> Extent:
    """Return what the session's touch file is now."""
    try:
        found = os.stat(_touches(session_id))
    except OSError:
        return Extent(0, 0)
    return Extent(found.st_ino, found.st_size)


def _read(session_id: str, now: Extent) -> Index:
    """Return the index, an empty one when there is none that covers a part of the touch file."""
    text = files.read_bytes(_file(session_id))
    line, _, rest = text.partition(b"\n")
    try:
        header = _header(line)
        if _is_covering(header.covered, now):
            end = header.names + header.words
            together = _whole(Entry(rest[: header.names], rest[header.names : end]), header)
            return Index(header.covered, together, _entries(rest[end:], header))
    except (ValueError, KeyError, TypeError):
        pass
    return Index(Extent(0, 0), Entry(b"", b""), {})


def _header(line: bytes) -> Header:
    """Return what the first line of an index says. Raises KeyError, TypeError or ValueError when it makes no sense."""
    fields = files.object_of(line) or {}
    inode, size, names, words, number = (int(fields[name]) for name in ("inode", "size", "names", "words", "files"))
    return Header(Extent(inode, size), names, words, number)


def _whole(together: Entry, header: Header) -> Entry:
    """Return the hashes of all files. Raises ValueError when they are not as many as the header says."""
    sizes = tuple(map(len, together))
    if sizes != (header.names, header.words) or any(size % _HASH for size in sizes):
        raise ValueError(sizes)
    return together


def _is_covering(covered: Extent, now: Extent) -> bool:
    return covered.inode == now.inode and covered.size <= now.size


def _touched(session_id: str, since: int, until: Extent) -> Iterator[Place]:
    """Yield the files that a part of the touch file names. Raises OSError when it is another file by now."""
    if until.size <= since:
        return
    with open(_touches(session_id), "rb") as stream:
        if os.fstat(stream.fileno()).st_ino != until.inode:
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE), stream.name)
        stream.seek(since)
        text = stream.read(until.size - since)
    for line in text.split(b"\n"):
        fields = (files.object_of(line) if b'"path"' in line else None) or {}
        worktree, path = fields.get("worktree"), fields.get("path")
        if isinstance(worktree, str) and isinstance(path, str):
            yield worktree, path


def _entries(text: bytes, header: Header) -> dict[bytes, Entry]:
    """Return the files of an index. Raises ValueError when they are not as many as the header says."""
    found = {}
    at = 0
    while at < len(text):
        start = at + _KEY + 8
        names, words = (int.from_bytes(text[start - each : start - each + 4], sys.byteorder) for each in (8, 4))
        middle, at, place = start + names, start + names + words, text[at : at + _KEY]
        if at > len(text) or names % _HASH or words % _HASH:
            raise ValueError(at)
        found[place] = Entry(text[start:middle], text[middle:at])
    if len(found) != header.files:
        raise ValueError(len(found))
    return found


def _encoded(each: bytes, entry: Entry) -> bytes:
    sizes = (len(text).to_bytes(4, sys.byteorder) for text in entry)
    return b"".join((each, *sizes, *entry))


def _size(entry: Entry) -> int:
    return _KEY + 8 + len(entry.names) + len(entry.words)


def _united(known: bytes, more: Iterable[bytes]) -> bytes:
    seen = frozenset(_numbers(known))
    fresh = {number: None for text in more for number in _numbers(text) if number not in seen}
    return known + b"".join(number.to_bytes(_HASH, sys.byteorder) for number in fresh)


def _numbers(text: bytes) -> Iterable[int]:
    return memoryview(text).cast("I")


def _file(session_id: str) -> str:
    return files.path("names", session_id)


def _touches(session_id: str) -> str:
    return files.path("touches", session_id + ".jsonl")
