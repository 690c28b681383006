"""The ground of a walk: one repository, its worktrees, the sessions in them, and a clock that can be moved."""

import os
import shutil
import subprocess
import time
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from campaigns.faults import clocks
from campaigns.faults.layer import Fault
from campaigns.faults.world import NONE, Ended, Ledger, World
from campaigns.walk import sources
from context_sync.claude.hooks import edit_results
from context_sync.edits import command_writes
from context_sync.state import files
from tests.rehearse import Client, result, tool_use

BEGIN = 10.0  # seconds that the clock is ahead at first


@dataclass
class Member:
    """A session of the walk; its name is its title."""

    name: str
    worktree: Path
    session: str
    transcript: Path
    alive: bool = True


class Ground(World):
    """A world with worktrees, whose sessions are in `members` by name, in the order of their start."""

    def __init__(self, top: Path, worktrees: int = 2) -> None:
        self._count = worktrees
        super().__init__(top)

    def begin(self) -> None:
        """Be as on the first day."""
        for name in list(self.clients):
            self.kill(name)
        self.ledger, self.skew, self.boot = Ledger(), 0.0, ""
        self._moves = [(0.0, 0.0)]
        self._folder = self.project
        for folder in (self.here, self.home):
            shutil.rmtree(folder, ignore_errors=True)
        self.home.mkdir(parents=True)
        self.project.mkdir(parents=True)
        self.advance(BEGIN)
        for path, text in sources.first().items():
            (self.project / path).write_text(text)
        for command in (["init", "--quiet", "--template="], ["add", "--all"], ["commit", "--quiet", "--message=begin"]):
            self.git(self.project, *command)
        self.worktrees = [self.project]
        for number in range(1, self._count):
            self.worktrees.append(self.here / f"tree{number}")
            self.git(self.project, "worktree", "add", "--quiet", "-b", f"branch{number}", str(self.worktrees[-1]))
        self.members: dict[str, Member] = {}

    def advance(self, seconds: float) -> None:
        """Let time pass; files have the time of the system's clock."""
        now = clocks.tick(self.top)
        self.skew += seconds
        self._moves.append((now, self.skew))

    @property
    def now(self) -> float:
        """The time by the clock of this world."""
        return time.time() + self.skew

    def live(self) -> list[Member]:
        """Return the sessions whose client runs, oldest first."""
        return [each for each in self.members.values() if each.alive]

    def start(self, worktree: Path, source: str, name: str, again: Member | None = None) -> Ended:
        """Begin a session in a client of its own, or go on with one that is over."""
        client = Client(worktree, session=again.session) if again else Client(worktree)
        if again:
            client.transcript = again.transcript
            name = again.name
        self.members[name] = Member(name, worktree, client.session, client.transcript)
        self.clients[name] = client
        return self.tell(self.members[name], "SessionStart", source=source)

    def clear(self, member: Member, name: str) -> tuple[Ended, Ended]:
        """End a session and begin another one in its client."""
        ended = self.tell(member, "SessionEnd", reason="clear")
        member.alive = False
        before = self.clients.pop(member.name)
        client = Client(member.worktree, process=before.process)
        self.members[name] = Member(name, member.worktree, client.session, client.transcript)
        self.clients[name] = client
        return ended, self.tell(self.members[name], "SessionStart", source="clear")

    def die(self, member: Member) -> None:
        """Kill the Claude Code of a session."""
        member.alive = False
        self.kill(member.name)

    def tell(self, member: Member, event: str, **fields: object) -> Ended:
        """Run the hook of an event of a session."""
        if event in ("SessionStart", "UserPromptSubmit"):
            fields["session_title"] = member.name
        ended = self.event(member.name, event, **fields)
        assert (ended.status, ended.errors) == (0, b""), ended
        return ended

    def before_edit(self, member: Member, path: str, after: str) -> tuple[Ended, dict[str, object]]:
        """Run the hook before an edit that makes `after` of a file; return what `edit` needs, too."""
        asked: dict[str, object] = {"file_path": str(member.worktree / path)}
        before = self.text(member.worktree, path)
        old, new = ("", "") if before is None else _difference(before, after)
        if old and before is not None and before.count(old) == 1:
            asked |= {"old_string": old, "new_string": new, "replace_all": False}
            fields: dict[str, object] = {"tool_name": "Edit", "tool_use_id": tool_use(), "tool_input": asked}
        else:
            fields = {"tool_name": "Write", "tool_use_id": tool_use(), "tool_input": asked | {"content": after}}
        return self.tell(member, "PreToolUse", **fields), fields

    def edit(self, member: Member, path: str, fields: Mapping[str, object]) -> Ended:
        """Make the edit, as Claude Code's tool does, and run the hook after it."""
        asked = fields["tool_input"]
        assert isinstance(asked, dict)
        file = member.worktree / path
        if fields["tool_name"] == "Edit":
            response = edit_results.make(str(file), asked["old_string"], asked["new_string"])
        else:
            before = self.text(member.worktree, path)
            file.write_text(asked["content"])
            patch = edit_results.structured_patch(before, asked["content"]) if before is not None else []
            kind = "create" if before is None else "update"
            response = {
                "type": kind, "filePath": str(file), "content": asked["content"],
                "originalFile": before, "structuredPatch": patch,
            }  # fmt: skip
        client = self.clients[member.name]
        client.append(result(str(fields["tool_use_id"]), response, at=self.now))
        return self.tell(member, "PostToolUse", **fields, tool_response=response)

    def run(self, member: Member, command: str) -> bool:
        """Run a command as the tool Bash does; say whether it succeeded."""
        fields: dict[str, object] = {
            "tool_name": "Bash", "tool_use_id": tool_use(), "tool_input": {"command": command}
        }  # fmt: skip
        self.tell(member, "PreToolUse", **fields)
        began = time.time()
        done = subprocess.run(
            ["bash", "-c", command], cwd=member.worktree, env=self._dated(), capture_output=True, check=False
        )
        fields["duration_ms"] = int((time.time() - began) * 1000)
        if done.returncode:
            self.tell(member, "PostToolUseFailure", **fields, error="failed")
        else:
            self.tell(member, "PostToolUse", **fields, tool_response={"stdout": "", "stderr": "", "interrupted": False})
        return not done.returncode

    def say(self, folder: Path, member: Member | None, *arguments: str) -> Ended:
        """Run `context-sync` in a folder: in a session, or at a terminal."""
        self._folder = folder
        environment = self.clients[member.name].environment() if member else None
        return self.command(*arguments, environment=environment)

    def git(self, folder: Path, *arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=folder, env=self._dated(), capture_output=True, text=True, check=False
        )
        return done.stdout if not done.returncode else ""

    def status(self, worktree: Path) -> tuple[str, set[str]]:
        """Return the commit that is checked out, and the files that are not as it has them."""
        lines = self.git(worktree, "status", "--porcelain=v2", "--branch", "-uall", "--no-renames").splitlines()
        head = next(line.split()[-1] for line in lines if line.startswith("# branch.oid"))
        return head, {line.split()[-1] for line in lines if not line.startswith("#")}

    def committed(self, worktree: Path, path: str, commit: str = "HEAD") -> str:
        """Return what a commit has of a file, "" for none."""
        return self.git(worktree, "show", f"{commit}:{path}")

    def text(self, worktree: Path, path: str) -> str | None:
        """Return what a file holds now, None when there is none."""
        file = worktree / path
        return file.read_text() if file.exists() else None

    def texts(self, worktree: Path) -> dict[str, str]:
        """Return what the files of a worktree hold now, by path."""
        return {file.name: file.read_text() for file in sorted(worktree.glob("*.py"))}

    def merges(self, place: Path, other: Path, base: str, path: str, text: str | None) -> bool:
        """Return whether git merges what two worktrees made of a file of the commit `base`, wherever it was moved to.

        In the first one it has this text.
        """
        ours, theirs = self._snapshot(place, base, path, text), self._snapshot(other, base)
        merged = subprocess.run(
            ["git", "merge-tree", "--write-tree", "--no-messages", "--name-only", "-z", ours, theirs],
            cwd=place, env=self._dated(), capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert merged.returncode in (0, 1), merged
        names = {path, *(self._moved(place, base, commit, path) for commit in (ours, theirs))}
        return names.isdisjoint(merged.stdout.rstrip("\0").split("\0")[1:])

    def moved(self, place: Path, base: str, path: str) -> str | None:
        """Return the text of a file of the commit `base` where it was moved to in a worktree, None if it was not."""
        name = self._moved(place, base, self._snapshot(place, base), path)
        return self.text(place, name) if name else None

    def _moved(self, place: Path, base: str, commit: str, path: str) -> str:
        moves = self.git(place, "diff-tree", "-r", "-M", "--diff-filter=R", "--name-status", base, commit)
        names = [line.split("\t")[1:] for line in moves.splitlines()]
        return next((new for old, new in names if old == path), "")

    def _snapshot(self, place: Path, base: str, path: str = "", text: str | None = None) -> str:
        """Return a commit of everything that is in a worktree, with this text of a file."""
        index = self.top / "index"
        index.unlink(missing_ok=True)

        def git(*arguments: str, given: str | None = None) -> str:
            environment = {**self._dated(), "GIT_INDEX_FILE": str(index)}
            command = ["git", *arguments]
            return subprocess.run(
                command, cwd=place, env=environment, input=given, capture_output=True, text=True, check=True
            ).stdout.strip()

        git("read-tree", "HEAD")
        git("add", "--all")
        if text is not None:
            blob = git("hash-object", "-w", "--stdin", given=text)
            git("update-index", "--add", "--cacheinfo", f"100644,{blob},{path}")
        return git("commit-tree", "-p", base, "-m", "snapshot", git("write-tree"))

    def client(self, name: str) -> Client:
        return self.clients[name]

    def hook(self, client: Client, event: str, payload: bytes, fault: Fault = NONE) -> Ended:
        self._folder = client.folder
        return super().hook(client, event, payload, fault)

    def _become(self, environment: Mapping[str, str], streams: list[Path], fault: Fault, marker: Path | None) -> None:
        super()._become(environment, streams, fault, marker)
        os.chdir(self._folder)

    def _dated(self) -> dict[str, str]:
        at = f"{int(self.now)} +0000"
        return {**os.environ, "GIT_COMMITTER_DATE": at, "GIT_AUTHOR_DATE": at, "GIT_EDITOR": "true"}

    def _set_clock(self) -> None:
        """Set the clock of this process, and give what was written earlier the time that it was then."""
        real, mark, changed_at = time.time, files.mark, command_writes._changed_at

        def marked(where: str) -> None:
            mark(where)
            os.utime(where, (time.time(),) * 2)

        def changed(path: str) -> float:
            at = changed_at(path)
            return at + self._moves[bisect_right(self._moves, (at, float("inf"))) - 1][1]

        time.time = lambda: real() + self.skew
        time.time_ns = lambda: int(time.time() * 1e9)
        files.mark = marked
        command_writes._changed_at = changed


def _difference(before: str, after: str) -> tuple[str, str]:
    """Return the whole lines that an Edit replaces, and by what: with one line around them."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    begin = 0
    while begin < min(len(old), len(new)) and old[begin] == new[begin]:
        begin += 1
    end = 0
    while end < min(len(old), len(new)) - begin and old[-1 - end] == new[-1 - end]:
        end += 1
    begin, end = max(begin - 1, 0), max(end - 1, 0)
    return "".join(old[begin : len(old) - end]), "".join(new[begin : len(new) - end])
