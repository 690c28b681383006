"""Owns git: the only module that reads a repository or starts the git program."""

import os
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from context_sync import programs, regular_files

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

MOST_KEPT = 32 << 20  # bytes of texts of commits: what a commit holds never changes
_texts: dict[str, dict[str, bytes | None]] = {}


class Place(NamedTuple):
    """Where a folder or file belongs.

    `repository` is the identity shared by all worktrees: the real path of the git common directory, or of the
    project folder where there is no git. `worktree` is the real path of the worktree's root, `git` the real path
    of its own git directory, "" without git.
    """

    repository: str
    worktree: str
    git: str


def place_of(folder: str) -> Place | None:
    """Return the place of the innermost worktree around `folder`, or None when it is in none.

    Reads the files that gitrepository-layout(5) names, without starting git (5 ms).
    """
    where = os.path.realpath(folder)
    while True:
        marker = os.path.join(where, ".git")
        directory = _git_directory(marker)
        if directory:
            return Place(_common_directory(directory), where, directory)
        parent = os.path.dirname(where)
        if parent == where:
            return None
        where = parent


def branch_of(place: Place) -> str:
    """Return the branch checked out in the worktree, `detached at <commit>`, or "" without git."""
    if not place.git:
        return ""
    head = _first_line(os.path.join(place.git, "HEAD"))
    if head == "ref: refs/heads/.invalid":  # the reftable format keeps HEAD elsewhere
        head = "ref: " + run(place.worktree, "symbolic-ref", "--quiet", "HEAD").decode("utf-8", "replace").strip()
    if head.startswith("ref: "):
        return head[5:].removeprefix("refs/heads/")
    return f"detached at {head[:8]}" if head else ""


def stamp(place: Place) -> tuple[int, ...]:
    """Return what is another one whenever something was committed, staged or checked out in the worktree."""
    found = []
    for name in ("HEAD", "index", os.path.join("logs", "HEAD")) if place.git else ():
        try:
            found.append(os.stat(os.path.join(place.git, name)).st_mtime_ns)
        except OSError:
            found.append(0)
    return tuple(found)


def run(worktree: str, *arguments: str) -> bytes:
    """Return what `git ARGUMENTS` prints in `worktree`, or b"" when it fails or takes over `TIME_LIMIT`."""
    return _try(worktree, *arguments) or b""


def uncommitted(worktree: str, paths: list[str]) -> set[str] | None:
    """Return which of `paths` (relative to `worktree`) are not as HEAD has them; None when git cannot tell.

    A file that is untracked or ignored counts as uncommitted, one that is gone and was never committed does not.
    """
    options = ("--porcelain", "-z", "--no-renames", HERE, "--untracked-files=all", "--ignored=matching")
    status = _try(worktree, "--literal-pathspecs", "status", *options, "--", *paths)
    if status is None:
        return None
    return {os.fsdecode(entry[3:]) for entry in status.split(b"\0") if entry}


def last_commits(worktree: str, commit: str, paths: list[str], since: float) -> dict[str, int]:
    """Return when each of `paths` (relative to `worktree`) was last committed, of the commits up to `commit`.

    Seconds since the epoch by the committer's date; a file that was not committed after `since` is left out.
    """
    options = ("--format=tformat:%x01%ct", "--name-only", "-z", "-c", "--no-ext-diff", "--no-textconv", "--no-renames")
    told = run(worktree, "--literal-pathspecs", "log", f"--since={int(since)}", *options, commit, "--", *paths)
    found: dict[str, int] = {}
    at = 0
    for field in told.split(b"\0"):
        if field.startswith(b"\x01"):
            at = int(field[1:])
        elif at > since and (name := os.fsdecode(field.removeprefix(b"\n"))):
            found.setdefault(name, at)
    return found


