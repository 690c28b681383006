import os
from pathlib import Path

import pytest

from context_sync import config
from context_sync.config import Config


def written(home: Path, text: str) -> Config:
    file = home / ".config" / "context-sync" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    return config.read()


def test_without_a_file_everything_is_as_it_is_by_default() -> None:
    assert config.read() == Config()


def test_every_key_can_be_set(isolated_home: Path) -> None:
    text = 'guard = "off"\nwake = "none"\nsummary = "off"\nsummary_model = "opus"\nsummary_command = "/opt/claude"\n'
    assert written(isolated_home, text) == Config(
        guard="off", wake="none", summary="off", summary_model="opus", summary_command="/opt/claude"
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param('guard = "maybe"', "guard is 'maybe', not one of off, notify", id="a choice that is none"),
        pytest.param("summary = false", "summary is False, not one of claude, off.", id="not a text"),
        pytest.param("summary_model = 3", "summary_model is 3, not a text in quotation marks.", id="a number"),
        pytest.param('sumary = "off"', "there is no key `sumary`.", id="an unknown key"),
        pytest.param("summary =", "cannot be read", id="broken"),
        pytest.param("keep_days = 0", "keep_days is 0, not a whole number from 1 to", id="a number too small"),
        pytest.param("keep_days = true", "keep_days is True, not a whole number", id="no number"),
    ],
)
def test_what_is_not_understood_is_left_out_and_reported(isolated_home: Path, text: str, problem: str) -> None:
    found = written(isolated_home, text)
    assert found._replace(problems=()) == Config()
    (context,) = found.problems
    assert problem in context


def test_what_is_no_file_is_not_waited_for(isolated_home: Path) -> None:
    folder = isolated_home / ".config" / "context-sync"
    folder.mkdir(parents=True)
    os.mkfifo(folder / "config.toml")
    found = config.read()
    assert found._replace(problems=()) == Config()
    assert "cannot be read" in found.problems[0]
