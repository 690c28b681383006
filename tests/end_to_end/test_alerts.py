import os
import signal
from pathlib import Path

import pytest

from tests.client.api import MessagesAPI, step, text
from tests.client.environment import Home
from tests.client.session import Session
from tests.end_to_end.stage import ALERT, context_sync, edit, edits, git, read, recorded, status

pytestmark = pytest.mark.client


def everything_shown(api: MessagesAPI, session: Session) -> str:
    return "\n".join(text for text in api.requests(session.id)[-1].texts())


def test_same_function_alerts_both_sides(client: Path, api: MessagesAPI, home: Home, project: Path) -> None:
    calc = project / "calc.py"
    with Session(client, home, project) as first, Session(client, home, project) as second:
        api.script(first.id, *edits(calc, "a + b", "b + a"))
        first.ask("turn the sum around")
        recorded(home, first.id)
        api.script(second.id, *edits(calc, "b + a", "sum((a, b))", attempts=2))
        second.ask("use sum")
        recorded(home, second.id)

        first.ask("anything new?")
        second.ask("and now?")

        context = everything_shown(api, first)
        assert context.count(ALERT) == 1
        assert f'`add` in calc.py: session "project-{second.id[:4]}" (branch main, in the same checkout)' in context
        context = everything_shown(api, second)
        assert context.count(ALERT) == 1
        assert f'session "project-{first.id[:4]}"' in context

        conflict = status(home)["conflicts"]
        assert [(each["path"], each["level"], each["symbols"]) for each in conflict] == [("calc.py", "symbol", ["add"])]
        assert sorted(conflict[0]["sessions"]) == sorted([first.id, second.id])


def test_alert_arrives_in_the_middle_of_a_turn(client: Path, api: MessagesAPI, home: Home, project: Path) -> None:
    calc = project / "calc.py"
    with Session(client, home, project) as first, Session(client, home, project) as second:
        api.script(second.id, *edits(calc, "b + a", "b + a + 0", attempts=2))

        def meanwhile() -> None:
            recorded(home, first.id)
            second.ask("touch add")
            recorded(home, second.id)

        api.script(
            first.id,
            step(read(calc)),
            step(edit(calc, "a + b", "b + a")),
            step(read(calc), before=meanwhile),
            step(text("Read it again.")),
        )
        api.script(second.id, step(text("Done.")))
        first.ask("turn the sum around")
        assert ALERT not in api.context(first.id, 2)
        assert ALERT in api.context(first.id, 3)


def test_different_functions_of_one_file_raise_no_symbol_alert(
    client: Path, api: MessagesAPI, home: Home, project: Path
) -> None:
    calc = project / "calc.py"
    with Session(client, home, project) as first, Session(client, home, project) as second:
        api.script(first.id, *edits(calc, "a + b", "b + a"))
        first.ask("turn the sum around")
        recorded(home, first.id)
        api.script(second.id, *edits(calc, "a - b", "-b + a"))
        second.ask("turn the difference around")
        recorded(home, second.id)
        first.ask("anything new?")
        second.ask("and now?")
        for session in (first, second):
            context = everything_shown(api, session)
            assert "`add`" not in context
            assert "`sub`" not in context
            assert context.count("changed other parts of this file") == 1
        assert [each["level"] for each in status(home)["conflicts"]] == ["file"]


def test_two_worktrees_are_one_repository(
    client: Path, api: MessagesAPI, home: Home, project: Path, worktree: Path
) -> None:
    with Session(client, home, project) as first, Session(client, home, worktree) as second:
        api.script(first.id, *edits(project / "calc.py", "a + b", "b + a"))
        first.ask("turn the sum around")
        recorded(home, first.id)
        api.script(second.id, *edits(worktree / "calc.py", "a + b", "sum((a, b))", attempts=2))
        second.ask("use sum")
        recorded(home, second.id)
        first.ask("anything new?")
        context = everything_shown(api, first)
        assert f'session "payments-{second.id[:4]}" (branch payments, in the worktree {worktree})' in context
        assert "`add` in calc.py" in context
        assert f'session "project-{first.id[:4]}" (branch main, in the worktree {project})' in everything_shown(
            api, second
        )


def test_killed_session_is_no_ghost(client: Path, api: MessagesAPI, home: Home, project: Path) -> None:
    calc = project / "calc.py"
    first, second = Session(client, home, project), Session(client, home, project)
    try:
        api.script(first.id, *edits(calc, "a + b", "b + a"))
        first.ask("turn the sum around")
        recorded(home, first.id)
        api.script(second.id, *edits(calc, "b + a", "sum((a, b))"))
        os.kill(first.process.pid, signal.SIGKILL)
        os.waitid(os.P_PID, first.process.pid, os.WEXITED | os.WNOWAIT)
        second.ask("use sum")
        recorded(home, second.id)
        second.ask("anything new?")
        assert ALERT not in everything_shown(api, second)
        found = status(home)
        assert [each["id"] for each in found["sessions"] if each["live"]] == [second.id]
        assert found["conflicts"] == []
    finally:
        first.kill()
        second.kill()


def test_committed_edit_raises_no_alert(client: Path, api: MessagesAPI, home: Home, project: Path) -> None:
    calc = project / "calc.py"
    with Session(client, home, project) as first, Session(client, home, project) as second:
        api.script(first.id, *edits(calc, "a + b", "b + a"))
        first.ask("turn the sum around")
        recorded(home, first.id)
        git(project, "commit", "--quiet", "--all", "--message=turned")
        api.script(second.id, *edits(calc, "a - b", "-b + a"))
        second.ask("turn the difference around")
        recorded(home, second.id)
        second.ask("anything new?")
        assert ALERT not in everything_shown(api, second)


def test_switched_off_leaves_nothing(client: Path, api: MessagesAPI, home: Home, project: Path) -> None:
    before = sorted((home.claude / "context-sync").rglob("*"))
    with Session(client, home, project, environment={"CONTEXT_SYNC": "0"}) as session:
        api.script(session.id, *edits(project / "calc.py", "a + b", "b + a"))
        session.ask("turn the sum around")
    assert sorted((home.claude / "context-sync").rglob("*")) == before
    assert context_sync(home, "status", "--json")
