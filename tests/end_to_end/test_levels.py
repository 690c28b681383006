from pathlib import Path

import pytest

from tests.client.api import MessagesAPI
from tests.client.environment import Home
from tests.client.session import Session
from tests.end_to_end.stage import ALERT, edits, git, recorded, status, touches

pytestmark = pytest.mark.client


def context(api: MessagesAPI, session: Session) -> str:
    return "\n".join(api.requests(session.id)[-1].texts())


def run(home: Home, api: MessagesAPI, session: Session, path: Path, old: str, new: str, attempts: int = 1) -> None:
    before = len(touches(home, session.id))
    api.script(session.id, *edits(path, old, new, attempts))
    session.ask(f"make it {new}")
    recorded(home, session.id, before + 1)


def test_a_merge_that_would_conflict_is_reported_with_its_lines(
    client: Path, api: MessagesAPI, home: Home, project: Path, worktree: Path
) -> None:
    with Session(client, home, project) as first, Session(client, home, worktree) as second:
        run(home, api, first, project / "calc.py", "a + b", "b + a")
        run(home, api, second, worktree / "calc.py", "a + b", "sum((a, b))", attempts=2)
        first.ask("anything new?")
        assert "Merging the two now would conflict: line 2 here, line 2 there." in context(api, first)
        assert [each["level"] for each in status(home)["conflicts"]] == ["merge"]


def test_a_changed_signature_is_reported_to_the_session_that_calls_it(
    client: Path, api: MessagesAPI, home: Home, project: Path, worktree: Path
) -> None:
    (worktree / "app.py").write_text("from calc import add\n\n\ndef total(xs):\n    return 0\n")
    git(worktree, "add", "--all")
    git(worktree, "commit", "--quiet", "--message=app")
    with Session(client, home, project) as first, Session(client, home, worktree) as second:
        run(home, api, first, project / "calc.py", "def add(a, b):", "def add(a, b, c):")
        run(home, api, second, worktree / "app.py", "return 0", "return add(xs[0], xs[1])")
        second.ask("anything new?")
        assert "from `def add(a, b)" in context(api, second)
        assert "This session uses it: `total` in app.py, line 5." in context(api, second)
        first.ask("and now?")
        assert "`total` in app.py, line 5" in context(api, first)
        assert [each["level"] for each in status(home)["conflicts"]] == ["dependency"]


def test_a_merged_branch_is_silent(client: Path, api: MessagesAPI, home: Home, project: Path, worktree: Path) -> None:
    with Session(client, home, project) as first, Session(client, home, worktree) as second:
        run(home, api, first, project / "calc.py", "a + b", "b + a")
        git(project, "commit", "--quiet", "--all", "--message=turned")
        git(worktree, "merge", "--quiet", "main")
        run(home, api, second, worktree / "calc.py", "b + a", "sum((a, b))")
        first.ask("anything new?")
        assert ALERT not in context(api, first)
        assert status(home)["conflicts"] == [] or all(each["settled"] for each in status(home)["conflicts"])
