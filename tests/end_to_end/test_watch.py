from pathlib import Path

import pytest

from tests.client.api import MessagesAPI
from tests.client.environment import Home
from tests.client.session import Session
from tests.end_to_end.stage import context_sync, edits, recorded, written

pytestmark = pytest.mark.client


def test_the_picture_shows_real_sessions_what_they_do_and_where_they_conflict(
    client: Path, api: MessagesAPI, home: Home, project: Path
):
    with (
        Session(client, home, project, options=("--name", "sums")) as first,
        Session(client, home, project, options=("--name", "zero")) as second,
    ):
        api.script(first.id, *edits(project / "calc.py", "a + b", "b + a"))
        first.ask("turn the sum around")
        recorded(home, first.id)
        api.script(second.id, *edits(project / "calc.py", "b + a", "a + b + 0", attempts=2))
        second.ask("add nothing to the sum")
        recorded(home, second.id)
        written(home, first.id, "turn the sum around")
        written(home, second.id, "add nothing to the sum")
        lines = context_sync(home, "watch", "--once").splitlines()
    assert lines[0] == "2 live sessions · 1 conflict"
    shown = "\n".join(lines)
    for words in ("sums", "zero", "turn the sum", "add nothing", "main", "symbol      add in calc.py"):
        assert words in shown, shown
    assert "sums ↔ zero" in shown or "zero ↔ sums" in shown  # the one that began first comes first
