from pathlib import Path

import pytest

from tests.client.api import MessagesAPI, step, text
from tests.client.environment import Home
from tests.client.session import Session
from tests.end_to_end.stage import ALERT, edit, edits, read, recorded, touches

pytestmark = pytest.mark.client


def test_first_attempt_is_denied_with_the_facts_and_the_retry_passes(
    client: Path, api: MessagesAPI, home: Home, project: Path
) -> None:
    calc = project / "calc.py"
    with Session(client, home, project) as first, Session(client, home, project) as second:
        api.script(first.id, *edits(calc, "a + b", "b + a"))
        first.ask("turn the sum around")
        recorded(home, first.id)

        attempt = edit(calc, "b + a", "sum((a, b))")
        api.script(second.id, step(read(calc)), step(attempt), step(attempt), step(text("Changed.")))
        second.ask("use sum")

        reason = api.context(second.id, 2)
        assert f'`add` in calc.py: session "project-{first.id[:4]}" (branch main, in the same checkout)' in reason
        assert "-    return a + b\n    +    return b + a" in reason
        assert "The same edit will go through on the next attempt." in reason
        assert "updated successfully" in api.context(second.id, 3)
        assert "return sum((a, b))" in calc.read_text()
        recorded(home, second.id)
        second.ask("anything new?")
        assert "\n".join(api.requests(second.id)[-1].texts()).count(ALERT) == 1
        first.ask("and now?")
        assert "\n".join(api.requests(first.id)[-1].texts()).count(ALERT) == 1
        assert [each["tool"] for each in touches(home, second.id)] == ["Edit"]


def test_another_function_of_a_held_file_is_not_denied(
    client: Path, api: MessagesAPI, home: Home, project: Path
) -> None:
    calc = project / "calc.py"
    with Session(client, home, project) as first, Session(client, home, project) as second:
        api.script(first.id, *edits(calc, "a + b", "b + a"))
        first.ask("turn the sum around")
        recorded(home, first.id)
        api.script(second.id, *edits(calc, "a - b", "-b + a"))
        second.ask("turn the difference around")
        assert "updated successfully" in api.context(second.id, 2)