def line_counts(worktree: str, paths: list[str]) -> dict[str, tuple[int, int]]:
    """Return how many lines of `paths` were added and removed since HEAD; not of binary, new and unchanged files."""
    options = ("--no-ext-diff", "--no-textconv", "--no-renames", HERE, "--numstat", "-z", "HEAD", "--", *paths)
    found = {}
    for entry in run(worktree, "--literal-pathspecs", "diff", *options).split(b"\0"):
        added, _, rest = entry.partition(b"\t")
        removed, _, path = rest.partition(b"\t")
        if added.isdigit():
            found[os.fsdecode(path)] = (int(added), int(removed))
    return found


def dirty(worktree: str) -> set[str] | None:
    """Return the files that are not as HEAD has them, deleted and untracked ones included; None without git."""
    # New folders are listed apart: only so git uses the untracked cache, where a repository has it.
    status = _try(worktree, "status", "--porcelain", "-z", "--no-renames", HERE, "--untracked-files=normal")
    if status is None:
        return None
    found = {os.fsdecode(entry[3:]) for entry in status.split(b"\0") if entry}
    folders = [path for path in found if path.endswith("/")]
    if folders:
        new = run(worktree, "--literal-pathspecs", "ls-files", "--others", "--exclude-standard", "-z", "--", *folders)
        found |= {os.fsdecode(name) for name in new.split(b"\0") if name}
    return found.difference(folders)


def text_at(worktree: str, commit: str, path: str) -> bytes | None:
    """Return the text that a commit has of `path`, None when it has no such file."""
    return _try(worktree, "cat-file", "blob", f"{commit}:{path}")


def texts_at(worktree: str, commit: str, paths: Sequence[str]) -> dict[str, bytes | None] | None:
    """Return the text that a commit has of each file, None for one that it has not; None when git cannot tell.

    One run of git, whatever the number of files, and none for what a process asked before.
    """
    told = _objects(worktree, commit, paths)
    return None if told is None else {path: told[path] for path in paths}


def time_of(worktree: str, commit: str) -> int:
    """Return when a commit was made by its committer's date, in seconds since the epoch, 0 when git cannot tell."""
    text = (_objects(worktree, commit, ()) or {}).get("") or b""
    line = text.partition(b"\n\n")[0].rpartition(b"\ncommitter ")[2].split(b"\n")[0]
    told = line.rpartition(b"> ")[2].split(b" ")[0]
    return int(told) if told.isdigit() else 0


def commits_made(worktree: str, since: str, at: float) -> list[str]:
    """Return the commits made on HEAD after the commit `since` and the time `at`, oldest first.

    `at` is in seconds since the epoch. Merges and commits that another branch has are left out: their changes were
    made elsewhere.
    """
    current = run(worktree, "symbolic-ref", "--quiet", "--short", "HEAD").decode().strip()
    others = ("--not", since, *((f"--exclude={current}",) if current else ()), "--branches", "--remotes")
    options = ("--reverse", "--first-parent", "--no-merges", f"--since={int(at)}", "HEAD")
    return run(worktree, "rev-list", *options, *others).decode().split()


def paths_of(worktree: str, commit: str) -> list[str]:
    """Return the files that a commit changed, deleted ones included."""
    names = run(worktree, "diff-tree", "--root", "--no-commit-id", "--name-only", "--no-renames", "-r", "-z", commit)
    return [os.fsdecode(name) for name in names.split(b"\0") if name]


def head_of(worktree: str) -> str:
    """Return the commit that is checked out in the worktree, or "" when there is none.

    Reads the files that gitrepository-layout(5) names, without starting git where that is possible.
    """
    place = place_of(worktree)
    if place is None or not place.git:
        return ""
    found = _first_line(os.path.join(place.git, "HEAD"))
    for _ in range(5):  # git follows as many
        if not found.startswith("ref: "):
            break
        found = _reference(place, found[5:])
    if _is_hash(found):
        return found
    return run(worktree, "rev-parse", "--verify", "--quiet", "HEAD^{commit}").decode().strip()


def commit_of(worktree: str, name: str) -> str:
    """Return the commit that a branch, a tag or another name stands for, or "" when it stands for none."""
    return run(worktree, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}").decode().strip()


def worktrees(worktree: str) -> list[str]:
    """Return the real paths of the worktrees of the repository, itself included."""
    listed = run(worktree, "worktree", "list", "--porcelain", "-z").split(b"\0")
    return [os.path.realpath(os.fsdecode(line[9:])) for line in listed if line.startswith(b"worktree ")]


