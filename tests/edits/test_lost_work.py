"""What a session takes out of a checkout that another had not committed."""

from pathlib import Path

from tests.rehearse import Client
from tests.scenes import bash


def test_an_edit_that_takes_another_s_work_away_is_reported(two: tuple[Client, Client], project: Path):
    first, second = two
    first.edit(project / "calc.py", "a + b", "b + a")
    second.edit(project / "calc.py", "b + a", "a + b")
    assert "discarded uncommitted changes" in first.prompt().context
    assert first.prompt().context == ""


def test_a_loss_is_reported_also_when_the_same_command_writes_another_file(two: tuple[Client, Client], project: Path):
    first, second = two
    first.edit(project / "calc.py", "a + b", "b + a")
    bash(
        second,
        "git checkout -q -- calc.py && printf 'from calc import add\n\n\ndef more(a):\n    add(a, a)\n' >more.py",
    )
    assert "discarded uncommitted changes" in first.prompt().context
