"""Owns starting git: what it is given, what it may not do, and how long it may take."""

from __future__ import annotations

import os

from context_sync.git import checkouts
from context_sync.hotpath import regular_files, subprocesses
from context_sync.hotpath.namedtuples import TYPE_CHECKING

if TYPE_CHECKING:
    from context_sync.hotpath.subprocesses import Ended, Running

TIME_LIMIT = 5.0  # seconds for one run of git

# Nothing that a repository configures is ever run: no hooks, no fsmonitor, no pager, no external diff, no program
# that checks signatures. See also `_without_filters` and, for what git might fetch, `_environment`.
QUIET = (
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

# A submodule is a repository of its own: git must not be started in it.
HERE = "--ignore-submodules=dirty"

_UNFILTERED = (("clean", ""), ("smudge", ""), ("process", ""), ("required", "false"))
_unfiltered: dict[str, dict[str, str]] = {}  # by worktree


def run(worktree: str, *arguments: str) -> bytes:
    """Return what `git ARGUMENTS` prints in `worktree`, or b"" when it fails or takes over `TIME_LIMIT`."""
    return attempt(worktree, *arguments) or b""


def attempt(worktree: str, *arguments: str, stdin: bytes = b"") -> bytes | None:
    """Return what git prints in `worktree`, given `stdin`, or None when it fails or takes over `TIME_LIMIT`."""
    return printed(begin(worktree, *arguments, stdin=stdin))


def begin(worktree: str, *arguments: str, stdin: bytes = b"") -> Running | None:
    """Return git at work in `worktree`, given `stdin`, or None when it cannot be."""
    if not worktree:
        return None
    return subprocesses.start(_command(worktree, arguments), _environment() | _without_filters(worktree), stdin)


def printed(running: Running | None) -> bytes | None:
    """Return what git, once begun, has printed, or None when it fails or takes over `TIME_LIMIT`."""
    ended = running.finish(TIME_LIMIT) if running else None
    return ended.output if ended and ended.code == 0 else None


def outcome(folder: str, *arguments: str) -> Ended | None:
    """Return how git ended in `folder`, or None when there is none or it takes over `TIME_LIMIT`.

    Not for a command that may run the filters of a repository: those go through `begin`.
    """
    return subprocesses.run(_command(folder, arguments), _environment(), TIME_LIMIT)


def _command(folder: str, arguments: tuple[str, ...]) -> tuple[str, ...]:
    return ("git", "-C", folder, *QUIET, *arguments)


def _environment() -> dict[str, str]:
    # A hook may run inside `git commit`, whose GIT_DIR and GIT_INDEX_FILE name another repository.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_CEILING_DIRECTORIES"):
        if name in os.environ:
            kept[name] = os.environ[name]
    # A partial clone has not every text: what is missing is not fetched for us. Git before 2.45 knows only the latter.
    alone = {"GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": ""}
    return kept | alone | {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}


def _without_filters(worktree: str) -> dict[str, str]:
    """Return what keeps git from running the filters that the repository configures; the person's own are run."""
    if worktree not in _unfiltered:
        _unfiltered[worktree] = _without_filters_now(worktree)
    return _unfiltered[worktree]


def _without_filters_now(worktree: str) -> dict[str, str]:
    checkout = checkouts.checkout_of(worktree)
    if checkout is None or not any(map(_may_filter, {checkout.repository, checkout.git})):
        return {}
    options = ("config", "--includes", "--show-scope", "-z", "--get-regexp", r"^filter\.")
    told = outcome(worktree, *options)
    fields = told.output.split(b"\0") if told else []
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


def _may_filter(directory: str) -> bool:
    for name in ("config", "config.worktree"):
        try:
            text = regular_files.read(os.path.join(directory, name)).lower()
        except OSError:
            continue
        if b"filter" in text or b"include" in text:
            return True
    return False
