"""Reach: the checkouts that a command may have written in."""

from __future__ import annotations

import os

from context_sync.claude.hooks import edits
from context_sync.git import checkouts
from context_sync.git.checkouts import Checkout
from context_sync.hotpath.namedtuples import TYPE_CHECKING
from context_sync.state import touches

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

MAX_CHECKOUTS = 8  # that are looked at after one command, each with `git status`
MAX_TEXT = 16_384  # characters of a command that are searched for paths
MAX_FOLDERS = 200  # folders that are looked up

SEPARATORS = frozenset(" \t\r\n;|&()<>`")
ENTERING = ("cd", "pushd", "-C")  # before the name of a folder, with or without a slash


def checkouts_of(session_id: str, folder: str, tool_input: dict[str, Any], changed: Iterable[str]) -> list[Checkout]:
    """Return the checkouts in which a command of the session that ran in `folder` may have written.

    First that of the folder, then those of the files that are known to have `changed`, those that the command
    names, and those in which the session has unsettled edits, the latest first; no more than `MAX_CHECKOUTS`.
    """
    found: dict[str, Checkout] = {}
    for each in _folders(session_id, folder, tool_input, changed):
        place = checkouts.checkout_of(each)
        if place and place.worktree not in found:
            found[place.worktree] = place
            if len(found) == MAX_CHECKOUTS:
                break
    return list(found.values())


def named(text: str, folder: str) -> list[str]:
    """Return the paths that the words of a command name, which runs in `folder`; they need not exist.

    Words are split as a shell splits them, without its expansions except those of `~` and variables. What follows `cd`
    is relative to the folder that was entered.
    """
    found: dict[str, None] = {}
    base, before = folder, ""
    for word in filter(edits.can_exist, _words(text[:MAX_TEXT])):
        path = _expanded(_value(word))
        if before in ENTERING and not word.startswith("-"):
            entered = os.path.join(base, path)
            found[entered] = None
            base = base if before == "-C" else entered
        elif "/" in path:
            found.update(dict.fromkeys(os.path.join(each, path) for each in (base, folder)))
        before = word
    return list(found)


def _folders(session_id: str, folder: str, tool_input: dict[str, Any], changed: Iterable[str]) -> Iterator[str]:
    yield folder
    named_paths = [path for text in tool_input.values() if isinstance(text, str) for path in named(text, folder)]
    yield from _parents([*sorted(changed), *named_paths])
    made = sorted(touches.read(session_id).unsettled(), key=lambda touch: -touch.at)
    yield from filter(os.path.isdir, dict.fromkeys(touch.worktree for touch in made))


def _parents(paths: list[str]) -> list[str]:
    """Return the folders of the paths, each once: the path itself may be a folder, a file, or a link to one."""
    resolved = map(os.path.realpath, paths)
    return list(dict.fromkeys(path if os.path.isdir(path) else os.path.dirname(path) for path in resolved))[
        :MAX_FOLDERS
    ]


def _value(word: str) -> str:
    """Return the path in a word such as `--git-dir=/a`, `of=/a` or `-o/a`."""
    name, equals, value = word.partition("=")
    if equals and "/" in value and "/" not in name:
        return value
    return word[word.index("/") :] if word.startswith("-") and "/" in word else word


def _expanded(path: str) -> str:
    return os.path.expanduser(os.path.expandvars(path) if "$" in path else path)


def _words(text: str) -> Iterator[str]:
    """Yield the words of a command; a quotation ends with its line, as an apostrophe in a document begins one."""
    word, quote, is_literal = "", "", False
    for letter in text + "\n":
        if is_literal or (letter == quote and letter):
            word, quote = (word + letter, quote) if is_literal else (word, "")
            is_literal = False
        elif letter == "\\" and quote != "'":
            is_literal = True
        elif letter == "\n" or (not quote and letter in SEPARATORS):
            if word:
                yield word
            word, quote = "", ""
        elif not quote and letter in "'\"":
            quote = letter
        else:
            word += letter
