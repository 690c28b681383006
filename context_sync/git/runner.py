"""Running git: its safe configuration, its environment and its time limit."""

from __future__ import annotations

import os

from context_sync.git import checkouts
from context_sync.hotpath import subprocesses
from context_sync.hotpath.namedtuples import TYPE_CHECKING

if TYPE_CHECKING:
    from context_sync.hotpath.subprocesses import Ended, Running

TIME_LIMIT = 5.0  # seconds for one run of git

# Nothing that a repository configures is ever run: no hooks, no fsmonitor, no pager, no external diff, no program
# that verifies signatures. See also `_without_filters`, and `_environment` for what git might fetch.
SAFE_CONFIG = (
    "--no-pager",
    "--no-optional-locks",
    "-c",
    "core.fsmonitor=false",
    "-c",
    f"core.hooksPath={os.devnull}",
    "-c",
    "diff.external=",
    "-c",
    "log.showSignature=false",
)

# A submodule is a separate repository: git must not be started in it.
IGNORE_SUBMODULES = "--ignore-submodules=dirty"

_UNFILTERED = (("clean", ""), ("smudge", ""), ("process", ""), ("required", "false"))
_unfiltered: dict[str, dict[str, str]] = {}  # by worktree


def run(worktree: str, *arguments: str) -> bytes:
    """Return what `git ARGUMENTS` prints in `worktree`, or b"" when it fails or takes over `TIME_LIMIT`."""
    return attempt(worktree, *arguments) or b""


def attempt(worktree: str, *arguments: str, stdin: bytes = b"") -> bytes | None:
    """Return what git prints in `worktree`, given `stdin`, or None when it fails or takes over `TIME_LIMIT`."""
    return printed(begin(worktree, *arguments, stdin=stdin))


def begin(worktree: str, *arguments: str, stdin: bytes = b"") -> Running | None:
    """Start git in `worktree`, given `stdin`, and return it running, or None when it cannot be started."""
    if not worktree:
        return None
    return subprocesses.start(_command(worktree, arguments), _environment() | _without_filters(worktree), stdin)


def printed(running: Running | None) -> bytes | None:
    """Return what a started git prints, or None when it fails or takes over `TIME_LIMIT`."""
    ended = running.finish(TIME_LIMIT) if running else None
    return ended.output if ended and ended.code == 0 else None


def outcome(folder: str, *arguments: str) -> Ended | None:
    """Return how git ended in `folder`, or None when it is not installed or takes over `TIME_LIMIT`.

    Not for commands that can run a repository's filters; use `begin` for those.
    """
    return subprocesses.run(_command(folder, arguments), _environment(), TIME_LIMIT)


def _command(folder: str, arguments: tuple[str, ...]) -> tuple[str, ...]:
    return ("git", "-C", folder, *SAFE_CONFIG, *arguments)


def _environment() -> dict[str, str]:
    # A hook can run inside `git commit`, whose GIT_DIR and GIT_INDEX_FILE refer to another repository.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_CEILING_DIRECTORIES"):
        if name in os.environ:
            kept[name] = os.environ[name]
    # A partial clone lacks some texts, which must not be fetched for us. Git before 2.45 knows only the second one.
    offline = {"GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": ""}
    return kept | offline | {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}


def _without_filters(worktree: str) -> dict[str, str]:
    """Return the environment that keeps git from running filters that the repository configures, not the user's own."""
    if worktree not in _unfiltered:
        _unfiltered[worktree] = _without_filters_now(worktree)
    return _unfiltered[worktree]


def _without_filters_now(worktree: str) -> dict[str, str]:
    if not checkouts.may_filter(worktree):
        return {}
    options = ("config", "--includes", "--show-scope", "-z", "--get-regexp", r"^filter\.")
    ended = outcome(worktree, *options)
    fields = ended.output.split(b"\0") if ended else []
    names = {
        os.fsdecode(entry.partition(b"\n")[0].rpartition(b".")[0])
        for scope, entry in zip(fields[::2], fields[1::2], strict=False)
        if scope in (b"local", b"worktree")
    }
    settings = [(f"{name}.{key}", value) for name in sorted(names) for key, value in _UNFILTERED]
    found = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (key, value) in enumerate(settings):
        found |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return found
