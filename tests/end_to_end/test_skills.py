from pathlib import Path

import pytest

from tests.client.api import MessagesAPI, step, text, tool
from tests.client.environment import Home
from tests.client.session import Session
from tests.end_to_end.stage import edits, made, recorded, until

pytestmark = pytest.mark.client

MOST_LISTED = 1000  # characters that the skills add to every session's context, about 200 tokens


def skill(name: str, arguments: str = ""):
    return tool("Skill", skill=f"context-sync:{name}", args=arguments)


def test_the_client_lists_the_skills_and_they_run_the_right_commands_without_asking(
    client: Path, api: MessagesAPI, clean_home: Home, project: Path, root: Path, path: dict[str, str]
):
    options = ("--plugin-dir", str(root), "--allowedTools", "Skill")
    with Session(client, clean_home, project, "hello", options=options, environment=path) as first:
        first.finish()
    until(lambda: made(clean_home), "the environment")
    with (
        Session(client, clean_home, project, options=(*options, "--name", "sums"), environment=path) as sums,
        Session(client, clean_home, project, options=(*options, "--name", "zero"), environment=path) as zero,
    ):
        zero.ask("hello")
        api.script(sums.id, *edits(project / "calc.py", "a + b", "b + a"))
        sums.ask("turn the sum around")
        recorded(clean_home, sums.id)
        api.script(
            sums.id,
            step(skill("sessions")),
            step(skill("send", "zero I take add.")),
            step(tool("Bash", command='context-sync send zero "I take add."', description="send")),
            step(skill("resolve")),
            step(tool("Bash", command="context-sync resolve calc.py", description="resolve")),
            step(text("All done.")),
        )
        sums.ask("what do the others do? Tell zero that I take add.")
        context = [api.context(sums.id, request) for request in range(-5, 0)]
        assert "2 Claude Code sessions are live, without conflicts." in context[0]
        assert "context-sync send NAME" in context[1]
        assert 'for session "zero", which reads it with its next step or prompt.' in context[2]
        assert "context-sync resolve FILE..." in context[3]
        assert "Resolved calc.py." in context[4]
        zero.ask("/context-sync:inbox")
        assert "> I take add." in api.context(zero.id)

    listed = [
        line for each in api.requests(sums.id)[0].texts() for line in each.splitlines() if "- context-sync:" in line
    ]
    assert [line.split(":")[1] for line in listed] == ["inbox", "resolve", "send", "sessions"]
    assert sum(map(len, listed)) < MOST_LISTED
