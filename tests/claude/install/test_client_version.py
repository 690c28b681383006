from pathlib import Path

import pytest

from context_sync.claude.install import client_version
from tests.cli.machine import program
from tests.client import install
from tests.rehearse import CHECKOUT


def test_the_tested_version_is_the_one_that_the_tests_run():
    tested = client_version.text_of(client_version.TESTED)

    assert tested == install.VERSION
    assert f"Claude Code {tested}" in (CHECKOUT / "README.md").read_text()


@pytest.mark.parametrize(
    ("text", "version"),
    [
        pytest.param("echo '2.1.328 (Claude Code)'", (2, 1, 328), id="as Claude Code prints it"),
        pytest.param("echo 2.10.0", (2, 10, 0), id="two digits"),
        pytest.param("echo unknown", (), id="no version"),
        pytest.param("printf '\\377'", (), id="no text"),
        pytest.param("exit 1", (), id="a failure"),
        pytest.param('test "$CONTEXT_SYNC" = 0 && echo 1.2.3', (1, 2, 3), id="with our hooks off"),
    ],
)
def test_a_version_is_three_numbers(tmp_path: Path, text: str, version: client_version.Version):
    assert client_version.version_of(str(program(tmp_path / "claude", text))) == version


def test_a_client_that_hangs_has_no_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(client_version, "TIMEOUT", 0.1)

    assert client_version.version_of(str(program(tmp_path / "claude", "exec sleep 60"))) == ()


def test_a_missing_client_has_no_version(tmp_path: Path):
    assert client_version.version_of(str(tmp_path / "claude")) == ()


def test_the_client_is_found_on_path_or_where_its_installer_puts_it(
    isolated_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    nothing = client_version.command()
    (isolated_home / ".local" / "bin").mkdir(parents=True)
    local = program(isolated_home / ".local" / "bin" / "claude", "true")
    fallback = client_version.command()
    first = program(tmp_path / "bin" / "claude", "true")

    assert (nothing, fallback, client_version.command()) == ("", str(local), str(first))
