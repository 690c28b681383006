"""Owns what was done in a walk: every edit as what one text became, and until when it counts by what git has."""

import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tests.walk import sources
from tests.walk.ground import Ground, Member


class Edit(NamedTuple):
    """What a session did to definitions of a file; `place` is the worktree."""

    at: int
    by: str
    place: Path
    path: str
    names: frozenset[str]


class Deeds:
    """Everything that was done, with a time that counts the events."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._at = 0
        self._edits: list[Edit] = []
        self._over: dict[tuple[str, Path, str], int] = {}
        self._perhaps: dict[tuple[str, Path, str], int] = {}  # taken away, and nobody saw it
        self._resolved: dict[tuple[str, Path, str], int] = {}
        self._owed: set[tuple[str, str, str]] = set()  # who conflicted with whom in which file by an edit
        self._head: dict[Path, str] = {}
        self.look()

    def wrote(self, member: Member, path: str, before: str | None, after: str | None) -> None:
        """Note that a session changed a file."""
        self._wrote(member, path, sources.changed(before, after))

    def ran(self, member: Member, path: str, before: str | None, after: str | None, head: str) -> None:
        """Note that a command of a session changed a file of which HEAD had `head`: what it took back is no change."""
        names = sources.changed(before, after)
        self._wrote(member, path, names & sources.changed(head, after) if after is not None else names)

    def _wrote(self, member: Member, path: str, names: frozenset[str]) -> None:
        self._at += 1
        self._edits.append(Edit(self._at, member.name, member.worktree, path, names))
        self.look(member.worktree)
        for other in self._ground.live():
            if other.worktree != member.worktree and self._conflicts(member, other, path):
                self._owed |= {(member.name, other.name, path), (other.name, member.name, path)}

    def look(self, *places: Path, by_hand: bool = False) -> None:
        """Note which files are as git has them, everywhere or in these worktrees: what was done there is over.

        A file that was made so `by_hand` may be changed again by a command before anybody has looked.
        """
        self._at += 1
        for place in places or self._ground.worktrees:
            head, dirty = self._ground.status(place)
            for by, path in {(each.by, each.path) for each in self._edits if each.path not in dirty}:
                last = max(each.at for each in self._edits if (each.by, each.path) == (by, path))
                is_there = self._ground.members[by].alive and self._perhaps.get((by, place, path), 0) <= last
                is_seen = (is_there and not by_hand) or head != self._head.get(place)
                (self._over if is_seen else self._perhaps)[by, place, path] = self._at
            self._head[place] = head

    def resolved(self, path: str, only: Member | None) -> None:
        """Note that the collisions in a file are over, for one session or for all."""
        self._at += 1
        for edit in self._edits:
            if edit.path == path and only in (None, self._ground.members[edit.by]):
                self._resolved[edit.by, edit.place, path] = self._at

    def holders(self, place: Path, path: str) -> list[str]:
        """Return the live sessions with something to lose in a file."""
        return [each.name for each in self._ground.live() if each.worktree == place and self._open(each, path)]

    def _open(self, member: Member, path: str, sure: bool = False) -> list[Edit]:
        """Return the edits of a session of a file that are not settled in its worktree; `sure`: everybody knows it."""
        place = member.name, member.worktree, path
        ends = (self._over, self._resolved, self._perhaps) if sure else (self._over, self._resolved)
        over = max(end.get(place, 0) for end in ends)
        return [each for each in self._edits if (each.by, each.place, each.path) == place and each.at > over]

    def _names(self, member: Member, path: str, sure: bool = False) -> frozenset[str]:
        return frozenset().union(*(each.names for each in self._open(member, path, sure)))

    def _ever(self, member: Member, path: str, files: bool = False) -> frozenset[str]:
        """Return what a session ever changed in a file and nobody resolved; with `files` the path stands for it."""
        over = self._resolved.get((member.name, member.worktree, path), 0)
        found = [e for e in self._edits if (e.by, e.path) == (member.name, path) and e.at > over]
        return frozenset().union(*(each.names for each in found), [path] if files and found else [])

    def _conflicts(self, member: Member, other: Member, path: str) -> bool:
        base, mine, theirs = self._texts(member, other, path)
        return (
            self._is_left(member, path, base, mine)
            and self._is_left(other, path, base, theirs)
            and (not merges(base, mine, theirs))
        )

    def _is_left(self, member: Member, path: str, base: str | None, now: str | None) -> bool:
        """Say whether something that a session did to a file is still there, as far as it concerns definitions."""
        there = sources.changed(base, now)
        return bool(there & self._ever(member, path) if there else self._ever(member, path, files=True))

    def _texts(self, member: Member, other: Member, path: str) -> tuple[str | None, str | None, str | None]:
        """Return a file where two worktrees began, and in each of them."""
        heads = self._head[member.worktree], self._head[other.worktree]
        base = heads[0] if heads[0] == heads[1] else self._ground.git(member.worktree, "merge-base", *heads).strip()
        listed = self._ground.git(member.worktree, "ls-tree", "--name-only", base, "--", path)
        text = self._ground.git(member.worktree, "show", f"{base}:{path}") if listed else None
        return text, self._ground.text(member.worktree, path), self._ground.text(other.worktree, path)


@cache
def merges(base: str | None, mine: str | None, theirs: str | None) -> bool:
    """Say whether git merges two texts that were one."""
    if mine in (theirs, base) or theirs == base:
        return True
    if mine is None or theirs is None:
        return False
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, name) for name in ("mine", "base", "theirs")]
        for file, text in zip(files, (mine, base or "", theirs), strict=True):
            file.write_text(text)
        done = subprocess.run(["git", "merge-file", "-p", *files], capture_output=True, check=False)
    return done.returncode == 0