def changed_since(worktree: str, commit: str) -> list[str]:
    """Return the files that differ in the worktree from a commit, new ones included, ignored ones not."""
    options = ("--no-ext-diff", "--no-textconv", "--no-renames", HERE, "--name-only", "-z")
    changed = run(worktree, "diff", *options, commit)
    new = run(worktree, "ls-files", "--others", "--exclude-standard", "-z")
    return sorted({os.fsdecode(name) for name in (changed + new).split(b"\0") if name})


def changed_between(worktree: str, one: str, other: str) -> list[str]:
    """Return the files that differ between two commits."""
    names = run(worktree, "diff-tree", "--no-renames", "--name-only", "-r", "-z", one, other)
    return [os.fsdecode(name) for name in names.split(b"\0") if name]


def merge_base(worktree: str, one: str, other: str) -> str:
    """Return the best common ancestor of two commits, or "" when they have none."""
    return run(worktree, "merge-base", one, other).decode().strip()


def differing(worktree: str, commit: str, paths: list[str]) -> set[str] | None:
    """Return which of `paths` (relative to `worktree`) differ there from `commit`, files new since included.

    None when git cannot tell, as without git, without such a commit, or when the worktree is gone.
    """
    command = (
        "--literal-pathspecs",
        "diff",
        "--no-ext-diff",
        "--no-textconv",
        "--no-renames",
        HERE,
        "--name-only",
        "-z",
    )
    changed = _try(worktree, *command, commit, "--", *paths)
    new = _try(worktree, "--literal-pathspecs", "ls-files", "--others", "-z", "--", *paths)
    if changed is None or new is None:
        return None
    return {os.fsdecode(name) for name in (changed + new).split(b"\0") if name}


class Merged(NamedTuple):
    """What `git merge-file` makes of three texts: lines that conflict stand between the marks."""

    text: bytes
    conflicts: int


MARK_LENGTH = 83  # no text has such a line of its own
MARK_MINE = b"<" * MARK_LENGTH + b" mine"
MARK_BETWEEN = b"=" * MARK_LENGTH
MARK_THEIRS = b">" * MARK_LENGTH + b" theirs"


def merge_file(base: bytes, mine: bytes, theirs: bytes) -> Merged | None:
    """Return git's three-way merge of one file, or None when git cannot tell.

    Binary texts conflict as a whole: the merged text is then empty. Nothing is read from or written to a
    repository; the three texts lie in a temporary folder while git runs (3 ms).
    """
    import tempfile

    marks = ("-L", "mine", "-L", "base", "-L", "theirs", f"--marker-size={MARK_LENGTH}")
    command = (*QUIET, "-c", "merge.conflictStyle=merge", "merge-file", "-p", "-q", *marks, "mine", "base", "theirs")
    try:
        with tempfile.TemporaryDirectory(prefix="context-sync-") as folder:
            for name, text in (("mine", mine), ("base", base), ("theirs", theirs)):
                with open(os.path.join(folder, name), "wb") as stream:
                    stream.write(text)
            ended = programs.run(("git", "-C", folder, *command), _environment(), TIME_LIMIT)
    except OSError:
        return None
    if ended is None:
        return None
    if 0 <= ended.code <= 127:
        return Merged(ended.output, ended.code)
    binary = any(b"\0" in text[:8000] for text in (base, mine, theirs))  # git's own rule
    return Merged(b"", 1) if binary else None


def _try(worktree: str, *arguments: str, stdin: bytes = b"") -> bytes | None:
    if not worktree:
        return None
    command = ("git", "-C", worktree, *QUIET, *arguments)
    ended = programs.run(command, _environment() | _without_filters(worktree), TIME_LIMIT, stdin)
    return ended.output if ended and ended.code == 0 else None


