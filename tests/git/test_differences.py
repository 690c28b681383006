import subprocess
from pathlib import Path

import pytest

from context_sync.git import commits, differences, refs
from tests.git.stage import commit
from tests.rehearse import git as run

UNCOMMITTED = [
    pytest.param("true", set(), id="untouched"),
    pytest.param("echo x >> calc.py", {"calc.py"}, id="changed"),
    pytest.param("echo x >> calc.py; git add calc.py", {"calc.py"}, id="changed and staged"),
    pytest.param("echo x >> calc.py; git commit -qam x", set(), id="changed and committed"),
    pytest.param("echo x >> calc.py; git checkout -q calc.py", set(), id="changed and reverted"),
    pytest.param("echo x >> calc.py; git stash -q", set(), id="changed and put away"),
    pytest.param("touch calc.py", set(), id="only its time changed"),
    pytest.param("chmod +x calc.py", {"calc.py"}, id="only its mode changed"),
    pytest.param("rm calc.py", {"calc.py"}, id="deleted"),
    pytest.param("git rm -q calc.py", {"calc.py"}, id="deleted and staged"),
    pytest.param("git rm -q calc.py; git commit -qm x", set(), id="deleted and committed"),
    pytest.param("git mv calc.py moved.py", {"calc.py", "moved.py"}, id="renamed"),
    pytest.param("echo x > new.py", {"new.py"}, id="new"),
    pytest.param("echo x > new.py; rm new.py", set(), id="new and gone"),
    pytest.param("echo '*.log' > .gitignore; echo x > a.log", {"a.log"}, id="ignored"),
    pytest.param("mkdir d; echo x > d/deep.py", {"d/deep.py"}, id="new in a new folder"),
    pytest.param("echo x > '[a].py'", {"[a].py"}, id="a name like a pattern"),
    pytest.param("echo x > ':(top)x'", {":(top)x"}, id="a name like a path of git"),
    pytest.param("echo x > 'größe \"x\".py'", {'größe "x".py'}, id="a name to be quoted"),
]


ASKED = ["calc.py", "moved.py", "new.py", "a.log", "d/deep.py", "[a].py", ":(top)x", 'größe "x".py', "never.py"]


@pytest.mark.parametrize(("change", "uncommitted"), UNCOMMITTED)
def test_what_is_not_as_head_has_it(project: Path, change: str, uncommitted: set[str]):
    subprocess.run(["bash", "-c", change], cwd=project, check=True)
    assert differences.uncommitted(str(project), ASKED) == uncommitted


@pytest.mark.parametrize(("change", "uncommitted"), UNCOMMITTED)
def test_what_is_dirty_is_the_same_but_for_what_is_ignored(project: Path, change: str, uncommitted: set[str]):
    subprocess.run(["bash", "-c", change], cwd=project, check=True)
    assert differences.dirty(str(project)) == uncommitted - {"a.log"} | (
        {".gitignore"} if "gitignore" in change else set()
    )


def test_another_file_of_the_same_name_does_not_count(project: Path):
    (project / "sub" / "calc.py").write_text("changed")
    assert differences.uncommitted(str(project), ["calc.py"]) == set()
    assert differences.uncommitted(str(project), ["sub/calc.py"]) == {"sub/calc.py"}


def test_how_many_lines_changed(project: Path):
    (project / "calc.py").write_text("one\nTWO\nthree\n")
    (project / "binary").write_bytes(b"\0\0")
    run(project, "add", "binary")
    assert differences.line_counts(str(project), ["calc.py", "sub/calc.py", "binary"]) == {"calc.py": (1, 3)}


def test_what_differs_from_a_commit(project: Path):
    base = refs.head_of(str(project))
    (project / "calc.py").write_text("committed")
    commit(project, "second")
    (project / "new.py").write_text("untracked")
    paths = ["calc.py", "sub/calc.py", "new.py", "never.py"]
    assert differences.differing(str(project), base, paths) == {"calc.py", "new.py"}
    assert differences.differing(str(project), "HEAD", paths) == {"new.py"}
    assert differences.differing(str(project), "0" * 40, paths) is None
    assert differences.changed_since(str(project), base) == ["calc.py", "new.py"]
    assert differences.changed_between(str(project), base, "HEAD") == ["calc.py"]
    assert commits.paths_of(str(project), "HEAD") == ["calc.py"]
    assert commits.paths_of(str(project), base) == ["calc.py", "sub/calc.py"]
