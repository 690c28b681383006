import os
import subprocess
from pathlib import Path

from context_sync.git import commits, objects, refs
from tests.git.stage import commit
from tests.rehearse import git as run


def test_the_last_commit_of_each_file(project: Path):
    def committed(since: float = 1e9) -> dict[str, int]:
        return commits.last_commits(
            str(project), refs.head_of(str(project)), ["calc.py", "sub/calc.py", "never.py"], since
        )

    first = objects.time_of(str(project), "HEAD")
    assert first == int(run(project, "log", "-1", "--format=%ct"))
    assert committed() == {"calc.py": first, "sub/calc.py": first}
    (project / "calc.py").write_text("changed\n")
    dated(project, first + 100)
    assert committed() == {"calc.py": first + 100, "sub/calc.py": first}
    assert committed(first + 50.5) == {"calc.py": first + 100}
    (project / "calc.py").write_text("not committed\n")
    assert committed(first + 100.5) == {}
    assert objects.time_of(str(project), refs.head_of(str(project))) == first + 100


def test_no_time_is_read_as_a_date_of_today(project: Path):
    base, long_ago = refs.head_of(str(project)), objects.time_of(str(project), "HEAD") - 10_000_000
    (project / "calc.py").write_text("changed\n")
    dated(project, long_ago)
    assert commits.last_commits(str(project), "HEAD", ["calc.py"], 0.0) == {"calc.py": long_ago}
    assert commits.commits_made(str(project), base, 0.0) == [refs.head_of(str(project))]


def test_a_file_of_a_merge_was_last_committed_where_it_was_changed(project: Path):
    first = objects.time_of(str(project), "HEAD")
    run(project, "checkout", "--quiet", "-b", "side")
    (project / "calc.py").write_text("side\n")
    dated(project, first + 10)
    run(project, "checkout", "--quiet", "main")
    (project / "sub" / "calc.py").write_text("main\n")
    dated(project, first + 20)
    run(project, "merge", "--quiet", "--no-edit", "side")
    found = commits.last_commits(str(project), "HEAD", ["calc.py", "sub/calc.py"], 1e9)
    assert found == {"calc.py": first + 10, "sub/calc.py": first + 20}


def dated(folder: Path, at: int) -> None:
    """Commit everything, at the given time."""
    command = ["git", "commit", "--quiet", "--all", "--message=dated"]
    subprocess.run(command, cwd=folder, env=os.environ | {"GIT_COMMITTER_DATE": f"@{at} +0000"}, check=True)


def test_the_common_ancestor_of_two_branches(project: Path, worktree: Path):
    base = refs.head_of(str(project))
    here, there = commit(project, "here"), commit(worktree, "there")
    assert commits.merge_base(str(project), here, there) == base
    assert refs.head_of(str(worktree)) == there
    assert refs.commit_of(str(project), "topic/feature") == there
    assert refs.commit_of(str(project), "no-such-branch") == ""
    assert refs.commit_of(str(project), "--all") == ""
    assert sorted(refs.worktrees(str(worktree))) == sorted([str(project), str(worktree)])
    run(project, "checkout", "--quiet", "--orphan", "unrelated")
    assert commits.merge_base(str(project), commit(project, "unrelated"), there) == ""


def test_only_the_commits_that_were_made_here_are_returned(project: Path, worktree: Path):
    since = refs.head_of(str(project))
    elsewhere = commit(worktree, "elsewhere")
    before = objects.time_of(str(project), since) - 60
    mine = [commit(project, "one"), commit(project, "two")]
    assert commits.commits_made(str(project), since, before) == mine
    assert commits.commits_made(str(project), mine[0], before) == mine[1:]
    assert commits.commits_made(str(project), since, objects.time_of(str(project), mine[1]) + 60) == []
    run(project, "merge", "--quiet", "--no-edit", "topic/feature")
    assert elsewhere not in commits.commits_made(str(project), since, before)