def _objects(worktree: str, commit: str, paths: Iterable[str]) -> dict[str, bytes | None] | None:
    """Return the texts of the files in a commit, and the commit itself as "", None when git cannot tell."""
    known = _texts.get(commit, {})
    asked = [path for path in ("", *paths) if path not in known]
    told = _batch(worktree, commit, asked) if asked else {}
    if told is None:
        return None
    found = known | told
    if _is_hash(commit):  # a name may stand for another commit the next time
        _texts[commit] = found
    if sum(len(text or b"") for texts in _texts.values() for text in texts.values()) > MOST_KEPT:
        _texts.clear()
    return found


def _batch(worktree: str, commit: str, paths: list[str]) -> dict[str, bytes | None] | None:
    names = [path for path in paths if "\n" not in path]  # which the protocol of cat-file cannot name
    asked = [f"{commit}:".encode() + os.fsencode(path) if path else commit.encode() for path in names]
    told = _try(worktree, "cat-file", "--batch", stdin=b"".join(line + b"\n" for line in asked))
    if told is None:
        return None
    texts: dict[str, bytes | None] = dict.fromkeys(paths)
    position = 0
    for name in names:
        line_end = told.index(b"\n", position)
        header = told[position:line_end].split(b" ")
        position = line_end + 1
        if header[-1] != b"missing" and len(header) == 3:
            size = int(header[2])
            wanted = header[1] == (b"blob" if name else b"commit")
            texts[name] = told[position : position + size] if wanted else None
            position += size + 1
    return texts


@lru_cache(8)
def _without_filters(worktree: str) -> dict[str, str]:
    """Return what keeps git from running the filters that the repository configures; the person's own are run."""
    place = place_of(worktree)
    if place is None or not any(map(_may_filter, {place.repository, place.git})):
        return {}
    options = ("config", "--includes", "--show-scope", "-z", "--get-regexp", r"^filter\.")
    told = programs.run(("git", "-C", worktree, *QUIET, *options), _environment(), TIME_LIMIT)
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


_UNFILTERED = (("clean", ""), ("smudge", ""), ("process", ""), ("required", "false"))


def _may_filter(directory: str) -> bool:
    for name in ("config", "config.worktree"):
        try:
            text = regular_files.read(os.path.join(directory, name)).lower()
        except OSError:
            continue
        if b"filter" in text or b"include" in text:
            return True
    return False


def _environment() -> dict[str, str]:
    # A hook may run inside `git commit`, whose GIT_DIR and GIT_INDEX_FILE name another repository.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_CEILING_DIRECTORIES"):
        if name in os.environ:
            kept[name] = os.environ[name]
    # A partial clone has not every text: what is missing is not fetched for us. Git before 2.45 knows only the latter.
    alone = {"GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": ""}
    return kept | alone | {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}


def _git_directory(marker: str) -> str:
    if os.path.isdir(marker):
        return os.path.realpath(marker) if os.path.isfile(os.path.join(marker, "HEAD")) else ""
    line = _first_line(marker)
    if not line.startswith("gitdir: "):
        return ""
    directory = os.path.realpath(os.path.join(os.path.dirname(marker), line[8:]))
    return directory if os.path.isdir(directory) else ""


def _common_directory(directory: str) -> str:
    common = _first_line(os.path.join(directory, "commondir"))
    return os.path.realpath(os.path.join(directory, common)) if common else directory


def _first_line(path: str) -> str:
    try:
        return os.fsdecode(regular_files.read(path, 4096).partition(b"\n")[0].rstrip(b"\r"))
    except (OSError, ValueError):
        return ""


def _reference(place: Place, name: str) -> str:
    for directory in (place.git, place.repository):
        found = _first_line(os.path.join(directory, name))
        if found:
            return found
    try:
        packed = regular_files.read(os.path.join(place.repository, "packed-refs"), 1 << 28)
    except OSError:
        return ""
    wanted = b" " + os.fsencode(name)
    return next(
        (line[: -len(wanted)].decode("ascii", "replace") for line in packed.split(b"\n") if line.endswith(wanted)), ""
    )


def _is_hash(text: str) -> bool:
    return len(text) in (40, 64) and set(text) <= _HEXADECIMAL


_HEXADECIMAL = frozenset("0123456789abcdef")
