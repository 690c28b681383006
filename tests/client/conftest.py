import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.client.api import MessagesAPI
from tests.client.environment import Home
from tests.client.install import find, install


@pytest.fixture(scope="session")
def client() -> Path:
    try:
        return find() or install()
    except RuntimeError as error:
        if "CI" in os.environ:
            raise
        pytest.skip(f"the real client is missing: {error}")


@pytest.fixture
def api() -> Iterator[MessagesAPI]:
    with MessagesAPI() as server:
        yield server


@pytest.fixture
def home(tmp_path: Path, api: MessagesAPI) -> Home:
    folder = tmp_path / "home"
    folder.mkdir()
    return Home(folder, api.url)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder
