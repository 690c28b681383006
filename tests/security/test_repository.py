import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from context_sync.git import checkouts, commits, differences, objects, refs
from tests.rehearse import CALC, Client, encoded, log
from tests.rehearse import git as run
from tests.security.traps import sprung

MakeClient = Callable[..., Client]
Trap = Callable[[Path, Path], None]


def attributes(project: Path, line: str) -> None:
    with (project / ".git" / "info" / "attributes").open("a") as stream:
        stream.write(line + "\n")


def setting(name: str, value: str = "{trap}") -> Trap:
    return lambda project, trap: run(project, "config", name, value.format(trap=trap)) and None


def filtering(key: str) -> Trap:
    def lay(project: Path, trap: Path) -> None:
        attributes(project, "*.py filter=trap")
        run(project, "config", f"filter.trap.{key}", str(trap))

    return lay


def included_filter(project: Path, trap: Path) -> None:
    attributes(project, "*.py filter=in.cluded")
    (project / ".git" / "more").write_text(f'[filter "in.cluded"]\n\tclean = {trap}\n')
    run(project, "config", "include.path", "more")


def driver(key: str) -> Trap:
    def lay(project: Path, trap: Path) -> None:
        attributes(project, "*.py diff=trap")
        run(project, "config", f"diff.trap.{key}", str(trap))

    return lay


def signed_commit(project: Path, trap: Path) -> None:
    run(project, "config", "gpg.program", str(trap))
    run(project, "config", "log.showSignature", "true")
    commit = run(project, "cat-file", "commit", "HEAD")
    signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n iQ==\n -----END PGP SIGNATURE-----\n"
    forged = commit.replace("\n\n", "\n" + signature + "\n", 1)
    command = ["git", "hash-object", "-t", "commit", "-w", "--stdin"]
    made = subprocess.run(command, cwd=project, input=forged, text=True, capture_output=True, check=True).stdout.strip()
    run(project, "update-ref", "HEAD", made)


def git_hook(project: Path, trap: Path) -> None:
    (project / ".git" / "hooks").mkdir(exist_ok=True)
    (project / ".git" / "hooks" / "post-index-change").symlink_to(trap)


def missing_text(project: Path, trap: Path) -> None:
    """A partial clone whose remote is a program."""
    name = run(project, "rev-parse", "HEAD:calc.py").strip()
    (project / ".git" / "objects" / name[:2] / name[2:]).unlink()
    for key, value in {
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "origin",
        "remote.origin.url": f"ext::{trap}",
        "remote.origin.promisor": "true",
        "protocol.ext.allow": "always",
    }.items():
        run(project, "config", key, value)


def submodule(project: Path, trap: Path) -> None:
    inner = project / "lib"
    run(project, "clone", "--quiet", str(project), str(inner))
    run(project, "-c", "advice.addEmbeddedRepo=false", "add", "lib")
    run(project, "commit", "--quiet", "--message=lib")
    run(inner, "config", "core.fsmonitor", str(trap))
    filtering("clean")(inner, trap)


# Has git write its index again, whatever the second in which the file was added.
AS_COMMITTED = "git show HEAD:calc.py >calc.py; touch -t 200001010000 calc.py"

# What a repository may hold, and what springs the trap in it.
TRAPS = [
    pytest.param(setting("core.fsmonitor"), "git status", id="a monitor of files"),
    pytest.param(git_hook, f"{AS_COMMITTED}; git status", id="a hook of git"),
    pytest.param(setting("diff.external"), "git diff", id="an external diff"),
    pytest.param(driver("command"), "git diff", id="a diff of its own for some files"),
    pytest.param(driver("textconv"), "git diff", id="a conversion before a diff"),
    pytest.param(filtering("clean"), "touch calc.py; git status", id="a filter of what is committed"),
    pytest.param(filtering("process"), "touch calc.py; git status", id="a filter that keeps running"),
    pytest.param(included_filter, "touch calc.py; git status", id="a filter in an included file"),
    pytest.param(signed_commit, "git log -1 calc.py", id="a check of signatures"),
    pytest.param(missing_text, "git cat-file -p HEAD:calc.py", id="a program to fetch from"),
    pytest.param(submodule, "touch lib/calc.py; git status", id="a submodule"),
]


