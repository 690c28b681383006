"""What was done in a walk: every edit as a change from one text to another, and how long git shows that it counts."""

import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import NamedTuple

from campaigns.walk import sources
from campaigns.walk.ground import Ground, Member


class Edit(NamedTuple):
    """What a session did to definitions of a file; `place` is the worktree."""

    at: int
    by: str
    place: Path
    path: str
    names: frozenset[str]
    after: str | None
    sure: bool = True  # it is known whose edit it is


_Key = tuple[str, Path, str]  # who, in which worktree, in which file


class Deeds:
    """Everything that was done, with a time that counts the events."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._at = 0
        self._edits: list[Edit] = []
        self._over: dict[_Key, int] = {}
        self._perhaps: dict[_Key, int] = {}  # taken away, and nobody saw it
        self._taken: dict[_Key, int] = {}  # not by a commit
        self._gone: dict[_Key, list[Edit]] = {}  # what was taken away last
        self._back: dict[_Key, tuple[int, list[Edit]]] = {}  # and is there again
        self._resolved: dict[_Key, int] = {}
        self._owed: set[tuple[str, str, str]] = set()  # who conflicted with whom in which file by an edit
        self._head: dict[Path, str] = {}
        self._began: dict[frozenset[Path], str] = {}  # the commit that two worktrees have in common
        self._merged: dict[frozenset[Path], int] = {}  # when that became another one
        self._dirty: dict[Path, set[str]] = {}
        self.look()

    def wrote(self, member: Member, path: str, before: str | None, after: str | None) -> None:
        """Note that a session changed a file."""
        self._wrote(member, path, sources.changed(before, after), after)

    def ran(self, member: Member, path: str, before: str | None, after: str | None, head: str, by_git: bool) -> None:
        """Note that a command of a session changed a file of which HEAD had `head`.

        What it took back is no change, and what git took away and brought back is its author's. What git brings
        otherwise may undo what anybody did to the file.
        """
        is_back = by_git and self._bring_back(member.worktree, path, after)
        if is_back and self._is_known(member.worktree, path):
            return
        if by_git:
            here = member.worktree, path
            self._edits = [e._replace(sure=e.sure and (e.place, e.path) != here) for e in self._edits]
        names = sources.changed(before, after)
        if after is not None:
            names &= sources.changed(head, after)
        else:  # and with the file whatever anybody did to it, if nobody took that back before
            gone = frozenset().union(*(self._names(each, path) for each in self._ground.live()))
            self._edits.append(Edit(self._at, member.name, member.worktree, path, gone, None, sure=False))
        self._wrote(member, path, names, after, sure=not is_back)

    def _bring_back(self, place: Path, path: str, after: str | None) -> bool:
        """Have what was done to a file count again if it has the text of the last edit; say whether it has."""
        last = self._last(place, path)
        if last is None or last.after != after:
            return False
        self._at += 1
        is_known = self._is_known(place, path)
        for key, gone in self._gone.items():
            if key[1:] == (place, path) and not self._open(self._ground.members[key[0]], path):
                self._back[key] = self._at, [each._replace(sure=each.sure and is_known) for each in gone]
        return True

    def _is_known(self, place: Path, path: str) -> bool:
        """Return whether the session that made the last edit of a file is there to be asked."""
        last = self._last(place, path)
        return last is not None and self._ground.members[last.by].alive

    def _last(self, place: Path, path: str) -> Edit | None:
        return next((each for each in reversed(self._edits) if (each.place, each.path) == (place, path)), None)

    def _wrote(self, member: Member, path: str, names: frozenset[str], after: str | None, sure: bool = True) -> None:
        self._at += 1
        self._edits.append(Edit(self._at, member.name, member.worktree, path, names, after, sure))
        self.look(member.worktree)
        for other in self._ground.live():
            if other.worktree != member.worktree and self._conflicts(member, other, path):
                self._owed |= {(member.name, other.name, path), (other.name, member.name, path)}

    def look(self, *places: Path, by_hand: bool = False) -> None:
        """Note which files are as git has them, everywhere or in these worktrees: what was done there is over.

        A file that was made so `by_hand` may be changed again by a command before anybody has looked, and for a session
        that is not there nobody looks.
        """
        self._at += 1
        for place in places or self._ground.worktrees:
            head, dirty = self._ground.status(place)
            is_committed = head != self._head.get(place)
            for by, path in {(each.by, each.path) for each in self._edits if each.path not in dirty}:
                key = by, place, path
                last = max(each.at for each in self._edits if (each.by, each.path) == (by, path))
                is_sure = is_committed or (self._perhaps.get(key, 0) <= last and not by_hand)
                is_seen = self._ground.members[by].alive and is_sure
                if path in self._dirty.get(place, ()):
                    self._gone[key] = self._open(self._ground.members[by], path)
                (self._over if is_seen else self._perhaps)[key] = self._at
                if is_seen:
                    self._back.pop(key, None)
                if not is_committed:
                    self._taken[key] = self._at
            self._dirty[place] = dirty
            if is_committed:
                self._head[place] = head
                self._look_at_merges(place)

    def _look_at_merges(self, place: Path) -> None:
        for other in self._head.keys() - {place}:
            pair, base = frozenset((place, other)), self._base(place, other)
            if base != self._began.get(pair, base):
                self._merged[pair] = self._at
            self._began[pair] = base

    def resolved(self, path: str, only: Member | None) -> None:
        """Note that the conflicts in a file are over, for one session or for all."""
        self._at += 1
        for edit in self._edits:
            if edit.path == path and only in (None, self._ground.members[edit.by]):
                self._resolved[edit.by, edit.place, path] = self._at

    def holders(self, place: Path, path: str) -> dict[str, bool]:
        """Return the live sessions with something to lose in a file, and whether that is sure."""
        found = [each for each in self._ground.live() if each.worktree == place and self._open(each, path)]
        return {each.name: bool(self._open(each, path, sure=True)) for each in found}

    def _open(self, member: Member, path: str, sure: bool = False) -> list[Edit]:
        """Return the edits of a session of a file that are not settled in its worktree; `sure`: everybody knows it."""
        place = member.name, member.worktree, path
        ends = (self._over, self._resolved, self._perhaps) if sure else (self._over, self._resolved)
        over = max(end.get(place, 0) for end in ends)
        found = [each for each in self._edits if (each.by, each.place, each.path) == place and each.at > over]
        back_at, back = self._back.get(place, (0, []))
        left = [each for each in back if back_at > over and each.at > self._resolved.get(place, 0)]
        return [each for each in [*left, *found] if each.sure or not sure]

    def _names(self, member: Member, path: str, sure: bool = False) -> frozenset[str]:
        return frozenset().union(*(each.names for each in self._open(member, path, sure)))

    def _ever(self, member: Member, path: str, files: bool = False) -> frozenset[str]:
        """Return what a session ever changed in a file and nobody resolved; with `files` the path stands for it."""
        over = self._resolved.get((member.name, member.worktree, path), 0)
        found = [e for e in self._edits if (e.by, e.path) == (member.name, path) and e.at > over]
        return frozenset().union(*(each.names for each in found), [path] if files and found else [])

    def _unmerged(self, member: Member, other: Member, path: str, files: bool = False) -> frozenset[str]:
        """Return what of `_ever` another worktree may lack: it is not committed, or its commit was not merged."""
        before = self._began_with(member, other, path)
        committed = self._at_commit(member.worktree, self._head[member.worktree], path)
        ever, left = self._ever(member, path, files), self._open(member, path)
        ever &= sources.changed(before, committed) | ({path} if before != committed else frozenset())
        return ever.union(*(each.names for each in left), [path] if files and left else [])

    def _conflicts(self, member: Member, other: Member, path: str) -> bool:
        _, mine, theirs = self._texts(member, other, path)
        return (
            self._is_left(member, other, path, mine, sure=True)
            and self._is_left(other, member, path, theirs, sure=True)
            and not self._merges(member, other, path)
        )

    def _merges(self, member: Member, other: Member, path: str, coming: str | None = None) -> bool:
        """Return whether git merges what two sessions have of a file, or once the first one has the coming text.

        What one side does not have any more it may have moved.
        """
        base, mine, theirs = self._texts(member, other, path)
        mine = mine if coming is None else coming
        if mine in (theirs, base) or theirs == base or None not in (mine, theirs):
            return merges(base, mine, theirs)
        began = self._base(member.worktree, other.worktree)
        return self._ground.merges(member.worktree, other.worktree, began, path, coming)

    def _is_left(self, member: Member, other: Member, path: str, now: str | None, sure: bool = False) -> bool:
        """Return whether something that a session did to a file is still there, as far as it concerns definitions.

        What another worktree has as well counts as gone. `sure`: it is there since, and not again by another's doing.
        """
        there = sources.changed(self._began_with(member, other, path), now)
        ever = self._unmerged(member, other, path, files=not there)
        if sure:
            ever &= self._lasting(member, path, files=not there)
        return bool(ever & there if there else ever)

    def _lasting(self, member: Member, path: str, files: bool) -> frozenset[str]:
        """Return what a session changed in a file and nobody took away without a commit."""
        taken = self._taken.get((member.name, member.worktree, path), 0)
        found = [e for e in self._edits if (e.by, e.path) == (member.name, path) and e.at > taken and e.sure]
        found += self._open(member, path, sure=True)
        return frozenset().union(*(each.names for each in found), [path] if files and found else [])

    def _base(self, place: Path, other: Path) -> str:
        heads = self._head[place], self._head[other]
        return heads[0] if heads[0] == heads[1] else self._ground.git(place, "merge-base", *heads).strip()

    def _texts(self, member: Member, other: Member, path: str) -> tuple[str | None, str | None, str | None]:
        """Return a file where two worktrees began, and in each of them."""
        base = self._began_with(member, other, path)
        return base, self._ground.text(member.worktree, path), self._ground.text(other.worktree, path)

    def _began_with(self, member: Member, other: Member, path: str) -> str | None:
        return self._at_commit(member.worktree, self._base(member.worktree, other.worktree), path)

    def _at_commit(self, place: Path, commit: str, path: str) -> str | None:
        listed = self._ground.git(place, "ls-tree", "--name-only", commit, "--", path)
        return self._ground.git(place, "show", f"{commit}:{path}") if listed else None


@cache
def merges(base: str | None, mine: str | None, theirs: str | None) -> bool:
    """Return whether git merges two texts that were one, None for no file where the other side has no change."""
    if mine in (theirs, base) or theirs == base:
        return True
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, name) for name in ("mine", "base", "theirs")]
        for file, text in zip(files, (mine, base, theirs), strict=True):
            file.write_text(text or "")
        done = subprocess.run(["git", "merge-file", "-p", *files], capture_output=True, check=False)
    return done.returncode == 0
