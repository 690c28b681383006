"""The scenes of the benchmarks: a home folder and a repository of their own, and sessions in a given state."""

import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.timing import Case
from context_sync import paths
from context_sync.conflicts import candidates
from context_sync.domain.messages import ID_LENGTH, LETTERS, Message
from context_sync.domain.records import Session, Symbol, Touch
from context_sync.state import mailbox, processes, repositories, sessions, touches
from tests import memory
from tests.rehearse import Client, encoded, git, tool_use

FOREIGN = ("CLAUDE", "CONTEXT_SYNC", "GIT_", "PYTHON", "XDG_")  # of the environment; nothing of it may reach a scene
FUNCTION = """
def {1}{0}(first, second=None):
    \"\"\"Return what the two come to.\"\"\"
    if second is None:
        second = {{"number": {0}}}
    for key, value in sorted(second.items()):
        if value > first:
            first += len(key)
    return first + {0}

"""
OLD, NEW = "    return first + 5\n", "    return 5 + first\n"


class Scene:
    """A place of its own; `inside` makes it that of this process, to build it up, the clients live until `close`."""

    def __init__(self, top: Path) -> None:
        self.top = top
        self.project = top / "project"
        self.clients: list[Client] = []

    @contextmanager
    def inside(self) -> Iterator[None]:
        before = dict(os.environ)
        for name in [name for name in os.environ if name.startswith(FOREIGN)]:
            del os.environ[name]
        home = self.top / "home"
        os.environ |= {
            "HOME": str(home),
            "CLAUDE_CONFIG_DIR": str(home / ".claude"),
            "XDG_CONFIG_HOME": str(home / ".config"),
            "XDG_STATE_HOME": str(home / ".local" / "state"),
            "GIT_CONFIG_GLOBAL": str(self.top / "gitconfig"),
            "GIT_CONFIG_NOSYSTEM": "1",
        }
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)

    def begin(self, files: int = 20) -> None:
        """Make the repository, with `long.py` of 1,000 lines and `files` short files."""
        self.project.mkdir(parents=True)
        (self.top / "home").mkdir()
        (self.top / "gitconfig").write_text("[user]\nname = Tess\nemail = tess@example.invalid\n")
        (self.project / "long.py").write_text(source(100))
        for number in range(files):
            folder = self.project / f"part{number // 100:03d}"
            folder.mkdir(exist_ok=True)
            (folder / f"file{number}.py").write_text(source(3, f"part{number}_"))
        git(self.project, "init", "--quiet")
        git(self.project, "add", "--all")
        git(self.project, "commit", "--quiet", "--message=begin")

    def client(self) -> Client:
        """Begin a session with the real hooks."""
        self.clients.append(Client(self.project))
        self.clients[-1].start()
        return self.clients[-1]

    def crowd(self, number: int, held: int = 0) -> None:
        """Enter `number` live sessions, each of which holds `held` files of its own."""
        for each in range(number):
            session_id = f"crowd-{each:04d}"
            sessions.save(self._presence(session_id))
            self.enter(session_id, [f"{session_id}/file-{each}-{file}.py" for file in range(held)])

    def enter(self, session_id: str, paths: Sequence[str]) -> None:
        """Write files, and note that a session did."""
        project, repository = str(self.project), str(self.project / ".git")
        for folder in {os.path.dirname(path) for path in paths}:
            os.makedirs(os.path.join(project, folder), exist_ok=True)
        for path in paths:
            with open(os.path.join(project, path), "w", encoding="utf-8") as stream:
                stream.write(source(1, f"{Path(path).stem}_"))
            repositories.hold(session_id, repository, path)
        touches.append([self._touch(session_id, path) for path in paths])
        candidates.remember(session_id)

    def letters(self, to: Client, number: int) -> None:
        """Put messages of one session into the mailbox of another."""
        for each in range(number):
            text = f"Number {each}: I renamed the helper that both of us use; its tests pass. Please take the new name."
            sender = "crowd-0000"
            name = LETTERS[each] * ID_LENGTH
            mailbox.store(Message(name, time.time(), sender, "peer", "main", to.session, "me", text))

    def case(self, name: str, client: Client, event: str, payload: bytes, *, fresh: bool = False) -> Case:
        """Return the hook of an event as Claude Code runs it; `fresh`: each run finds the state as it is now.

        Where one case of a scene is fresh, all must be, as each restores what it began with.
        """
        command = ["/bin/sh", "-c", client.hooks[event]]
        prepare = self._restoring(name) if fresh else None
        return Case(name, command, client.folder, client.environment(), payload, prepare)

    def close(self) -> None:
        for each in self.clients:
            each.kill()

    def _restoring(self, name: str) -> Callable[[], None]:
        """Return what puts the state back; what is held, of which there may be very much, stays as it is."""
        state, kept = Path(paths.state_folder()), self.top / "kept" / name.replace("/", "_")
        shutil.copytree(state, kept, ignore=shutil.ignore_patterns("held"))
        return lambda: _put_back(kept, state)

    def _presence(self, session_id: str) -> Session:
        now = time.time()
        return Session(
            id=session_id,
            name=session_id,
            named_by="title",
            pid=os.getpid(),
            pid_start=processes.start_of(os.getpid()),
            cwd=str(self.project),
            repository=str(self.project / ".git"),
            worktree=str(self.project),
            branch="main",
            transcript="",
            entrypoint="cli",
            started=now,
            last_seen=now,
            ended=0.0,
        )

    def _touch(self, session_id: str, path: str) -> Touch:
        return Touch(
            at=time.time(),
            session=session_id,
            tool="Edit",
            repository=str(self.project / ".git"),
            worktree=str(self.project),
            path=path,
            symbols=(Symbol("function", "function", 1, 4),),
            after="0" * 64,
            agent="",
            tool_use=tool_use(),
        )


