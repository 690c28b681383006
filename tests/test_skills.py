import re

import click
import pytest

from context_sync.cli import main
from tests.rehearse import CHECKOUT

SKILLS = sorted(path.parent.name for path in (CHECKOUT / "skills").glob("*/SKILL.md"))
LONGEST = 300  # characters of a description, which stands in the context of every session


def parts(name: str) -> tuple[dict[str, str], str]:
    """Return what stands at the top of a skill by its keys, and its body."""
    _, top, body = (CHECKOUT / "skills" / name / "SKILL.md").read_text().split("---\n", 2)
    return dict(line.split(": ", 1) for line in top.splitlines()), body


def commands(text: str) -> list[list[str]]:
    """Return the words of each `context-sync` command that a text names."""
    return [each.split() for each in re.findall(r"`context-sync ([^`]+)`", text)]


@pytest.mark.parametrize("name", SKILLS)
def test_a_skill_says_in_short_when_it_is_of_use(name: str):
    top, _ = parts(name)
    assert top["name"] == name
    assert "Use when " in top["description"]
    assert len(top["description"]) < LONGEST


@pytest.mark.parametrize("name", SKILLS)
def test_a_skill_names_commands_that_there_are_and_asks_for_no_other_permission(name: str):
    top, body = parts(name)
    allowed = re.findall(r"Bash\(context-sync (\w+):\*\)", top["allowed-tools"])
    assert top["allowed-tools"] == ", ".join(f"Bash(context-sync {each}:*)" for each in allowed)
    assert set(allowed) <= set(main.COMMANDS)
    assert {words[0] for words in commands(body)} <= {*allowed, "send"}
    for command, *words in commands(body):
        found = main.commands.get_command(click.Context(main.commands), command)
        assert found
        known = {option for each in found.params for option in each.opts}
        assert {word for word in words if word.startswith("--")} <= known


def test_there_is_one_for_each_thing_to_do():
    assert SKILLS == ["inbox", "resolve", "send", "sessions"]