@pytest.mark.parametrize(("lay", "spring"), TRAPS)
def test_nothing_that_a_repository_holds_is_run(client: MakeClient, project: Path, trap: Path, lay: Trap, spring: str):
    (project / ".git" / "info").mkdir(exist_ok=True)
    lay(project, trap)
    first, second = client(), client()
    for each in (first, second):
        each.start()
    first.edit(project / "calc.py", "a + b", "b + a")
    second.edit(project / "calc.py", "b + a", "b * a")  # of one size: git has to look into it
    attempt = {"file_path": str(project / "calc.py"), "old_string": "b * a", "new_string": "0"}
    first.event("PreToolUse", tool_name="Edit", tool_use_id="toolu_1", tool_input=attempt)
    for each in (first, second):
        each.prompt()
        each.batch()
        each.stop()
    first.event("PostToolUse", tool_name="Bash", tool_use_id="toolu_2", tool_input={"command": "true"})
    look_at(project)
    first.end()
    assert log() == ""
    assert not sprung(trap)
    (project / "calc.py").write_text(CALC.replace("a + b", "a * b"))
    environment = {**os.environ, "GIT_CONFIG_COUNT": "0", "GIT_PAGER": "cat"}
    subprocess.run(["sh", "-c", spring], cwd=project, env=environment, capture_output=True, check=False, timeout=60)
    assert sprung(trap), "there was no danger"


def look_at(project: Path) -> None:
    """Ask git everything that it is ever asked."""
    worktree, paths = str(project), ["calc.py"]
    head = refs.head_of(worktree)
    for _ in (
        differences.uncommitted(worktree, paths),
        differences.dirty(worktree),
        differences.differing(worktree, head, paths),
        differences.line_counts(worktree, paths),
        differences.changed_since(worktree, head),
        commits.last_commits(worktree, head, paths, 0.0),
        objects.texts_at(worktree, head, paths),
        objects.text_at(worktree, "HEAD", "calc.py"),
        commits.commits_made(worktree, head, 0.0),
        commits.paths_of(worktree, head),
        refs.worktrees(worktree),
        commits.merge_base(worktree, head, head),
        refs.commit_of(worktree, "main"),
    ):
        pass


def test_the_filters_of_the_user_are_run(project: Path, trap: Path):
    with Path(os.environ["GIT_CONFIG_GLOBAL"]).open("a") as stream:
        stream.write(f'[filter "lfs"]\n\tclean = {trap}\n')
    (project / ".gitattributes").write_text("*.py filter=lfs\n")
    (project / "calc.py").write_text(CALC.replace("a + b", "a * b"))
    differences.uncommitted(str(project), ["calc.py"])
    assert sprung(trap)


@pytest.mark.parametrize("name", ["git", "dd", "sh", "cat", "python3", "rm"])
def test_a_program_in_the_working_folder_is_never_run(
    client: MakeClient, project: Path, trap: Path, name: str, monkeypatch: pytest.MonkeyPatch
):
    (project / name).symlink_to(trap)
    monkeypatch.setenv("PATH", f".:{os.environ['PATH']}")
    first, second = client(), client()
    for each in (first, second):
        each.start()
    first.edit(project / "calc.py", "a + b", "b + a")
    attempt = {"file_path": str(project / "calc.py"), "old_string": "b + a", "new_string": "0"}
    assert b'"deny"' in second.event("PreToolUse", tool_name="Edit", tool_use_id="t", tool_input=attempt).output
    first.event("PostToolUse", tool_name="Bash", tool_use_id="toolu_2", tool_input={"command": "true"})
    assert not sprung(trap)
    subprocess.run(["/bin/sh", "-c", name], cwd=project, check=False, capture_output=True, stdin=subprocess.DEVNULL)
    assert sprung(trap), "there was no danger"


