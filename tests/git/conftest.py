from pathlib import Path

import pytest

from tests.git.stage import CALC, commit
from tests.rehearse import git as run


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    run(folder, "init", "--quiet")
    (folder / "sub").mkdir()
    (folder / "calc.py").write_text(CALC)
    (folder / "sub" / "calc.py").write_text(CALC)
    commit(folder, "first")
    return folder


@pytest.fixture
def worktree(project: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "feature"
    run(project, "worktree", "add", "--quiet", "-b", "topic/feature", str(folder))
    return folder
