from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.cli import stage
from tests.cli.stage import Stage


@pytest.fixture
def the_stage(isolated_home: Path) -> Iterator[Stage]:
    with ExitStack() as cast:
        yield Stage(isolated_home, cast)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return stage.repository(tmp_path / "shop")