STRANGE = [
    pytest.param(lambda path: os.mkfifo(path), id="a pipe that nobody writes to"),
    pytest.param(lambda path: path.symlink_to("/dev/zero"), id="a link to what has no end"),
    pytest.param(lambda path: path.symlink_to("/proc/self/mem"), id="a link to memory"),
    pytest.param(lambda path: path.symlink_to(path.name), id="a link to itself"),
    pytest.param(lambda path: path.mkdir(), id="a folder"),
    pytest.param(
        lambda path: os.truncate(os.open(path, os.O_CREAT | os.O_WRONLY), 1 << 40), id="a terabyte of nothing"
    ),
]


@pytest.mark.parametrize("make", STRANGE)
def test_what_is_no_file_stops_no_hook(client: MakeClient, project: Path, make: Callable[[Path], object]):
    first, second = client(), client()
    for each, old, new in ((first, "a + b", "b + a"), (second, "b + a", "a + b + 0")):
        each.start()
        each.edit(project / "calc.py", old, new)
    attempt = {"file_path": str(project / "calc.py"), "old_string": "a + b + 0", "new_string": "0"}
    first.event("PreToolUse", tool_name="Bash", tool_input={"command": "evil"})
    (project / "calc.py").unlink()
    make(project / "calc.py")
    make(project / "new.py")
    began = time.monotonic()
    first.event("PostToolUse", tool_name="Bash", tool_use_id="toolu_2", tool_input={"command": "evil"})
    for each in (first, second):
        each.event("PreToolUse", tool_name="Edit", tool_use_id="toolu_1", tool_input=attempt)
        assert (each.prompt().code, each.batch().code, each.stop().code) == (0, 0, 0)
    assert log() == ""
    assert time.monotonic() - began < 300


@pytest.mark.parametrize("make", STRANGE[:-1])  # the last one is read until the hook's time is over
def test_a_transcript_that_is_no_file_stops_no_hook(client: MakeClient, tmp_path: Path, make: Callable[[Path], object]):
    someone = client()
    make(tmp_path / "talk.jsonl")
    where = {"transcript_path": str(tmp_path / "talk.jsonl")}
    began = time.monotonic()
    for event in ("SessionStart", "UserPromptSubmit", "PostToolUse", "Stop", "SessionEnd"):
        heard = someone.event(event, **where, source="resume", tool_name="Bash", tool_input={"command": "true"})
        assert heard.code == 0
    assert log() == ""
    assert time.monotonic() - began < 300


def test_a_repository_of_another_user_is_left_to_its_owner(client: MakeClient, project: Path):
    if os.geteuid():
        pytest.skip("only root can give a repository to another user")
    for path in (project, *project.rglob("*")):
        os.lchown(path, 12345, 12345)
    first, second = client(), client()
    for each, old, new in ((first, "a + b", "b + a"), (second, "b + a", "a + b + 0")):
        each.start()
        each.edit(project / "calc.py", old, new)
    assert differences.dirty(str(project)) is None, "git trusts it"
    assert "`add` in calc.py" in first.batch().context
    assert log() == ""


def test_the_name_of_a_branch_is_no_option(project: Path):
    (project / ".git" / "HEAD").write_text("ref: refs/heads/--upload-pack=evil\n")
    place = checkouts.checkout_of(str(project))
    assert place
    assert refs.branch_of(place) == "--upload-pack=evil"
    assert refs.commit_of(str(project), "--help") == ""


def test_a_payload_that_names_paths_elsewhere_reads_none(client: MakeClient, project: Path):
    someone, other = client(), client()
    for each in (someone, other):
        each.start()
    attempt = {"file_path": "/proc/self/environ", "old_string": "HOME", "new_string": "0"}
    payload = someone.payload("PreToolUse", tool_name="Edit", tool_use_id="toolu_1", tool_input=attempt)
    other.edit(project / "calc.py", "a + b", "b + a")
    assert someone.send("PreToolUse", encoded(payload)).quiet