def _put_back(kept: Path, state: Path) -> None:
    """Make a folder what it was when it was copied to `kept`: what has its time and size still is left alone."""
    wanted = {entry.name: entry for entry in os.scandir(kept)}
    for entry in os.scandir(state):
        if entry.name not in wanted and entry.name != "held":
            shutil.rmtree(entry) if entry.is_dir() else os.unlink(entry)
    for name, entry in wanted.items():
        if entry.is_dir():
            (state / name).mkdir(exist_ok=True)
            _put_back(kept / name, state / name)
        elif _stamp(state / name) != _stamp(kept / name):
            shutil.copy2(entry, state / name)


def _stamp(file: Path) -> tuple[int, int]:
    try:
        found = file.stat()
    except FileNotFoundError:
        return 0, -1
    return found.st_mtime_ns, found.st_size


@contextmanager
def scenes() -> Iterator[Callable[[], Scene]]:
    """Yield what makes scenes, all of which are gone at the end."""
    made: list[Scene] = []
    with memory.folder("bench") as folder:

        def make() -> Scene:
            made.append(Scene(Path(folder, str(len(made)))))
            return made[-1]

        try:
            yield make
        finally:
            for each in made:
                each.close()


def source(functions: int, name: str = "function") -> str:
    """Return Python of ten lines a function, named after `name`."""
    return "".join(FUNCTION.format(each, name) for each in range(functions))


def attempt(client: Client, path: Path, old: str = OLD, new: str = NEW, size: int = 0) -> bytes:
    """Return what PreToolUse of Edit is given, of `size` bytes or more."""
    fields = {
        "prompt_id": "00000000-0000-4000-8000-000000000000",
        "permission_mode": "acceptEdits",
        "effort": {"level": "medium"},
        "tool_name": "Edit",
        "tool_input": {"file_path": str(path), "old_string": old, "new_string": new, "replace_all": False},
        "tool_use_id": "toolu_000000000000000000000001",
    }
    payload = encoded(client.payload("PreToolUse", **fields))
    missing = max(size - len(payload), 0)
    fields["tool_input"] |= {"new_string": new + "x" * missing}  # type: ignore[operator]
    return encoded(client.payload("PreToolUse", **fields))


def quiet(client: Client, event: str) -> bytes:
    """Return what an event without a tool is given."""
    fields = {"prompt": "go on"} if event == "UserPromptSubmit" else {"stop_hook_active": False}
    return encoded(client.payload(event, **fields))
