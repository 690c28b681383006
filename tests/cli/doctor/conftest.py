from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from context_sync.cli import main
from tests.cli import machine, stage
from tests.cli.doctor.faults import Ground
from tests.cli.stage import Stage, edit


@pytest.fixture(autouse=True)
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on PATH."""
    folder = machine.tools(tmp_path / "tools")
    monkeypatch.setenv("PATH", str(folder))
    return folder


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the doctor is asked."""
    where = stage.repository(tmp_path / "shop")
    monkeypatch.chdir(where)
    return where


@pytest.fixture
def installed(isolated_home: Path, folder: Path) -> Iterator[Stage]:
    """Hooks that are registered and have run."""
    main.commands.main(["init", "--statusline"], standalone_mode=False)
    with ExitStack() as cast:
        the_stage = Stage(isolated_home, cast)
        edit(the_stage.enter("one", folder), "invoice.py", "return 1", "return 10")
        yield the_stage


@pytest.fixture
def ground(isolated_home: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ground:
    (tmp_path / "spare").mkdir()
    return Ground(isolated_home, folder, tmp_path / "spare", monkeypatch)
